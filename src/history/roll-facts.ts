import { sql, type SQL } from 'drizzle-orm';
import { type Database, queryRows } from '../database/database.ts';
import { type PrincipalNights } from '../domain/nights.ts';
import { namesSuperAdministratorSql } from './super-administrator.ts';

/** What the current roll of a principal says besides how many there are. */
export type RollFacts = Pick<PrincipalNights, 'superAdministrators' | 'oldestInvitation' | 'oldInvitations'>;

/** The facts of the current rolls of these principals by name. */
export async function readRollFacts(
  db: Database,
  names: readonly string[],
  at: Date,
): Promise<Map<string, RollFacts>> {
  type Row = Omit<RollFacts, 'oldestInvitation'> & { principal: string; oldestMs: number | null };
  const found = await queryRows<Row & Record<string, unknown>>(db, factsQuery(names, at));
  return new Map(
    found.map(({ principal, oldestMs, ...facts }) => [
      principal,
      { ...facts, oldestInvitation: oldestMs === null ? null : new Date(oldestMs) },
    ]),
  );
}

/**
 * An invitation is as old as Cloudflare says, or else as it has been seen without a break, whatever changed about it
 * meanwhile. `offset 0` has each principal's and each membership's intervals looked up, where PostgreSQL would read all.
 */
function factsQuery(names: readonly string[], at: Date): SQL {
  return sql`
    with recursive principal as (
      select id, name from rollcall.principals
      where name in (select jsonb_array_elements_text(${JSON.stringify(names)}::jsonb))
    ),
    stretch as (
      select principal.name, current.principal_id, current.organization_id, current.valid_from, current.first_run_id
      from principal cross join lateral (${currentOf('*')} and status = 'invited' offset 0) as current
      union all
      select stretch.name, stretch.principal_id, stretch.organization_id, earlier.valid_from, earlier.first_run_id
      from stretch cross join lateral (
        select valid_from, first_run_id from rollcall.memberships
        where organization_id = stretch.organization_id and principal_id = stretch.principal_id
          and valid_to = stretch.valid_from and status = 'invited' offset 0
      ) as earlier
    ),
    seen as (
      select name, principal_id, organization_id, min(valid_from) as since, min(first_run_id) as first_run_id
      from stretch group by 1, 2, 3
    ),
    invitation as (
      select name, coalesce(
        (
          select max(invited_on) from rollcall.invitations as sent
          where sent.principal_id = seen.principal_id and sent.organization_id = seen.organization_id
            and sent.last_run_id >= seen.first_run_id
        ),
        since
      ) as since
      from seen
    ),
    oldest as (
      select
        name, min(since) as since,
        (count(*) filter (where since < ${at.toISOString()}::timestamptz - interval '7 days'))::int as old
      from invitation group by name
    ),
    held as (
      select principal.name, role.count from principal
      cross join lateral (
        ${currentOf('count(*)::int')} and status = 'member' and ${namesSuperAdministratorSql(sql`roles`, sql`policies`)}
      ) as role
    )
    select
      held.name as principal, held.count as "superAdministrators",
      (extract(epoch from oldest.since) * 1000)::float8 as "oldestMs", coalesce(oldest.old, 0) as "oldInvitations"
    from held left join oldest on oldest.name = held.name`;
}

/** The open intervals of a `principal`. */
function currentOf(columns: string): SQL {
  return sql`
    select ${sql.raw(columns)} from rollcall.memberships
    where principal_id = principal.id and ended_run_id is null`;
}
