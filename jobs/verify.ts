import { enqueueVerification, verifyQueued } from '../src/pipeline/verify.ts';
import { type Job } from './job.ts';

/** Weekly, early on Sunday: recomputes the whole history, and reports what does not match as a failure. */
export const verifyJob: Job = {
  name: 'verify',
  clock: {
    schedule: ({ schedule }) => ({ expression: '30 4 * * 0', timezone: schedule.timezone }),
    tick: (context, at) => enqueueVerification(context, at),
  },
  work: { queue: 'verify', atOnce: 1, handle: verifyQueued },
};
