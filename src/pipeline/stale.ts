import { eq } from 'drizzle-orm';
import { type Context } from '../context.ts';
import { type Database } from '../database/database.ts';
import { principals } from '../database/schema.ts';
import { oweReport } from '../deliver/ledger.ts';
import { isReminderDue } from '../domain/reminder.ts';
import { findTrouble } from '../history/trouble.ts';
import { composeStaleReports } from '../report/addressed.ts';
import { findNextSlots, type Schedule } from '../schedule/slots.ts';

/** How much later than its slot a complete run may come before its principal counts as stale. */
const patienceMs = 6 * 3_600_000;

/**
 * Reports every principal that has had no complete run for longer than its schedule and six hours more: once, then
 * daily while it lasts. A failure or a hold that was reported in the meantime counts, so that nobody is told twice a day.
 */
export async function reportStale(context: Context, at: Date): Promise<void> {
  const { config, db, queue } = context;
  for (const { name } of config.principals) {
    await db.transaction(async (tx) => {
      const principal = await lockPrincipal(tx, name, at);
      const { lastComplete, reportedAt, missedRuns } = await findTrouble(tx, principal.id);
      const since = lastComplete?.finishedAt ?? principal.createdAt;
      if (!isStale(since, config.schedule, at) || !isReminderDue(reportedAt, at)) return;
      const told = { principal: name, since, at, lastComplete, missedRuns };
      for (const report of composeStaleReports(told, config.audiences)) {
        const about = { runId: null, principalId: principal.id, slot: null, createdAt: at };
        await oweReport(tx, { ...report, ...about }, { queue, mailFrom: config.mailFrom });
      }
    });
  }
}

/** Whether the first slot after `since` is so long over that a complete run should have come of it. */
export function isStale(since: Date, schedule: Schedule, at: Date): boolean {
  const [due] = findNextSlots(schedule, since, 1);
  return due !== undefined && at.getTime() - due.getTime() > patienceMs;
}

/** The principal, kept from other watchdogs until the transaction ends; one that is new is remembered from now on. */
async function lockPrincipal(tx: Database, name: string, at: Date) {
  await tx.insert(principals).values({ name, createdAt: at }).onConflictDoNothing();
  const [principal] = await tx
    .select()
    .from(principals)
    .where(eq(principals.name, name))
    .for('no key update');
  if (principal === undefined) throw new Error(`The principal ${name} vanished while it was looked at.`);
  return principal;
}
