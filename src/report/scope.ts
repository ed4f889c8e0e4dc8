import {
  type Category,
  categories,
  type Change,
  type ChangeKind,
  changeKinds,
  kinds,
} from '../domain/change.ts';
import { superAdministratorSpellings } from '../domain/access.ts';
import { inert } from '../domain/inert.ts';
import { groupsIn } from '../domain/policy.ts';
import { createRoleMatcher } from '../domain/role-pattern.ts';

/** By what a route narrows its changes: what is left out narrows nothing, and a change has to pass all that is given. */
export interface RouteFilter {
  categories?: readonly Category[] | undefined;
  kinds?: readonly ChangeKind[] | undefined;
  /**
   * Patterns of roles; a change passes that adds, removes or offers one that is meant by any of them. Of policies the groups
   * of permissions count as roles do, and what happened to Super Administrator passes as that role does, be it by a policy.
   */
  roles?: readonly string[] | undefined;
}

/** Which changes a reader gets: those that any of some filters lets pass, in a form that is the same for the same. */
export interface Scope {
  /** Of these kinds every change. */
  kinds: readonly ChangeKind[];
  /** Of these further kinds those that are about such roles. */
  ofRoles: readonly { kinds: readonly ChangeKind[]; roles: readonly string[] }[];
}

/** What a scope looks at. */
export type ScopedChange = Pick<Change, 'kind' | 'added' | 'removed' | 'offered' | 'superAdministrator'>;

/** Every change. */
export const wholeScope: Scope = { kinds: changeKinds, ofRoles: [] };

/** Of these kinds no change adds, removes or offers a role: one is of permissions, the others of a name or a flag. */
const kindsWithoutRoles: readonly ChangeKind[] = [
  'permissions_changed',
  'two_factor_changed',
  'api_access_changed',
  'parent_changed',
  'renamed',
];

/** What passes any of these filters. */
export function scopeOf(filters: readonly RouteFilter[]): Scope {
  const whole = new Set(filters.filter(({ roles }) => roles === undefined).flatMap(kindsOf));
  const byRoles = Map.groupBy(
    filters.filter(({ roles }) => roles !== undefined),
    ({ roles = [] }) => JSON.stringify(sorted(roles)),
  );
  const ofRoles = [...byRoles.keys()].sort().map((key) => {
    const alike = byRoles.get(key) ?? [];
    const some = new Set(alike.flatMap(kindsOf));
    const rest = changeKinds.filter(
      (kind) => some.has(kind) && !whole.has(kind) && !kindsWithoutRoles.includes(kind),
    );
    return { kinds: rest, roles: sorted(alike[0]?.roles ?? []) };
  });
  return {
    kinds: changeKinds.filter((kind) => whole.has(kind)),
    ofRoles: ofRoles.filter((part) => part.kinds.length > 0),
  };
}

function kindsOf(filter: RouteFilter): ChangeKind[] {
  return changeKinds.filter(
    (kind) => (filter.categories?.includes(kinds[kind]) ?? true) && (filter.kinds?.includes(kind) ?? true),
  );
}

function sorted(roles: readonly string[]): string[] {
  return [...new Set(roles)].sort();
}

/** Whether every change passes. */
export function isWhole(scope: Scope): boolean {
  return scope.kinds.length === changeKinds.length;
}

/** The kinds of which some change may pass. */
export function kindsIn({ kinds: whole, ofRoles }: Scope): ChangeKind[] {
  return changeKinds.filter(
    (kind) => whole.includes(kind) || ofRoles.some((part) => part.kinds.includes(kind)),
  );
}

/** What tells whether a change passes. */
export function createSieve({ kinds: whole, ofRoles }: Scope): (change: ScopedChange) => boolean {
  const parts = ofRoles.map((part) => ({ kinds: part.kinds, isMeant: createRoleMatcher(part.roles) }));
  const testsOf = new Map(
    changeKinds.map((kind) => {
      const tests = parts.filter((part) => part.kinds.includes(kind)).map(({ isMeant }) => isMeant);
      return [kind, whole.includes(kind) ? 'all' : tests] as const;
    }),
  );
  return (change) => {
    const tests = testsOf.get(change.kind) ?? [];
    if (tests === 'all') return true;
    const sets = rolesIn(change);
    return tests.some((isMeant) => sets.some((set) => set.some(isMeant)));
  };
}

/** Whether roles are asked for that mean Super Administrator, and what is told of policies with them. */
export function asksForSuperAdministrator(scope: Scope): boolean {
  const role: string = superAdministratorSpellings[0];
  const gained: ScopedChange = {
    kind: 'policies_changed',
    added: [],
    removed: [],
    offered: [],
    superAdministrator: 'gained',
  };
  return scope.ofRoles.some((part) => createRoleMatcher(part.roles)(role)) && createSieve(scope)(gained);
}

/** All that a change is about of what patterns may mean. */
function rolesIn(change: ScopedChange): (readonly string[])[] {
  const { kind, added, removed, offered, superAdministrator } = change;
  const given = [added, removed].map((set) => (kind === 'policies_changed' ? set.flatMap(groupsIn) : set));
  return [...given, offered, superAdministrator === null ? [] : superAdministratorSpellings.slice(0, 1)];
}

/** What a reader has to know who does not get everything; none where everything passes. */
export function describeScope(scope: Scope): string[] {
  if (isWhole(scope)) return [];
  const parts = [
    ...(scope.kinds.length === 0 ? [] : [nameKinds(scope.kinds)]),
    ...scope.ofRoles.map((part) => `${nameKinds(part.kinds)} of ${nameRoles(part.roles)}`),
  ];
  return [`You get these changes only: ${parts.join('; ') || 'none'}.`];
}

/** Of whole categories the categories, else kind by kind, by the names that the configuration has for them. */
function nameKinds(some: readonly ChangeKind[]): string {
  const named = categories.filter((category) => some.some((kind) => kinds[kind] === category));
  const areWhole = changeKinds.every((kind) => some.includes(kind) || !named.includes(kinds[kind]));
  return (areWhole ? named : some).join(', ');
}

function nameRoles(roles: readonly string[]): string {
  return `${roles.length === 1 ? 'the role' : 'the roles'} ${roles.map((role) => inert(role)).join(', ')}`;
}
