import { eq } from 'drizzle-orm';
import { type Context } from '../context.ts';
import { type Database } from '../database/database.ts';
import { principals } from '../database/schema.ts';
import { oweReport } from '../deliver/owe.ts';
import { isReminderDue } from '../domain/reminder.ts';
import { findTrouble } from '../history/trouble.ts';
import { composeStaleReports } from '../report/addressed.ts';
import { isStale } from '../schedule/stale.ts';

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
