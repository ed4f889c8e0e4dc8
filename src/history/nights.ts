import { sql, type SQL } from 'drizzle-orm';
import { type Database, queryRows } from '../database/database.ts';
import { type PrincipalNights } from '../domain/nights.ts';

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
  type Row = PrincipalNights & Record<string, unknown>;
  return queryRows<Row>(db, nightsQuery(names, period));
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
      outcome as (
        select principal.id, run.complete, run.any
        from principal
        join night on night.until > principal.created_at
        cross join lateral (
          select count(*) > 0 as any, coalesce(bool_or(state = 'complete'), false) as complete
          from rollcall.runs
          where principal_id = principal.id and state <> 'running'
            and (slot = night.due or (slot is null and started_at >= night.due and started_at < night.until))
        ) as run
      ),
      kinds as (
        select principal_id, kind, category, count(*)::int as count
        from rollcall.changes
        where not_after >= ${from.toISOString()}::timestamptz and not_after < ${to.toISOString()}::timestamptz
        group by principal_id, kind, category
      )
      select
        name as principal,
        (select count(*) from outcome where outcome.id = principal.id and complete)::int as complete,
        (select count(*) from outcome where outcome.id = principal.id and "any" and not complete)::int as failed,
        (select count(*) from outcome where outcome.id = principal.id and not "any")::int as missed,
        (
          select coalesce(json_agg(json_build_object('kind', kind, 'category', category, 'count', count)), '[]')
          from kinds where principal_id = principal.id
        ) as changes,
        standing.members, standing.invited, standing.other,
        (
          select chain from rollcall.runs
          where principal_id = principal.id and state = 'complete' order by id desc limit 1
        ) as chain
      from principal
      cross join lateral (
        select
          count(*) filter (where status = 'member')::int as members,
          count(*) filter (where status = 'invited')::int as invited,
          count(*) filter (where status is null or status not in ('member', 'invited'))::int as other
        from rollcall.memberships
        where principal_id = principal.id and ended_run_id is null
      ) as standing
      order by name`;
}
