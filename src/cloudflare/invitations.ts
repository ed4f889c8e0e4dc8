import { RollcallError } from '../domain/errors.ts';
import { type Invitation } from '../domain/invitation.ts';
import { storableText } from '../domain/membership.ts';
import { readInstant } from '../domain/time.ts';
import { type Client } from './http/client.ts';
import { isWithheld } from './identity.ts';
import { invitesSchema } from './schema.ts';

/**
 * All invitations of the principal, from `GET /user/invites`; `null` where the credentials may not read them, or
 * nothing usable came: who invited is worth knowing, but not worth a night.
 */
export async function readInvitations(client: Client): Promise<Invitation[] | null> {
  try {
    const { body } = await client.ask({ method: 'GET', path: '/user/invites' });
    const parsed = invitesSchema.safeParse(body);
    if (!parsed.success) {
      throw new RollcallError(
        'refused',
        `${client.principal}: the answer to GET /user/invites is malformed.`,
      );
    }
    return parsed.data.result.map((invite) => ({
      id: invite.id,
      organizationId: invite.organization_id,
      invitedBy: invite.invited_by == null ? null : storableText(invite.invited_by),
      invitedOn: readInstant(invite.invited_on),
      expiresOn: readInstant(invite.expires_on),
      status: invite.status == null ? null : storableText(invite.status),
    }));
  } catch (error) {
    if (isWithheld(error) || (error instanceof RollcallError && error.code === 'unavailable')) return null;
    throw error;
  }
}
