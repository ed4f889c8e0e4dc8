import { type Context } from '../context.ts';
import { keepPrincipal } from '../database/known-principal.ts';
import { isReminderDue } from '../domain/reminder.ts';
import { findTrouble } from '../history/trouble.ts';
import { composeStaleReports } from '../report/addressed.ts';
import { listSchedules } from '../schedule/in-force.ts';
import { isStale } from '../schedule/stale.ts';
import { listWorkers } from '../schedule/workers.ts';
import { readLastNights } from './last-nights.ts';
import { oweAll, tellingOf } from './owe.ts';

/**
 * Reports every principal that has had no complete run for longer than its schedule and six hours more: once, then
 * daily while it lasts. A failure or a hold that was reported in the meantime counts, so that nobody is told twice a day.
 * Of a retired one, silence is what is expected.
 */
export async function reportStale(context: Context, at: Date): Promise<void> {
  const { config, db, queue } = context;
  const schedules = listSchedules(await listWorkers(db), config.schedule, at);
  for (const { name } of config.principals) {
    await db.transaction(async (tx) => {
      const principal = await keepPrincipal(tx, name, at);
      if (principal.retiredAt !== null) return;
      const { lastComplete, lastCompleteAt, reportedAt, missedRuns } = await findTrouble(tx, principal.id);
      const since = lastCompleteAt ?? principal.createdAt;
      if (!isStale(since, schedules, at) || !isReminderDue(reportedAt, at)) return;
      const nights = await readLastNights(tx, name, { config, now: at });
      const told = { principal: name, since, at, lastComplete, missedRuns, nights };
      const about = { runId: null, principalId: principal.id };
      const setting = { config, queue, now: at };
      await oweAll(tx, composeStaleReports(told, tellingOf(config)), { about, setting });
    });
  }
}
