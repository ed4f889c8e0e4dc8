import { RollcallError } from '../domain/errors.ts';
import { fillUnknown, isSameRoll, type Membership } from '../domain/membership.ts';
import { type Client } from './http/client.ts';
import { readCompleteListing, type RecordProof } from './complete-listing.ts';

/** How many complete listings a run reads at most before it gives up on a world that keeps moving. */
const mostListings = 5;

/** Memberships that two complete listings agree on, or a complete listing and the baseline. */
export interface AgreedListing {
  memberships: readonly Membership[];
  /** In words: what agreed with what. */
  conclusion: string;
}

/**
 * Seen twice: a complete listing that equals the baseline is believed at once, any other when the next one equals it.
 * A field that the API left out counts as it was last known. Throws `incomplete` when five in a row all differ.
 */
export async function readAgreedListing(
  client: Client,
  baseline: readonly Membership[] | null,
  record: RecordProof,
): Promise<AgreedListing> {
  let previous = baseline;
  for (let count = 1; count <= mostListings; count += 1) {
    const listing = await readCompleteListing(client, record);
    const memberships = fillUnknown(listing.memberships, baseline ?? []);
    if (baseline !== null && isSameRoll(memberships, baseline)) {
      return { memberships, conclusion: `listing ${count} equals the baseline` };
    }
    if (count > 1 && previous !== null && isSameRoll(memberships, previous)) {
      return { memberships, conclusion: `listings ${count - 1} and ${count} agree` };
    }
    previous = memberships;
  }
  throw new RollcallError(
    'incomplete',
    `${client.principal}: ${mostListings} complete listings, and no two in a row agree: the organizations kept changing while they were read. Nothing was stored.`,
  );
}
