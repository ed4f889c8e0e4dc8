import { type Queue as QueueOptions } from 'pg-boss';

/** What waits to be done: a principal's run, a delivery, a digest, a verification of the history, a pruning. */
export type QueueName = 'snapshot' | 'deliver' | 'digest' | 'verify' | 'prune';

const day = 86_400;

/** Of what goes over years of nights at once: the weekly verification, and pruning when retention is set for the first time. */
const overWholeHistory: Omit<QueueOptions, 'name'> = {
  policy: 'exclusive',
  heartbeatSeconds: 60,
  expireInSeconds: 6 * 3600,
  retryLimit: 3,
  retryDelay: 600,
  retentionSeconds: day,
  deleteAfterSeconds: day,
};

/**
 * How each queue keeps its promise. `exclusive` refuses a second job of the same key while one waits or is under way.
 * A job whose process no longer says that it lives is handed on after `heartbeatSeconds`, and one that hangs after
 * `expireInSeconds`, which lies beyond the deadline that the work itself has.
 */
export const queues: Readonly<Record<QueueName, Omit<QueueOptions, 'name'>>> = {
  snapshot: {
    policy: 'exclusive',
    heartbeatSeconds: 60,
    expireInSeconds: 40 * 60,
    // Every quarter of a minute for a day: the principal is busy, or its run was interrupted.
    retryLimit: 4 * 60 * 24,
    retryDelay: 15,
    retentionSeconds: day,
    deleteAfterSeconds: day,
  },
  deliver: {
    policy: 'exclusive',
    heartbeatSeconds: 30,
    expireInSeconds: 120,
    // From a minute to an hour; when to give up is the ledger's to say, long before this many.
    retryLimit: 1000,
    retryDelay: 60,
    retryBackoff: true,
    retryDelayMax: 3600,
    retentionSeconds: 14 * day,
    deleteAfterSeconds: day,
  },
  digest: {
    policy: 'exclusive',
    heartbeatSeconds: 60,
    expireInSeconds: 300,
    retryLimit: 24,
    retryDelay: 60,
    retryBackoff: true,
    retryDelayMax: 3600,
    // Longer than from one `run` to the next, should a process die while it makes one.
    retentionSeconds: 7 * day,
    deleteAfterSeconds: day,
  },
  verify: overWholeHistory,
  prune: overWholeHistory,
};

/** Every queue that there is; each is made when the queue is opened. */
export const queueNames = [
  'snapshot',
  'deliver',
  'digest',
  'verify',
  'prune',
] as const satisfies readonly QueueName[];
