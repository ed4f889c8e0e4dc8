import { sql } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { type ClaimedRun } from '../domain/run.ts';

/** Ends every open interval that the staged memberships do not continue as it is. */
export async function endIntervals(tx: Database, run: ClaimedRun, finishedAt: Date): Promise<void> {
  await tx.execute(sql`
    update rollcall.memberships as known
    set ended_run_id = ${run.id}, valid_to = ${finishedAt.toISOString()}::timestamptz
    where known.principal_id = ${run.principalId} and known.ended_run_id is null
      and not exists (
        select from pg_temp.staged_memberships as seen
        where seen.organization_id = known.organization_id
          and (seen.organization_name, seen.status, seen.roles, seen.permissions)
            is not distinct from (known.organization_name, known.status, known.roles, known.permissions)
      )`);
}

/** Opens an interval for every staged membership that has none open. */
export async function openIntervals(tx: Database, run: ClaimedRun, finishedAt: Date): Promise<void> {
  await tx.execute(sql`
    insert into rollcall.memberships (
      principal_id, organization_id, organization_name, status, roles, permissions, first_run_id, valid_from
    )
    select
      ${run.principalId}, organization_id, organization_name, status, roles, permissions,
      ${run.id}, ${finishedAt.toISOString()}::timestamptz
    from pg_temp.staged_memberships as seen
    where not exists (
      select from rollcall.memberships as known
      where known.principal_id = ${run.principalId} and known.ended_run_id is null
        and known.organization_id = seen.organization_id
    )`);
}
