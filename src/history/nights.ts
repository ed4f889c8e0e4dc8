import { sql, type SQL } from 'drizzle-orm';
import { type Database, queryRows } from '../database/database.ts';
import { type PrincipalNights } from '../domain/nights.ts';
import { believableEnd, latestPast } from './believable.ts';
import { listLastNights } from './last-nights.ts';
import { listNightChanges } from './night-changes.ts';
import { isKnownBy, nightsAndRuns, type NightsInRow, stateOfRuns } from './night-runs.ts';
import { readRollFacts } from './roll-facts.ts';

/** The nights of a period, by the slots that were due in it. */
export interface Period extends NightsInRow {
  from: Date;
  /** The last nights up to its end, be they in it or not: those that are told of one by one. */
  lastSlots: readonly Date[];
}

type Told = 'nights' | 'nightChanges' | 'superAdministrators' | 'oldestInvitation' | 'oldInvitations';

interface Row extends Omit<PrincipalNights, Told | 'aheadUntil' | 'heldRun' | 'knownSince' | 'lastComplete'> {
  aheadUntilMs: number | null;
  knownSinceMs: number | null;
  lastCompleteMs: number | null;
  heldRun: { runId: number; atMs: number } | null;
}

/** The nights of these principals in a period, by name. One that was never heard of, or is retired, has none. */
export async function listNights(
  db: Database,
  names: readonly string[],
  period: Period,
): Promise<PrincipalNights[]> {
  const found = await queryRows<Row & Record<string, unknown>>(db, nightsQuery(names, period));
  const last = { slots: period.lastSlots, to: period.to };
  const nights = await listLastNights(db, names, last);
  const nightChanges = await listNightChanges(db, names, last);
  const facts = await readRollFacts(db, names, period.to);
  return found.map(({ aheadUntilMs, knownSinceMs, lastCompleteMs, heldRun, ...row }) => ({
    ...row,
    nights: nights.get(row.principal) ?? [],
    nightChanges: nightChanges.get(row.principal) ?? [],
    superAdministrators: 0,
    oldestInvitation: null,
    oldInvitations: 0,
    ...facts.get(row.principal),
    knownSince: dateOf(knownSinceMs),
    lastComplete: dateOf(lastCompleteMs),
    heldRun: heldRun === null ? null : { runId: heldRun.runId, at: new Date(heldRun.atMs) },
    aheadUntil: dateOf(aheadUntilMs),
  }));
}

function dateOf(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}

const msOf = (instant: SQL) => sql`(extract(epoch from ${instant}) * 1000)::float8`;

function nightsQuery(names: readonly string[], period: Period): SQL {
  const nightsThat = (isMeant: string) => sql`(count(*) filter (where ${sql.raw(isMeant)}))::int`;
  return sql`
      with principal as (
        select id, name, created_at from rollcall.principals
        where name in (select jsonb_array_elements_text(${JSON.stringify(names)}::jsonb)) and retired_at is null
      ),
      ${nightsAndRuns(period)},
      ran as (
        select principal_id, number, ${stateOfRuns} as state from run group by principal_id, number
      ),
      tally as (
        select
          principal.id,
          ${nightsThat(`state in ('quiet', 'changes')`)} as complete,
          ${nightsThat(`state = 'held'`)} as held,
          ${nightsThat(`state = 'failed'`)} as failed,
          ${nightsThat(`ran.number is null`)} as missed
        from principal
        join night on ${isKnownBy}
        left join ran on ran.principal_id = principal.id and ran.number = night.number
        group by principal.id
      ),
      change as (${changesQuery(period)}),
      counted as (
        select principal_id, kind, category, added, removed, offered, super_administrator, count(*)::int as count
        from change group by principal_id, kind, category, added, removed, offered, super_administrator
      ),
      changed as (
        select principal_id, json_agg(json_build_object(
          'kind', kind, 'category', category, 'added', added, 'removed', removed, 'offered', offered,
          'superAdministrator', super_administrator, 'count', count
        )) as changes
        from counted group by principal_id
      )
      select
        name as principal,
        coalesce(tally.complete, 0) as complete,
        coalesce(tally.held, 0) as held,
        coalesce(tally.failed, 0) as failed,
        coalesce(tally.missed, 0) as missed,
        coalesce(changed.changes, '[]') as changes,
        coalesce(newest.members, 0) as members,
        coalesce(newest.invited, 0) as invited,
        coalesce(newest.organizations - newest.members - newest.invited, 0) as other,
        ${msOf(sql`case when principal.created_at <= ${latestPast} then principal.created_at end`)} as "knownSinceMs",
        ${msOf(sql`ended_well.at`)} as "lastCompleteMs",
        waiting.run as "heldRun",
        ${mismatchReported(period)} as "isMismatched",
        ${msOf(sql`newest."aheadUntil"`)} as "aheadUntilMs",
        newest.chain
      from principal
      left join tally on tally.id = principal.id
      left join changed on changed.principal_id = principal.id
      ${standing}
      order by name`;
}

/** How a `principal` stands now: its newest complete run, the newest that ended by a clock to be believed, the one that waits. */
const standing = sql`
      left join lateral (
        select
          chain, organizations, members, invited,
          case when finished_at > ${latestPast} then finished_at end as "aheadUntil"
        from rollcall.runs
        where principal_id = principal.id and state = 'complete' order by id desc limit 1
      ) as newest on true
      left join lateral (
        select ${believableEnd('run')} as at from rollcall.runs as run
        where principal_id = principal.id and state = 'complete' and ${believableEnd('run')} is not null
        order by id desc limit 1
      ) as ended_well on true
      left join lateral (
        select json_build_object('runId', id::float8, 'atMs', ${msOf(sql`finished_at`)}) as run from rollcall.runs
        where principal_id = principal.id and state = 'held' order by id desc limit 1
      ) as waiting on true`;

/** The changes of a period: also those that a clock that was ahead noted as still to come. */
function changesQuery({ from, to }: Pick<Period, 'from' | 'to'>): SQL {
  const columns = sql`
    change.principal_id, kind, category, offered, super_administrator,
    case when kind = 'permissions_changed' then '{}' else added end as added,
    case when kind = 'permissions_changed' then '{}' else removed end as removed`;
  return sql`
    select ${columns} from rollcall.changes as change
    where not_after >= ${from.toISOString()}::timestamptz and not_after < ${to.toISOString()}::timestamptz
    union all
    select ${columns} from rollcall.changes as change
    join rollcall.runs as run on run.id = change.run_id
    cross join lateral (select ${believableEnd('run')} as at) as seen
    where not_after > ${latestPast} and not_after >= ${to.toISOString()}::timestamptz
      and seen.at >= ${from.toISOString()}::timestamptz and seen.at < ${to.toISOString()}::timestamptz`;
}

/**
 * Whether the weekly verification has reported the principal in the period. Nothing but it reports a failure of a run that is
 * complete, or long after a run has ended; where it had no run to name, the command that it names tells it from silence.
 */
function mismatchReported({ from, to }: Pick<Period, 'from' | 'to'>): SQL {
  return sql`exists (
    select from rollcall.reports as report
    left join rollcall.runs as about on about.id = report.run_id
    where report.principal_id = principal.id and report.kind = 'failure'
      and report.created_at >= ${from.toISOString()}::timestamptz
      and report.created_at < ${to.toISOString()}::timestamptz
      and (
        about.state = 'complete' or report.created_at > about.finished_at + interval '1 minute'
        or (report.run_id is null and strpos(report.text, 'verify --principal ') > 0)
      )
  )`;
}
