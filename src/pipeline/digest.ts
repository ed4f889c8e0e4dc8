import { eq, gt, lt, or } from 'drizzle-orm';
import * as z from 'zod';
import { type Context } from '../context.ts';
import { type Database } from '../database/database.ts';
import { principals, reports } from '../database/schema.ts';
import { latestPast } from '../history/believable.ts';
import { readInnerMatters } from '../history/inner-matters.ts';
import { listNights, type Period } from '../history/nights.ts';
import { composeDigests } from '../report/addressed.ts';
import { findLastDue, listSchedules } from '../schedule/in-force.ts';
import { findNewestSlot, type Schedule } from '../schedule/slots.ts';
import { listWorkers } from '../schedule/workers.ts';
import { findLastSlots } from './last-nights.ts';
import { oweAll, tellingOf } from './owe.ts';

const dayMs = 86_400_000;

const payload = z.object({ slot: z.coerce.date() });

/** More slots than any period has that somebody reads about. */
const slotsAtMost = 20_000;

/** Enqueues the newest digest of the last day, if it is still to be made. */
export async function enqueueMissedDigest({ config, db, queue }: Context, at: Date): Promise<void> {
  if (config.digest === null) return;
  const slot = findNewestSlot(config.digest, at, { ms: dayMs });
  if (slot === null || !(await isDigestDue(db, slot))) return;
  const due = slot.toISOString();
  await queue.enqueue(db, 'digest', [{ key: due, data: { slot: due } }]);
}

/** Makes the digest that a job of the queue names. */
export async function makeQueuedDigest(context: Context, data: unknown): Promise<'done'> {
  await oweDigest(context, payload.parse(data).slot);
  return 'done';
}

/** Makes the digest that waits, if one does: for a process that works without a worker. */
export function drainDigest(context: Context): Promise<void> {
  return context.queue.drain('digest', (data) => makeQueuedDigest(context, data), context.signal);
}

/** Whether the digest that was due at `slot` is still to be made: not if it has been, or nobody was known by then. */
async function isDigestDue(db: Database, slot: Date): Promise<boolean> {
  const made = await db.select({ id: reports.id }).from(reports).where(eq(reports.slot, slot)).limit(1);
  const known = await db
    .select({ id: principals.id })
    .from(principals)
    .where(or(lt(principals.createdAt, slot), gt(principals.createdAt, latestPast)))
    .limit(1);
  return made.length === 0 && known.length > 0;
}

/** Owes everybody the digest that was due at `slot`, if it still is. */
async function oweDigest({ config, db, queue, now }: Context, slot: Date): Promise<void> {
  if (config.digest === null) return;
  const names = config.principals.map(({ name }) => name);
  const { digest: due, schedule } = config;
  await db.transaction(async (tx) => {
    if (!(await isDigestDue(tx, slot))) return;
    const period = await planPeriod(tx, slot, { digest: due, schedule });
    const digest = {
      from: period.from,
      to: period.to,
      principals: await listNights(tx, names, period),
      inner: await readInnerMatters(tx, names, period),
    };
    const about = { runId: null, principalId: null, slot };
    const setting = { config, queue, now: now() };
    await oweAll(tx, composeDigests(digest, tellingOf(config)), { about, setting });
  });
}

/** From the digest before this one, or for a week, up to this one. */
async function planPeriod(
  tx: Database,
  slot: Date,
  { digest, schedule }: { digest: Schedule; schedule: Schedule },
): Promise<Period> {
  const before = findNewestSlot(digest, new Date(slot.getTime() - 1), { ms: 33 * dayMs });
  const from = before ?? new Date(slot.getTime() - 7 * dayMs);
  const schedules = listSchedules(await listWorkers(tx), schedule, slot);
  const last = new Date(slot.getTime() - 1);
  const slots = findLastDue(schedules, last, { count: slotsAtMost, ms: last.getTime() - from.getTime() });
  return { from, to: slot, slots, lastSlots: findLastSlots(schedules, last) };
}
