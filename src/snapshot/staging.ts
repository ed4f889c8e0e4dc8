import { sql, type SQL } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { chunksOf, fieldDefinitions, fieldList, relationOf } from '../database/membership-columns.ts';
import { type DeclinedInvitation } from '../domain/invitation.ts';
import { type ClaimedRun } from '../domain/run.ts';
import { type Delta } from './delta.ts';
import { openRoll } from './open-roll.ts';

/** What differs from the baseline, beside the history; `is_listed` is false for what is gone. */
export const staged = sql.raw('pg_temp.staged_memberships');

/** What is staged and listed, as a relation. */
export const stagedRoll: SQL = sql`(select organization_id, ${fieldList()} from ${staged} where is_listed)`;

/** Puts what differs beside the history, for this transaction. */
export async function stageDelta(tx: Database, { seen, gone }: Delta): Promise<void> {
  await createStaging(tx);
  for (const chunk of chunksOf(seen)) {
    await tx.execute(sql`
      insert into ${staged} (organization_id, ${fieldList()})
      select organization_id, ${fieldList()} from ${relationOf(chunk)} as seen`);
  }
  for (const chunk of chunksOf(gone)) {
    await tx.execute(sql`
      insert into ${staged} (organization_id, is_listed)
      select jsonb_array_elements_text(${JSON.stringify(chunk)}::jsonb), false`);
  }
  await countStaged(tx);
}

/**
 * Marks invitations that are gone as declined, where the listing had them so. One of an organization whose invitation on the
 * roll is of another membership is an earlier one, and says nothing.
 */
export async function markDeclined(
  tx: Database,
  run: Pick<ClaimedRun, 'principalId'>,
  declined: readonly DeclinedInvitation[],
): Promise<void> {
  const rows = declined.map(({ membershipId, organizationId }) => ({
    membership_id: membershipId,
    organization_id: organizationId,
  }));
  for (const chunk of chunksOf(rows)) {
    await tx.execute(sql`
      update ${staged} as gone set status = ${declinedStatus}
      from jsonb_to_recordset(${JSON.stringify(chunk)}::jsonb) as declined (membership_id text, organization_id text)
      join rollcall.memberships as offered
        on offered.principal_id = ${run.principalId} and offered.organization_id = declined.organization_id
        and offered.ended_run_id is null and offered.status = 'invited'
        and coalesce(offered.membership_id, declined.membership_id) = declined.membership_id
      where gone.organization_id = declined.organization_id and not gone.is_listed`);
  }
}

/** What is staged as gone has no status, unless it was declined. */
const declinedStatus = 'rejected';

/** Whether what is staged about an organization is an invitation that was declined. */
export function wasDeclined(organizationId: SQL): SQL {
  return sql`exists (
    select from ${staged} as gone
    where gone.organization_id = ${organizationId} and not gone.is_listed and gone.status = ${declinedStatus}
  )`;
}

/** Lets PostgreSQL know how much is staged, or it would read the whole roll for a few. */
async function countStaged(tx: Database): Promise<void> {
  await tx.execute(sql`analyze ${staged}`);
}

/** Puts what a held run saw beside the history, for this transaction. */
export async function stageHeld(tx: Database, runId: number): Promise<void> {
  await createStaging(tx);
  await tx.execute(sql`
    insert into ${staged} (organization_id, ${fieldList()}, is_listed)
    select organization_id, ${fieldList()}, is_listed from rollcall.held_memberships where run_id = ${runId}`);
  await countStaged(tx);
}

/** Those of the principal's roll that something is staged about, as they are known. */
export function rollBesideStaged(principal: string): SQL {
  return sql`(
    select known.* from ${openRoll(principal)} as known
    where organization_id in (select organization_id from ${staged})
  )`;
}

/** The principal's roll as it would be with what is staged. */
export function rollWithStaged(principal: string): SQL {
  return sql`(
    select organization_id, ${fieldList()} from ${staged} where is_listed
    union all
    select organization_id, ${fieldList()} from ${openRoll(principal)} as known
    where organization_id not in (select organization_id from ${staged})
  )`;
}

async function createStaging(tx: Database): Promise<void> {
  await tx.execute(sql`drop table if exists ${staged}`);
  await tx.execute(sql`
    create temporary table staged_memberships (
      organization_id text primary key, ${fieldDefinitions()}, is_listed boolean not null default true,
      is_open boolean, previous_valid_to timestamptz
    ) on commit drop`);
}
