import { sql, type SQL } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { anyFieldDiffers, fieldList } from '../database/membership-columns.ts';
import { type ClaimedRun } from '../domain/run.ts';
import { staged } from './staging.ts';

/** Ends the open interval of everything that is staged as gone or as another than it was. */
export async function endIntervals(tx: Database, run: ClaimedRun, finishedAt: Date): Promise<void> {
  await tx.execute(sql`
    update rollcall.memberships as known
    set ended_run_id = ${run.id}, valid_to = ${finishedAt.toISOString()}::timestamptz
    from ${staged} as seen
    where known.principal_id = ${run.principalId} and known.ended_run_id is null
      and known.organization_id = seen.organization_id
      and (not seen.is_listed or ${anyFieldDiffers('known', 'seen')})`);
}

/** Opens an interval for every membership of the relation that has none open. */
export async function openIntervals(
  tx: Database,
  run: ClaimedRun,
  { relation, finishedAt }: { relation: SQL; finishedAt: Date },
): Promise<void> {
  await tx.execute(sql`
    insert into rollcall.memberships (
      principal_id, organization_id, ${fieldList()}, first_run_id, valid_from, previous_valid_to
    )
    select
      ${run.principalId}, organization_id, ${fieldList('seen')}, ${run.id}, ${finishedAt.toISOString()}::timestamptz,
      (
        select max(earlier.valid_to) from rollcall.memberships as earlier
        where earlier.principal_id = ${run.principalId} and earlier.organization_id = seen.organization_id
      )
    from ${relation} as seen
    where not exists (
      select from rollcall.memberships as known
      where known.principal_id = ${run.principalId} and known.organization_id = seen.organization_id
        and known.ended_run_id is null
    )`);
}
