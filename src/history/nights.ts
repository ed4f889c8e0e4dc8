import { sql, type SQL } from 'drizzle-orm';
import { type Database, queryRows } from '../database/database.ts';
import { type PrincipalNights } from '../domain/nights.ts';
import { believableEnd, latestPast } from './believable.ts';

/** The nights of a period, by the slots that were due in it. */
export interface Period {
  from: Date;
  to: Date;
  slots: readonly Date[];
}

/** The nights of these principals in a period, by name. One that was never heard of, or is retired, has none. */
export async function listNights(
  db: Database,
  names: readonly string[],
  period: Period,
): Promise<PrincipalNights[]> {
  type Row = Omit<PrincipalNights, 'aheadUntil'> & { aheadUntilMs: number | null } & Record<string, unknown>;
  const found = await queryRows<Row>(db, nightsQuery(names, period));
  return found.map(({ aheadUntilMs, ...nights }) => ({
    ...nights,
    aheadUntil: aheadUntilMs === null ? null : new Date(aheadUntilMs),
  }));
}

function nightsQuery(names: readonly string[], { from, to, slots }: Period): SQL {
  return sql`
      with principal as (
        select id, name, created_at from rollcall.principals
        where name in (select jsonb_array_elements_text(${JSON.stringify(names)}::jsonb)) and retired_at is null
      ),
      night as (
        select due, lead(due, 1, ${to.toISOString()}::timestamptz) over (order by due) as until
        from (select value::timestamptz as due from jsonb_array_elements_text(${JSON.stringify(slots)}::jsonb)) as slot
      ),
      run as (
        select principal_id, slot as due, state from rollcall.runs
        where slot >= ${from.toISOString()}::timestamptz and slot < ${to.toISOString()}::timestamptz
        union all
        select principal_id, night.due, state from rollcall.runs
        join night on started_at >= night.due and started_at < night.until
        where slot is null
          and started_at >= ${from.toISOString()}::timestamptz and started_at < ${to.toISOString()}::timestamptz
      ),
      ran as (
        select principal_id, due, bool_or(state = 'complete') as complete
        from run where state <> 'running' group by principal_id, due
      ),
      outcome as (
        select principal.id, ran.due is not null as "any", coalesce(ran.complete, false) as complete
        from principal
        join night on night.until > principal.created_at or principal.created_at > ${latestPast}
        left join ran on ran.principal_id = principal.id and ran.due = night.due
      ),
      change as (${changesQuery({ from, to })}),
      kinds as (
        select principal_id, kind, category, added, removed, offered, count(*)::int as count from change
        group by principal_id, kind, category, added, removed, offered
      )
      select
        name as principal,
        (select count(*) from outcome where outcome.id = principal.id and complete)::int as complete,
        (select count(*) from outcome where outcome.id = principal.id and "any" and not complete)::int as failed,
        (select count(*) from outcome where outcome.id = principal.id and not "any")::int as missed,
        (
          select coalesce(json_agg(to_jsonb(kinds) - 'principal_id'), '[]')
          from kinds where principal_id = principal.id
        ) as changes,
        coalesce(newest.members, 0) as members,
        coalesce(newest.invited, 0) as invited,
        coalesce(newest.organizations - newest.members - newest.invited, 0) as other,
        extract(epoch from newest."aheadUntil")::float8 * 1000 as "aheadUntilMs",
        newest.chain
      from principal
      left join lateral (
        select
          chain, organizations, members, invited,
          case when finished_at > ${latestPast} then finished_at end as "aheadUntil"
        from rollcall.runs
        where principal_id = principal.id and state = 'complete' order by id desc limit 1
      ) as newest on true
      order by name`;
}

/** The changes of a period: also those that a clock that was ahead noted as still to come. */
function changesQuery({ from, to }: Pick<Period, 'from' | 'to'>): SQL {
  const told = sql`
    kind, category, offered,
    case when kind = 'permissions_changed' then '{}' else added end as added,
    case when kind = 'permissions_changed' then '{}' else removed end as removed`;
  return sql`
    select principal_id, ${told} from rollcall.changes
    where not_after >= ${from.toISOString()}::timestamptz and not_after < ${to.toISOString()}::timestamptz
    union all
    select change.principal_id, ${told} from rollcall.changes as change
    join rollcall.runs as run on run.id = change.run_id
    cross join lateral (select ${believableEnd('run')} as at) as seen
    where not_after > ${latestPast} and not_after >= ${to.toISOString()}::timestamptz
      and seen.at >= ${from.toISOString()}::timestamptz and seen.at < ${to.toISOString()}::timestamptz`;
}
