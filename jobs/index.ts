import { deliverJob } from './deliver.ts';
import { type Job } from './job.ts';
import { snapshotJob } from './snapshot.ts';

/** Everything that the worker does on a schedule. */
export const jobs: readonly Job[] = [snapshotJob, deliverJob];
