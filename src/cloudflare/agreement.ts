import { digestRoll } from '../domain/digest.ts';
import { RollcallError } from '../domain/errors.ts';
import { createInterning } from '../domain/interning.ts';
import { type DeclinedInvitation } from '../domain/invitation.ts';
import { type KnownRoll } from '../domain/known-roll.ts';
import { hasUnknown, type Membership } from '../domain/membership.ts';
import { type Client } from './http/client.ts';
import { readCompleteListing, type RecordProof } from './complete-listing.ts';

/** How many complete listings a run reads at most before it gives up on a world that keeps moving. */
const mostListings = 5;

/** A roll that two complete listings agree on, or a complete listing and the baseline. */
export interface AgreedRoll {
  memberships: readonly Membership[];
  /** Invitations that the last listing had as declined. */
  declined: readonly DeclinedInvitation[];
  digest: string;
  /** In words: what agreed with what. */
  conclusion: string;
}

/**
 * Seen twice: a complete listing that equals the baseline is believed at once, any other when the next one equals it.
 * A field that the API left out counts as it was last known. Throws `incomplete` when five in a row all differ.
 */
export async function readAgreedRoll(
  client: Client,
  baseline: KnownRoll | null,
  record: RecordProof,
): Promise<AgreedRoll> {
  // One for all listings of the run: what the last one saw of sets is what the next one sees.
  const interning = createInterning();
  let previous: string | null = null;
  for (let count = 1; count <= mostListings; count += 1) {
    const { memberships: listed, declined } = await readCompleteListing(client, record, interning);
    const { memberships, digest } = await fill(listed, baseline);
    if (digest === baseline?.digest) {
      return { memberships, declined, digest, conclusion: `listing ${count} equals the baseline` };
    }
    if (digest === previous) {
      return { memberships, declined, digest, conclusion: `listings ${count - 1} and ${count} agree` };
    }
    previous = digest;
  }
  throw new RollcallError(
    'incomplete',
    `${client.principal}: ${mostListings} complete listings, and no two in a row agree: the organizations kept changing while they were read. Nothing was stored.`,
  );
}

/** What was left out is looked up only where it could make a difference. */
async function fill(
  listed: readonly Membership[],
  baseline: KnownRoll | null,
): Promise<Pick<AgreedRoll, 'memberships' | 'digest'>> {
  const digest = digestRoll(listed);
  const isLacking = (membership: Membership) => baseline !== null && hasUnknown(membership, baseline.fields);
  if (baseline === null || digest === baseline.digest || !listed.some(isLacking)) {
    return { memberships: listed, digest };
  }
  const memberships = await baseline.fill(listed);
  return { memberships, digest: digestRoll(memberships) };
}
