import { deliverJob } from './deliver.ts';
import { digestJob } from './digest.ts';
import { type Job } from './job.ts';
import { presenceJob } from './presence.ts';
import { pruneJob } from './prune.ts';
import { snapshotJob } from './snapshot.ts';
import { verifyJob } from './verify.ts';
import { watchdogJob } from './watchdog.ts';

/** Everything that the worker does. The watchdog, at start, judges by what was there before. */
export const jobs: readonly Job[] = [
  presenceJob,
  snapshotJob,
  deliverJob,
  watchdogJob,
  digestJob,
  verifyJob,
  pruneJob,
];
