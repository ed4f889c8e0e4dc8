import { enqueuePruning, prune } from '../src/pipeline/prune.ts';
import { type Job } from './job.ts';

/** Daily, where `retention` is set: deletes the history that is older. */
export const pruneJob: Job = {
  name: 'prune',
  clock: {
    schedule: ({ retentionMs, schedule }) =>
      retentionMs === null ? null : { expression: '15 5 * * *', timezone: schedule.timezone },
    tick: (context, at) => enqueuePruning(context, at),
  },
  work: { queue: 'prune', atOnce: 1, handle: prune },
};
