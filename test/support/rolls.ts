import { digestRoll } from '../../src/domain/digest.ts';
import { type KnownRoll } from '../../src/domain/known-roll.ts';
import { fillUnknown, type Membership } from '../../src/domain/membership.ts';
import { comparedFields } from '../../src/domain/compared-fields.ts';
import { type RunSource } from '../../src/domain/run.ts';

/** A baseline's roll, in memory and in the order of its ids. */
export function knownRollOf(
  memberships: readonly Membership[],
  source: RunSource = 'organizations',
): KnownRoll {
  const known = new Map(memberships.map((membership) => [membership.organizationId, membership]));
  const fields = comparedFields(source, source);
  return {
    fields,
    digest: digestRoll(memberships),
    fill: (seen) =>
      Promise.resolve(
        seen.map((membership) => fillUnknown(membership, known.get(membership.organizationId), fields)),
      ),
  };
}
