import { digestRoll } from '../../src/domain/digest.ts';
import { type KnownRoll } from '../../src/domain/known-roll.ts';
import { fillUnknown, type Membership } from '../../src/domain/membership.ts';

/** A baseline's roll, in memory and in the order of its ids. */
export function knownRollOf(memberships: readonly Membership[]): KnownRoll {
  const known = new Map(memberships.map((membership) => [membership.organizationId, membership]));
  return {
    digest: digestRoll(memberships),
    fill: (seen) =>
      Promise.resolve(
        seen.map((membership) => fillUnknown(membership, known.get(membership.organizationId))),
      ),
  };
}
