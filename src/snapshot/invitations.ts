import { sql } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { type DeclinedInvitation, type Invitation } from '../domain/invitation.ts';
import { type ClaimedRun } from '../domain/run.ts';

/** Keeps invitations as this run saw them; those it did not see stay as they were last seen. */
export async function storeInvitations(
  tx: Database,
  run: ClaimedRun,
  invitations: readonly Invitation[],
): Promise<void> {
  const rows = invitations.map((invitation) => ({
    invite_id: invitation.id,
    organization_id: invitation.organizationId,
    invited_by: invitation.invitedBy,
    invited_on: invitation.invitedOn,
    expires_on: invitation.expiresOn,
    status: invitation.status,
  }));
  await tx.execute(sql`
    insert into rollcall.invitations as known (
      principal_id, invite_id, organization_id, invited_by, invited_on, expires_on, status, last_run_id
    )
    select distinct on (invite_id)
      ${run.principalId}::bigint, invite_id, organization_id, invited_by, invited_on, expires_on, status, ${run.id}::bigint
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as seen (
      invite_id text, organization_id text, invited_by text, invited_on timestamptz, expires_on timestamptz, status text
    )
    on conflict (principal_id, invite_id) do update set
      organization_id = excluded.organization_id,
      invited_by = coalesce(excluded.invited_by, known.invited_by),
      invited_on = coalesce(excluded.invited_on, known.invited_on),
      expires_on = coalesce(excluded.expires_on, known.expires_on),
      status = coalesce(excluded.status, known.status),
      last_run_id = excluded.last_run_id`);
}

/**
 * Keeps of invitations that are on the principal's roll that they were declined. One of an organization whose invitation on
 * the roll is of another membership is an earlier one, and says nothing.
 */
export async function declineInvitations(
  tx: Database,
  run: ClaimedRun,
  declined: readonly DeclinedInvitation[],
): Promise<void> {
  if (declined.length === 0) return;
  const rows = declined.map(({ membershipId, organizationId }) => ({
    membership_id: membershipId,
    organization_id: organizationId,
  }));
  await tx.execute(sql`
    insert into rollcall.invitations as known (principal_id, invite_id, organization_id, status, last_run_id)
    select distinct on (coalesce(newest.invite_id, declined.membership_id))
      ${run.principalId}::bigint, coalesce(newest.invite_id, declined.membership_id), declined.organization_id,
      'rejected', ${run.id}::bigint
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as declined (membership_id text, organization_id text)
    join rollcall.memberships as offered
      on offered.principal_id = ${run.principalId} and offered.organization_id = declined.organization_id
      and offered.ended_run_id is null and offered.status = 'invited'
      and coalesce(offered.membership_id, declined.membership_id) = declined.membership_id
    left join lateral (
      select invite_id from rollcall.invitations as sent
      where sent.principal_id = ${run.principalId} and sent.organization_id = declined.organization_id
      order by sent.invited_on desc nulls last, sent.id desc
      limit 1
    ) as newest on true
    on conflict (principal_id, invite_id) do update set status = 'rejected', last_run_id = excluded.last_run_id`);
}
