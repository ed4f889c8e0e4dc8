import { enqueueMissedDigest, makeQueuedDigest } from '../src/pipeline/digest.ts';
import { type Job } from './job.ts';

/** Weekly: what the nights came to, sent also when nothing happened. */
export const digestJob: Job = {
  name: 'digest',
  clock: {
    schedule: ({ digest }) => digest,
    tick: (context, at) => enqueueMissedDigest(context, at),
  },
  work: { queue: 'digest', atOnce: 1, handle: makeQueuedDigest },
};
