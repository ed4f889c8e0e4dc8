import { sql } from 'drizzle-orm';
import { type Database, queryRows } from '../database/database.ts';
import { chunksOf } from '../database/membership-columns.ts';
import { type Change, type Difference, type GoneReason } from '../domain/change.ts';
import { type MembershipField } from '../domain/membership.ts';
import { readInstant } from '../domain/time.ts';
import { wasDeclined } from './staging.ts';

/** What is known around the differences at an organization. */
interface Circumstances {
  /** Whether the principal was in it before the baseline. */
  wasHere: boolean;
  /** Whether it left by `rollcall organizations leave` since the baseline began to look. */
  leftByUs: boolean;
  /** Whether the listing had its invitation as declined. */
  declined: boolean;
  /** The newest invitation; `null` where none is known. */
  invitation: KnownInvitation | null;
}

interface KnownInvitation {
  invitedBy: string | null;
  invitedOn: string | null;
  expiresOn: string | null;
  status: string | null;
  lastRunId: number;
}

/** Where and when the differences were found. */
export interface Finding {
  runId: number;
  principalId: number;
  principal: string;
  /** When the baseline began to look. */
  since: Date;
  seenAt: Date;
  baselineRunId: number;
  /** Whether an invitation that is missing now was withdrawn, rather than not looked for. */
  invitationsWereRead: boolean;
  /** In which the two rolls are compared. */
  fields: readonly MembershipField[];
}

/** The differences as changes, with their window and what is known around them. What they are of must be staged. */
export async function tellChanges(
  tx: Database,
  differences: readonly Difference[],
  finding: Finding,
): Promise<Change[]> {
  const known = new Map<string, Circumstances>();
  const ids = [...new Set(differences.map(({ organizationId }) => organizationId))];
  for (const chunk of chunksOf(ids)) await readCircumstances(tx, { ids: chunk, finding, known });
  return differences.map((difference) =>
    tellChange(difference, finding, known.get(difference.organizationId)),
  );
}

function tellChange(
  difference: Difference,
  finding: Finding,
  { wasHere = false, leftByUs = false, declined = false, invitation = null }: Partial<Circumstances> = {},
): Change {
  const { came, went, ...told } = difference;
  const { runId, baselineRunId, principal, since, seenAt } = finding;
  const byUs = went && leftByUs;
  const about = difference.category === 'invitation' ? invitation : null;
  return {
    id: null,
    runId,
    baselineRunId,
    principal,
    ...told,
    notBefore: since,
    notAfter: seenAt,
    returning: came && wasHere,
    byUs,
    invitedBy: about?.invitedBy ?? null,
    invitedOn: readInstant(about?.invitedOn),
    expiresOn: readInstant(about?.expiresOn),
    goneBecause: difference.kind === 'invitation_gone' ? whyGone(about, byUs || declined, finding) : null,
  };
}

/** What can be told of an invitation that is gone; `null` when nothing can. */
function whyGone(
  invitation: KnownInvitation | null,
  isDeclined: boolean,
  { runId, seenAt, invitationsWereRead }: Finding,
): GoneReason | null {
  if (isDeclined || invitation?.status === 'rejected') return 'declined';
  if (invitation === null) return null;
  const expiresOn = readInstant(invitation.expiresOn);
  if (invitation.status === 'expired' || (expiresOn !== null && expiresOn <= seenAt)) return 'expired';
  return invitationsWereRead && invitation.lastRunId !== runId ? 'withdrawn' : null;
}

async function readCircumstances(
  tx: Database,
  { ids, finding, known }: { ids: readonly string[]; finding: Finding; known: Map<string, Circumstances> },
): Promise<void> {
  const { principalId, since } = finding;
  const rows = await queryRows<Circumstances & { organizationId: string } & Record<string, unknown>>(
    tx,
    sql`
      select
        organization_id as "organizationId",
        exists (
          select from rollcall.memberships as earlier
          where earlier.principal_id = ${principalId} and earlier.organization_id = about.organization_id
        ) as "wasHere",
        exists (
          select from rollcall.departures as departure
          where departure.principal_id = ${principalId} and departure.organization_id = about.organization_id
            and departure.requested_at >= ${since.toISOString()}::timestamptz and departure.outcome <> 'refused'
        ) as "leftByUs",
        ${wasDeclined(sql.raw('about.organization_id'))} as declined,
        (
          select jsonb_build_object(
            'invitedBy', invited_by, 'invitedOn', invited_on, 'expiresOn', expires_on,
            'status', status, 'lastRunId', last_run_id
          )
          from rollcall.invitations as invitation
          where invitation.principal_id = ${principalId} and invitation.organization_id = about.organization_id
          order by invitation.invited_on desc nulls last, invitation.id desc
          limit 1
        ) as invitation
      from jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb) as about (organization_id)`,
  );
  for (const row of rows) known.set(row.organizationId, row);
}
