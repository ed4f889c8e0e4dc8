import * as z from 'zod';
import { type Answer, found, refused, unknownMember } from './answers.ts';
import { turnSets } from './listing.ts';
import { invalidRequest } from './parameters.ts';
import { type CompleteMembership, type SimulatedPrincipal } from './principal.ts';

/** Which membership is meant, and the number of the request. */
interface Meant {
  /** The membership's own id. */
  readonly id: string;
  readonly turn: number;
}

/** `GET /memberships/{id}`. */
export function getMembership(principal: SimulatedPrincipal, { id, turn }: Meant): Answer {
  const membership = principal.withMembershipId(id);
  return membership === undefined ? unknownMember() : describeMembership(principal, { membership, turn });
}

/** `PUT /memberships/{id}`: accepts or rejects an invitation, as long as it is pending; answers with what it is then. */
export function updateMembership(
  principal: SimulatedPrincipal,
  { id, turn, body }: Meant & { readonly body: string },
): Answer {
  const known = principal.withMembershipId(id);
  if (known === undefined) return unknownMember();
  const answer = readAnswer(body);
  if (typeof answer !== 'string') return answer;
  if (known.status !== 'invited') return notPending();
  const membership =
    answer === 'accepted' ? principal.update(known.id, { status: 'member' }) : principal.reject(known.id);
  return describeMembership(principal, { membership, turn });
}

/** `DELETE /memberships/{id}`: a member leaves, an invitation is declined. No listing tells of it from then on. */
export function deleteMembership(principal: SimulatedPrincipal, id: string): Answer {
  const membership = principal.withMembershipId(id);
  if (membership === undefined) return unknownMember();
  principal.erase(membership.id);
  return found({ id });
}

function describeMembership(
  principal: SimulatedPrincipal,
  { membership, turn }: { membership: CompleteMembership; turn: number },
): Answer {
  return found(turnSets(principal.row('memberships', membership), turn));
}

const answerToInvitation = z.object({ status: z.enum(['accepted', 'rejected']) });

function readAnswer(body: string): 'accepted' | 'rejected' | Answer {
  try {
    const { success, data } = answerToInvitation.safeParse(JSON.parse(body));
    return success ? data.status : invalidRequest(['status must be one of accepted, rejected']);
  } catch {
    return refused(400, { code: 6007, message: 'Malformed JSON in request body' });
  }
}

function notPending(): Answer {
  return refused(409, { code: 1009, message: 'Only a pending invitation can be accepted or rejected' });
}
