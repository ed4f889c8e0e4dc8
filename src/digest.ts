import { eq } from 'drizzle-orm';
import { type Context } from './context.ts';
import { type Database } from './database/database.ts';
import { reports } from './database/schema.ts';
import { oweReport } from './deliver/ledger.ts';
import { listNights, type Period } from './history/nights.ts';
import { composeDigests } from './report/reports.ts';
import { findNewestSlot, findNextSlots, type Schedule } from './schedule/slots.ts';

const dayMs = 86_400_000;

/** More slots than any period has that somebody reads about. */
const slotsAtMost = 20_000;

/** Whether the digest that was due at `slot` has been made. */
export async function hasDigest(db: Database, slot: Date): Promise<boolean> {
  const found = await db.select({ id: reports.id }).from(reports).where(eq(reports.slot, slot)).limit(1);
  return found.length > 0;
}

/** Owes everybody the digest that was due at `slot`, unless it has been made. */
export async function oweDigest({ config, db, queue, now }: Context, slot: Date): Promise<void> {
  if (config.digest === null) return;
  const period = planPeriod(config.digest, slot, config.schedule);
  const names = config.principals.map(({ name }) => name);
  await db.transaction(async (tx) => {
    if (await hasDigest(tx, slot)) return;
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
