import { inArray, sql, type SQL } from 'drizzle-orm';
import { type Database, queryRows } from '../database/database.ts';
import { type Gap, isGap, nearMs, type ShortRun } from '../domain/gap.ts';

/** Whose gaps to find, and when; what is left out narrows nothing. */
export interface GapFilter {
  /** Names. */
  principals?: readonly string[];
  /** Those that lasted beyond this instant. */
  since?: Date;
  /** Those that began before this instant. */
  until?: Date;
}

interface Row extends Record<string, unknown> {
  principal: string;
  retiredAtMs: number | null;
  fromMs: number;
  toMs: number | null;
  endedRunId: number | null;
  isScheduled: boolean;
  shortRuns: readonly ShortRun[];
  usualMs: number | null;
}

/**
 * The gaps between complete runs, and those that last at `now`, by the time at which they began. One that lasts because its
 * principal is retired is among them, and says so.
 */
export async function listGaps(db: Database, filter: GapFilter, now: Date): Promise<Gap[]> {
  const rows = await db.transaction(async (tx) => {
    // For what it may at most read, which it does not, PostgreSQL would compile the question longer than it takes.
    await tx.execute(sql`select set_config('jit', 'off', true)`);
    return queryRows<Row>(tx, stretchesQuery(filter, now));
  });
  const stretches = rows.map(({ retiredAtMs, fromMs, toMs, ...row }) => ({
    ...row,
    from: new Date(fromMs),
    to: toMs === null ? null : new Date(toMs),
    retiredAt: toMs === null && retiredAtMs !== null ? new Date(retiredAtMs) : null,
  }));
  return stretches
    .filter((stretch) => stretch.retiredAt !== null || isGap(stretch, now))
    .map(({ isScheduled: _, usualMs: __, ...gap }) => gap);
}

/** How many complete runs on either side tell what is usual. */
const neighbours = 10;

/** The stretches that may be gaps: those with a run that ended short, and those that are long. */
function stretchesQuery(filter: GapFilter, now: Date): SQL {
  return sql`
    with stretch as (${stretches(filter)}),
    suspect as materialized (
      select * from stretch
      where coalesce(to_at, ${now.toISOString()}::timestamptz) - from_at > make_interval(secs => ${nearMs / 1000}::float8)
        or (to_at is null and retired_at is not null)
        or exists (select ${shortRunsOf('stretch')})
    )
    select
      principal, (extract(epoch from retired_at) * 1000)::float8 as "retiredAtMs",
      (extract(epoch from from_at) * 1000)::float8 as "fromMs", (extract(epoch from to_at) * 1000)::float8 as "toMs",
      to_id::float8 as "endedRunId", is_scheduled as "isScheduled",
      (
        select coalesce(json_agg(json_build_object('id', id, 'state', state, 'isByHand', slot is null) order by id), '[]')
        ${shortRunsOf('suspect')}
      ) as "shortRuns",
      (
        select percentile_disc(0.5) within group (
          order by (extract(epoch from run.finished_at - earlier.finished_at) * 1000)::float8
        )
        from (${besideSuspect}) as run
        join rollcall.runs as earlier
          on earlier.principal_id = suspect.principal_id and earlier.id = run.baseline_run_id
      ) as "usualMs"
    from suspect
    order by from_at, principal`;
}

/** Where the runs in a stretch are that ended short. The greatest number there is stands for no end, for the index's sake. */
function shortRunsOf(stretch: 'stretch' | 'suspect'): SQL {
  return sql`
    from rollcall.runs as run
    where run.principal_id = ${sql.raw(stretch)}.principal_id
      and run.id > from_id and run.id < coalesce(to_id, ${sql.raw(String(2n ** 63n - 1n))})
      and run.state not in ('running', 'complete') and not run.abandoned`;
}

function stretches({ principals, since, until }: GapFilter): SQL {
  // One by one, so that PostgreSQL knows how few they are.
  const isMeant = principals === undefined ? sql`true` : inArray(sql`principal.name`, [...principals]);
  const begins = (end: SQL) =>
    until === undefined ? sql`true` : sql`${end} < ${until.toISOString()}::timestamptz`;
  // No run takes a day: so those since an instant are found by when they began.
  const lasts =
    since === undefined
      ? sql`true`
      : sql`later.finished_at > ${since.toISOString()}::timestamptz
          and later.started_at > ${since.toISOString()}::timestamptz - interval '1 day'`;
  return sql`
    select
      principal.name as principal, principal.retired_at, principal.id as principal_id,
      earlier.id as from_id, earlier.finished_at as from_at, later.id as to_id, later.finished_at as to_at,
      earlier.slot is not null and later.slot is not null as is_scheduled
    from rollcall.principals as principal
    join rollcall.runs as later on later.principal_id = principal.id and later.state = 'complete'
    join rollcall.runs as earlier
      on earlier.principal_id = principal.id and earlier.id = later.baseline_run_id
    where ${isMeant} and ${lasts} and ${begins(sql`earlier.finished_at`)}
    union all
    select
      principal.name, principal.retired_at, principal.id,
      newest.id, newest.finished_at, null, null, newest.slot is not null
    from rollcall.principals as principal
    cross join lateral (
      select id, finished_at, slot from rollcall.runs
      where principal_id = principal.id and state = 'complete' order by id desc limit 1
    ) as newest
    where ${isMeant} and ${begins(sql`newest.finished_at`)}`;
}

/** The complete runs before and after a stretch, that one left out. */
const besideSuspect = sql`
  (
    select finished_at, baseline_run_id from rollcall.runs
    where principal_id = suspect.principal_id and state = 'complete' and id <= from_id
    order by id desc limit ${sql.raw(String(neighbours))}
  )
  union all
  (
    select finished_at, baseline_run_id from rollcall.runs
    where principal_id = suspect.principal_id and state = 'complete' and id > to_id
    order by id limit ${sql.raw(String(neighbours))}
  )`;
