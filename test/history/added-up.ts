import { type Change, type ChangeKind } from '../../src/domain/change.ts';
import { type MembershipField } from '../../src/domain/membership.ts';
import { parentIdIn } from '../../src/domain/parent-organization.ts';

/** What changes of one membership come to, taken together; by the field that it is about, and for Super Administrator. */
export type Sum = Readonly<Record<MembershipField | 'superAdministrator', unknown>>;

/**
 * Adds up changes of one membership, oldest first: what one takes back of another is nothing. Where the membership was
 * gone in between, or changed its status, a field says no more than changes tell of it.
 */
export function addUp(changes: readonly Change[]): Sum {
  const steps = changes.filter(({ kind }) => stepKinds.has(kind));
  const of = (wanted: ChangeKind) => changes.filter(({ kind }) => kind === wanted);
  const others = new Set<ChangeKind>(['permissions_changed', 'policies_changed']);
  return {
    organizationName: fromTo(of('renamed')),
    status: fromTo(steps),
    roles: netOf(changes.filter(({ kind }) => !others.has(kind))),
    permissions: netOf(of('permissions_changed')),
    membershipId: null,
    twoFactorEnforced: fromTo(of('two_factor_changed')),
    apiAccess: fromTo(of('api_access_changed')),
    policies: netOf(of('policies_changed')),
    parentOrganization: fromTo(of('parent_changed').map(byParentId)),
    superAdministrator: countSteps(changes, 'gained') - countSteps(changes, 'lost'),
  };
}

/** Kinds that tell a change of status, the coming and going among them. */
export const stepKinds: ReadonlySet<string> = new Set([
  'joined',
  'left',
  'invited',
  'invitation_accepted',
  'invitation_gone',
  'invitation_replaced_membership',
  'status_changed',
]);

/** A parent is the same whatever it is called. */
function byParentId(change: Change): Change {
  return { ...change, before: parentIdIn(change.before ?? ''), after: parentIdIn(change.after ?? '') };
}

function fromTo(changes: readonly Change[]) {
  const [before, after] = [changes[0]?.before ?? null, changes.at(-1)?.after ?? null];
  return before === after ? null : { before, after };
}

function netOf(changes: readonly Change[]) {
  const [gained, lost] = [new Set<string>(), new Set<string>()];
  for (const { added, removed } of changes) {
    for (const value of removed) if (!gained.delete(value)) lost.add(value);
    for (const value of added) if (!lost.delete(value)) gained.add(value);
  }
  return { gained: [...gained].sort(), lost: [...lost].sort() };
}

function countSteps(changes: readonly Change[], step: Change['superAdministrator']): number {
  return changes.filter(({ superAdministrator }) => superAdministrator === step).length;
}
