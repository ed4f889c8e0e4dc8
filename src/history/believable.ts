import { sql, type SQL } from 'drizzle-orm';
import { clockToleranceMs } from '../domain/clock-ahead.ts';

/** The instant after which nothing can have happened yet, by the database's clock. */
export const latestPast: SQL = sql`now() + make_interval(secs => ${sql.raw(String(clockToleranceMs / 1000))})`;

/**
 * When a run of this alias ended, by a clock that can be believed; null where none can. A worker's clock that was ahead
 * makes ends that are still to come, and pushes those after it behind its own. Then the last sign of life will do, which
 * the database's clock tells, or the start.
 */
export function believableEnd(run: string): SQL {
  const { finishedAt, heartbeatAt, startedAt } = columnsOf(run);
  return sql`case
    when ${finishedAt} <= ${latestPast} then ${finishedAt}
    when ${heartbeatAt} <= ${latestPast} then ${heartbeatAt}
    when ${startedAt} <= ${latestPast} then ${startedAt}
  end`;
}

/** Seconds that a run of this alias took, of which start and end may be by two clocks. */
export function believableSeconds(run: string): SQL {
  const { finishedAt, startedAt } = columnsOf(run);
  return sql`extract(epoch from case
    when ${startedAt} > ${latestPast} then ${finishedAt} - ${startedAt}
    else greatest(${believableEnd(run)} - ${startedAt}, interval '0')
  end)::float8`;
}

/** Seconds by which the end of a run of this alias is still to come; 0 where it is over. */
export function secondsAhead(run: string): SQL {
  const { finishedAt } = columnsOf(run);
  return sql`case when ${finishedAt} > ${latestPast} then extract(epoch from ${finishedAt} - now())::float8 else 0 end`;
}

function columnsOf(run: string) {
  const column = (name: string) => sql.raw(`${run}.${name}`);
  return {
    finishedAt: column('finished_at'),
    heartbeatAt: column('heartbeat_at'),
    startedAt: column('started_at'),
  };
}
