import { deliverJob } from './deliver.ts';
import { digestJob } from './digest.ts';
import { type Job } from './job.ts';
import { snapshotJob } from './snapshot.ts';
import { watchdogJob } from './watchdog.ts';

/** Everything that the worker does. */
export const jobs: readonly Job[] = [snapshotJob, deliverJob, watchdogJob, digestJob];
