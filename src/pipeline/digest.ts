import { eq, lt } from 'drizzle-orm';
import { type Context } from '../context.ts';
import { type Database } from '../database/database.ts';
import { principals, reports } from '../database/schema.ts';
import { oweReport } from '../deliver/ledger.ts';
import { listNights, type Period } from '../history/nights.ts';
import { composeDigests } from '../report/addressed.ts';
import { findNewestSlot, findNextSlots, type Schedule } from '../schedule/slots.ts';

const dayMs = 86_400_000;

/** More slots than any period has that somebody reads about. */
const slotsAtMost = 20_000;

/** Whether the digest that was due at `slot` is still to be made: not if it has been, or nobody was known by then. */
export async function isDigestDue(db: Database, slot: Date): Promise<boolean> {
  const made = await db.select({ id: reports.id }).from(reports).where(eq(reports.slot, slot)).limit(1);
  const known = await db
    .select({ id: principals.id })
    .from(principals)
    .where(lt(principals.createdAt, slot))
    .limit(1);
  return made.length === 0 && known.length > 0;
}

/** Owes everybody the digest that was due at `slot`, if it still is. */
export async function oweDigest({ config, db, queue, now }: Context, slot: Date): Promise<void> {
  if (config.digest === null) return;
  const period = planPeriod(config.digest, slot, config.schedule);
  const names = config.principals.map(({ name }) => name);
  await db.transaction(async (tx) => {
    if (!(await isDigestDue(tx, slot))) return;
    const digest = { ...period, principals: await listNights(tx, names, period) };
    for (const report of composeDigests(digest, config.audiences)) {
      const about = { runId: null, principalId: null, slot, createdAt: now() };
      await oweReport(tx, { ...report, ...about }, { queue, mailFrom: config.mailFrom });
    }
  });
}

/** From the digest before this one, or for a week, up to this one. */
function planPeriod(digest: Schedule, slot: Date, schedule: Schedule): Period {
  const before = findNewestSlot(digest, new Date(slot.getTime() - 1), { ms: 31 * dayMs });
  const from = before ?? new Date(slot.getTime() - 7 * dayMs);
  const slots = findNextSlots(schedule, new Date(from.getTime() - 1), slotsAtMost);
  return { from, to: slot, slots: slots.filter((due) => due < slot) };
}
