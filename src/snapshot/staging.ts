import { sql } from 'drizzle-orm';
import { type Database, queryRows } from '../database/database.ts';
import { type Membership } from '../domain/membership.ts';

/** Memberships by status; `other` is any status this version does not know, or none. */
export interface StatusCounts {
  members: number;
  invited: number;
  other: number;
}

/** Puts what was seen beside the history, with what was left out this time as it was last known. */
export async function stageMemberships(
  tx: Database,
  principalId: number,
  seen: readonly Membership[],
): Promise<void> {
  const rows = seen.map((membership) => ({
    organization_id: membership.organizationId,
    organization_name: membership.organizationName,
    status: membership.status,
    roles: membership.roles,
    permissions: membership.permissions,
  }));
  await tx.execute(sql`drop table if exists pg_temp.staged_memberships`);
  await tx.execute(sql`
    create temporary table staged_memberships (
      organization_id text primary key,
      organization_name text,
      status text,
      roles text[],
      permissions text[],
      is_listed boolean not null default true
    ) on commit drop`);
  await tx.execute(sql`
    insert into pg_temp.staged_memberships (organization_id, organization_name, status, roles, permissions)
    select
      organization_id,
      coalesce(seen.organization_name, known.organization_name),
      coalesce(seen.status, known.status),
      coalesce(seen.roles, known.roles),
      coalesce(seen.permissions, known.permissions)
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as seen (
      organization_id text, organization_name text, status text, roles text[], permissions text[]
    )
    left join (
      select * from rollcall.memberships where principal_id = ${principalId} and ended_run_id is null
    ) as known using (organization_id)`);
}

/** Counts what is staged. */
export async function countByStatus(tx: Database): Promise<StatusCounts> {
  const [counts] = await queryRows<Record<keyof StatusCounts, number>>(
    tx,
    sql`
      select
        count(*) filter (where status = 'member')::int as members,
        count(*) filter (where status = 'invited')::int as invited,
        count(*) filter (where status is null or status not in ('member', 'invited'))::int as other
      from pg_temp.staged_memberships`,
  );
  return counts ?? { members: 0, invited: 0, other: 0 };
}
