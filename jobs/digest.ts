import { z } from 'zod';
import { type Context } from '../src/context.ts';
import { isDigestDue, oweDigest } from '../src/pipeline/digest.ts';
import { findNewestSlot } from '../src/schedule/slots.ts';
import { type Job } from './job.ts';

const dayMs = 86_400_000;

const payload = z.object({ slot: z.coerce.date() });

/** Weekly: what the nights came to, sent also when nothing happened. */
export const digestJob: Job = {
  name: 'digest',
  clock: {
    schedule: ({ digest }) => digest,
    tick: (context, at) => enqueueMissedDigest(context, at),
  },
  work: {
    queue: 'digest',
    atOnce: 1,
    async handle(context, data) {
      await oweDigest(context, payload.parse(data).slot);
      return 'done';
    },
  },
};

/** Enqueues the newest digest of the last day, if it is still to be made. */
export async function enqueueMissedDigest({ config, db, queue }: Context, at: Date): Promise<void> {
  if (config.digest === null) return;
  const slot = findNewestSlot(config.digest, at, { ms: dayMs });
  if (slot === null || !(await isDigestDue(db, slot))) return;
  const due = slot.toISOString();
  await queue.enqueue(db, 'digest', [{ key: due, data: { slot: due } }]);
}

/** Makes the digest that waits, if one does: for a process that works without a worker. */
export function drainDigest(context: Context): Promise<void> {
  const handle = async (data: unknown) => {
    await oweDigest(context, payload.parse(data).slot);
    return 'done' as const;
  };
  return context.queue.drain('digest', handle, context.signal);
}
