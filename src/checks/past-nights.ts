import { sql } from 'drizzle-orm';
import { type Database, queryRows } from '../database/database.ts';
import { isReminderDue } from '../domain/reminder.ts';
import { type RunState } from '../domain/run.ts';
import { type ScopedChange } from '../report/scope.ts';

/** How many days back routes are judged by. */
export const pastNights = 30;

const dayMs = 86_400_000;

/** A run of the last nights that ended, with as much of it as decides what is told. */
export interface PastNight {
  principal: string;
  state: RunState;
  /** Whether it was the principal's first complete one. */
  isBaseline: boolean;
  endedAt: Date;
  /** Counted by kind and by the roles that they are about. */
  changes: readonly (ScopedChange & { count: number })[];
}

/** The runs of the {@link pastNights} before `now`, in the order in which they began. */
export async function readPastNights(tx: Database, now: Date): Promise<PastNight[]> {
  type Row = Omit<PastNight, 'endedAt'> & { endedAtMs: number } & Record<string, unknown>;
  const since = new Date(now.getTime() - pastNights * dayMs).toISOString();
  const found = await queryRows<Row>(
    tx,
    sql`
      select
        principal.name as principal, run.state,
        run.state = 'complete' and run.baseline_run_id is null as "isBaseline",
        extract(epoch from run.finished_at)::float8 * 1000 as "endedAtMs",
        coalesce(told.changes, '[]') as changes
      from rollcall.runs as run
      join rollcall.principals as principal on principal.id = run.principal_id
      left join lateral (
        select json_agg(counted) as changes
        from (
          select
            kind, added, removed, offered, super_administrator as "superAdministrator", count(*)::int as count
          from rollcall.changes where run_id = run.id and kind <> 'permissions_changed'
          group by kind, added, removed, offered, super_administrator
          union all
          select kind, '{}', '{}', '{}', null, count(*)::int
          from rollcall.changes where run_id = run.id and kind = 'permissions_changed'
          group by kind
        ) as counted
      ) as told on run.changes > 0
      where run.started_at >= ${since}::timestamptz and run.state <> 'running' and not run.abandoned
      order by run.id`,
  );
  return found.map(({ endedAtMs, ...night }) => ({ ...night, endedAt: new Date(endedAtMs) }));
}

/**
 * How many reports of trouble some runs of one principal make: the first of a row that failed or was held, then one each
 * day while it lasts, and the recovery. Of silence and of a history that does not match there is nothing in runs.
 */
export function countTroubleReports(nights: readonly Pick<PastNight, 'state' | 'endedAt'>[]): number {
  let reportedAt: Date | null = null;
  let reports = 0;
  for (const { state, endedAt } of nights) {
    const isTold: boolean = state === 'complete' ? reportedAt !== null : isReminderDue(reportedAt, endedAt);
    if (isTold) reports += 1;
    if (state === 'complete') reportedAt = null;
    else if (isTold) reportedAt = endedAt;
  }
  return reports;
}
