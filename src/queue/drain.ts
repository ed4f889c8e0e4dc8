import { type Job, type PgBoss } from 'pg-boss';
import { NotDone } from './not-done.ts';
import { type Handler } from './queue.ts';
import { type QueueName } from './queues.ts';

/** Which jobs to do and how, and what ends it before all are done. */
export interface DrainOptions {
  handle: Handler;
  signal: AbortSignal;
  /** Milliseconds between two signs of life for the jobs in hand. */
  heartbeatMs: number;
  /** Only jobs of exactly this priority. Default: all. */
  priority?: number;
}

/**
 * Does every job that waits, each once. One that is not done is kept in hand to the end, and then given back: given
 * back at once, it would be the next to be taken.
 */
export async function drainQueue(
  boss: PgBoss,
  name: QueueName,
  { handle, signal, heartbeatMs, priority }: DrainOptions,
): Promise<void> {
  const inHand = new Set<Job>();
  const only = priority === undefined ? {} : { minPriority: priority, maxPriority: priority };
  const heartbeat = setInterval(() => {
    // One that fails is only missed: the job's outcome needs the database anyway, and says so.
    if (inHand.size > 0) boss.touch(name, [...inHand]).catch(() => undefined);
  }, heartbeatMs);
  try {
    while (!signal.aborted) {
      const [job] = await boss.fetch<object>(name, { ignoreStartAfter: true, ...only });
      if (job === undefined) break;
      inHand.add(job);
      if ((await handle(job.data, signal)) === 'later') continue;
      await boss.complete(name, job);
      inHand.delete(job);
    }
  } finally {
    clearInterval(heartbeat);
    if (inHand.size > 0) await giveBack(boss, name, [...inHand]);
  }
}

async function giveBack(boss: PgBoss, name: QueueName, jobs: readonly Job[]): Promise<void> {
  await boss.fail(name, [...jobs], new NotDone());
}
