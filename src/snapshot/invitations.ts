import { sql } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { type Invitation } from '../domain/invitation.ts';
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
