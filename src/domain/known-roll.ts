import { type Membership, type MembershipField } from './membership.ts';

/** What a listing is compared with: the roll that the baseline saw. */
export interface KnownRoll {
  /** By the recipe of now, whatever the baseline's own. */
  digest: string;
  /** In which what is listed is compared with it, and may be filled from it. */
  fields: readonly MembershipField[];
  /** What was seen, in its order, with what the API left out as it was last known. */
  fill(seen: readonly Membership[]): Promise<readonly Membership[]>;
}
