import { sql, type SQL } from 'drizzle-orm';
import { latestPast } from './believable.ts';

/** Nights in a row, by the slots that were due. */
export interface NightsInRow {
  /** Oldest first. */
  slots: readonly Date[];
  /** When the last of them is over. */
  to: Date;
}

/**
 * Two parts of a `with` clause: `night`, with the number of each from 1, and `run`, every run of these nights with the
 * number of its night. A run belongs to the night of its slot; one by hand to that in which it began, by the database's
 * clock where its own was ahead.
 */
export function nightsAndRuns({ slots, to }: NightsInRow): SQL {
  const [from = to] = slots;
  const due = sql`(select array_agg(due order by due) from night)`;
  const isWithin = (column: string) =>
    sql`${sql.raw(column)} >= ${from.toISOString()}::timestamptz and ${sql.raw(column)} < ${to.toISOString()}::timestamptz`;
  const columns = sql`principal_id, id, state, changes, organizations`;
  return sql`
    night as materialized (
      select
        row_number() over (order by due)::int as number, due,
        lead(due, 1, ${to.toISOString()}::timestamptz) over (order by due) as until
      from (select value::timestamptz as due from jsonb_array_elements_text(${JSON.stringify(slots)}::jsonb)) as slot
    ),
    run as (
      select ${columns}, width_bucket(slot, ${due}) as number from rollcall.runs where ${isWithin('slot')}
      union all
      select ${columns}, width_bucket(started_at, ${due}) from rollcall.runs
      where slot is null and ${isWithin('started_at')}
      union all
      select ${columns}, width_bucket(heartbeat_at, ${due}) from rollcall.runs
      where slot is null and started_at > ${latestPast} and started_at >= ${to.toISOString()}::timestamptz
        and ${isWithin('heartbeat_at')}
    )`;
}

/**
 * What the runs of a night came to, in the words of `nightStates`, over a group of `run`; null while one that may yet be
 * complete is under way.
 */
export const stateOfRuns: SQL = sql`case
  when bool_or(run.state = 'complete')
    then case when sum(run.changes) filter (where run.state = 'complete') > 0 then 'changes' else 'quiet' end
  when bool_or(run.state = 'running') then null
  when bool_or(run.state in ('held', 'rejected', 'superseded')) then 'held'
  else 'failed'
end`;

/** Whether a night passed after the `principal` was first heard of: a clock that was ahead tells nothing. */
export const isKnownBy: SQL = sql`(night.until > principal.created_at or principal.created_at > ${latestPast})`;
