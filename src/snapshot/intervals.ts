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

/** Opens an interval for every membership of a principal that has had none. */
export async function openFirstIntervals(
  tx: Database,
  run: ClaimedRun,
  { relation, finishedAt }: { relation: SQL; finishedAt: Date },
): Promise<void> {
  await tx.execute(sql`
    insert into rollcall.memberships (principal_id, organization_id, ${fieldList()}, first_run_id, valid_from)
    select ${run.principalId}, organization_id, ${fieldList()}, ${run.id}, ${finishedAt.toISOString()}::timestamptz
    from ${relation} as seen`);
}

/**
 * Opens an interval for everything that is staged and listed and has none open. What was before is looked up first, in a
 * statement of its own: looked up while intervals are added, it would be looked for among them.
 */
export async function openIntervals(tx: Database, run: ClaimedRun, finishedAt: Date): Promise<void> {
  await tx.execute(sql`
    update ${staged} as seen set
      is_open = exists (
        select from rollcall.memberships as known
        where known.principal_id = ${run.principalId} and known.organization_id = seen.organization_id
          and known.ended_run_id is null
      ),
      previous_valid_to = (
        select max(earlier.valid_to) from rollcall.memberships as earlier
        where earlier.principal_id = ${run.principalId} and earlier.organization_id = seen.organization_id
      )
    where is_listed`);
  await tx.execute(sql`
    insert into rollcall.memberships (
      principal_id, organization_id, ${fieldList()}, first_run_id, valid_from, previous_valid_to
    )
    select
      ${run.principalId}, organization_id, ${fieldList()}, ${run.id}, ${finishedAt.toISOString()}::timestamptz,
      previous_valid_to
    from ${staged} where is_listed and not is_open`);
}
