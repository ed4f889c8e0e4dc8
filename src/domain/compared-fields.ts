import { fieldNames, type Membership, type MembershipField } from './membership.ts';
import { type RunSource } from './run.ts';

/** What both sources tell in the same words. */
const toldAlike: readonly MembershipField[] = ['organizationName', 'status', 'roles'];

/** What each source tells. */
const toldBy: Readonly<Record<RunSource, readonly MembershipField[]>> = {
  organizations: [...toldAlike, 'permissions'],
  memberships: fieldNames,
};

/** What either source tells, be it in the words of both or in its own. */
export const toldByBoth: readonly MembershipField[] = toldBy.organizations.filter((field) =>
  toldBy.memberships.includes(field),
);

/**
 * The fields in which a snapshot of one source is compared with a snapshot of another, or of the same. What is not among
 * them is taken as first known: that another source tells it, or tells it otherwise, is no change.
 */
export function comparedFields(before: RunSource, after: RunSource): readonly MembershipField[] {
  return before === after ? toldBy[after] : toldAlike;
}

/** A membership of which nothing but these fields is known. */
export function onlyFields(membership: Membership, fields: readonly MembershipField[]): Membership {
  const others = fieldNames.filter((field) => !fields.includes(field));
  return { ...membership, ...Object.fromEntries(others.map((field) => [field, null])) };
}
