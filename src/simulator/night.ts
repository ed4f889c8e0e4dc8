import { type ChangeKind } from '../domain/change.ts';
import { type RunSource } from '../domain/run.ts';
import { type Policy } from './membership-facts.ts';
import { type CompleteMembership, type SimulatedMembership, type SimulatedPrincipal } from './principal.ts';
import { createRandom, type Random } from './random.ts';
import { knownRoles } from './seed-data.ts';
import { type World } from './world.ts';

/** One thing that happened in the world overnight, in the words of a report. */
export interface NightEvent {
  readonly principal: string;
  readonly kind: ChangeKind;
  readonly organizationId: string;
  readonly organizationName: string;
  /** The principal had been in this organization before, and comes back. */
  readonly returning: boolean;
}

type Status = 'member' | 'invited';

/** One step of a night: from a membership of that status, or out of nothing. */
interface Step {
  readonly kind: ChangeKind;
  readonly from: Status | 'absent';
  readonly apply: (principal: SimulatedPrincipal, id: string, random: Random) => SimulatedMembership;
}

const steps: readonly Step[] = [
  { kind: 'left', from: 'member', apply: (principal, id) => principal.remove(id) },
  {
    kind: 'invitation_replaced_membership',
    from: 'member',
    apply: (principal, id) => principal.update(id, { status: 'invited' }),
  },
  {
    kind: 'status_changed',
    from: 'member',
    apply: (principal, id) => principal.update(id, { status: 'suspended' }),
  },
  { kind: 'roles_changed', from: 'member', apply: changeRoles },
  { kind: 'permissions_changed', from: 'member', apply: changePermissions },
  {
    kind: 'renamed',
    from: 'member',
    apply: (principal, id) => principal.update(id, { name: `${shortName(principal, id)} Holdings` }),
  },
  {
    kind: 'invitation_accepted',
    from: 'invited',
    apply: (principal, id) => principal.update(id, { status: 'member' }),
  },
  { kind: 'invitation_changed', from: 'invited', apply: changeRoles },
  { kind: 'invitation_gone', from: 'invited', apply: (principal, id) => principal.remove(id, 'expired') },
  { kind: 'joined', from: 'absent', apply: (principal, id) => principal.put({ id }) },
  { kind: 'joined', from: 'absent', apply: (principal, id) => principal.put({ id }) },
  { kind: 'invited', from: 'absent', apply: (principal, id) => principal.put({ id, status: 'invited' }) },
];

/** What happens of which both sources tell; permissions are others in each. */
const stepsOf: Readonly<Record<RunSource, readonly Step[]>> = {
  organizations: steps,
  memberships: steps.map((step) =>
    step.kind === 'permissions_changed' ? { ...step, apply: changeToldPermissions } : step,
  ),
};

/** One step of which `/memberships` alone tells, for a member of whom it is known. */
interface ToldStep extends Omit<Step, 'from'> {
  readonly from: Status;
  readonly suits: (membership: CompleteMembership) => boolean;
}

const stepsOfMemberships: readonly ToldStep[] = [
  {
    kind: 'policies_changed',
    from: 'member',
    suits: ({ policies }) => policies !== null,
    apply: changePolicies,
  },
  {
    kind: 'api_access_changed',
    from: 'member',
    suits: ({ apiAccess }) => apiAccess !== null,
    apply: (principal, id) =>
      principal.update(id, { apiAccess: !(principal.membership(id)?.apiAccess ?? false) }),
  },
  {
    kind: 'parent_changed',
    from: 'member',
    suits: ({ parent }) => parent !== null,
    apply: (principal, id, random) =>
      principal.update(id, { parent: { id: random.text(32), name: 'Eastern Holding' } }),
  },
  {
    kind: 'two_factor_changed',
    from: 'member',
    suits: () => true,
    apply: (principal, id) =>
      principal.update(id, { twoFactorEnforced: !(principal.membership(id)?.twoFactorEnforced ?? false) }),
  },
  {
    kind: 'invitation_gone',
    from: 'invited',
    suits: () => true,
    apply: (principal, id) => principal.reject(id),
  },
];

/**
 * Lets a night pass: every kind of change of which that source tells once or twice for each principal, each in an
 * organization of its own, and the return of one that left on an earlier night. A small roll may lack candidates; what has
 * none does not happen. The same seed does the same to the same world. Gives what happened.
 */
export function applyNight(world: World, seed = 1, source: RunSource = 'organizations'): NightEvent[] {
  return world.principals.flatMap((principal) => {
    const name = `night/${seed}/${principal.name}/${principal.version}`;
    const events = applySteps(principal, createRandom(name), source);
    if (source === 'organizations') return events;
    return [...events, ...applyToldSteps(principal, createRandom(`${name}/${source}`), events)];
  });
}

function applySteps(principal: SimulatedPrincipal, random: Random, source: RunSource): NightEvent[] {
  const returned = bringBack(principal);
  const candidates: Record<Status, string[]> = {
    member: random.sample(idsOf(principal, 'member', returned), steps.length),
    invited: random.sample(idsOf(principal, 'invited', returned), steps.length),
  };
  const events = stepsOf[source].flatMap(({ kind, from, apply }) => {
    const id = from === 'absent' ? random.text(32) : candidates[from].pop();
    return id === undefined ? [] : [eventOf(principal, kind, apply(principal, id, random))];
  });
  return returned === null
    ? events
    : [...events, { ...eventOf(principal, 'joined', returned), returning: true }];
}

/** In organizations in which nothing has happened yet. */
function applyToldSteps(
  principal: SimulatedPrincipal,
  random: Random,
  events: readonly NightEvent[],
): NightEvent[] {
  const busy = new Set(events.map(({ organizationId }) => organizationId));
  return stepsOfMemberships.flatMap(({ kind, from, suits, apply }) => {
    const candidates = principal.memberships.filter(
      (membership) => membership.status === from && suits(membership) && !busy.has(membership.id),
    );
    if (candidates.length === 0) return [];
    const { id } = random.pick(candidates);
    busy.add(id);
    return [eventOf(principal, kind, apply(principal, id, random))];
  });
}

function eventOf(
  { name }: SimulatedPrincipal,
  kind: ChangeKind,
  membership: SimulatedMembership,
): NightEvent {
  return {
    principal: name,
    kind,
    organizationId: membership.id,
    organizationName: membership.name,
    returning: false,
  };
}

function bringBack(principal: SimulatedPrincipal): SimulatedMembership | null {
  const former = principal.departed.find(({ status }) => status === 'member');
  return former === undefined ? null : principal.put(former);
}

function idsOf(principal: SimulatedPrincipal, status: Status, except: SimulatedMembership | null): string[] {
  const memberships = principal.memberships.filter((membership) => membership.status === status);
  return memberships.map(({ id }) => id).filter((id) => id !== except?.id);
}

function changeRoles(principal: SimulatedPrincipal, id: string, random: Random): SimulatedMembership {
  const roles = principal.membership(id)?.roles ?? [];
  const gained = random.pick(knownRoles.filter((role) => !roles.some((held) => isSameRole(held, role))));
  return principal.update(id, { roles: [...roles.slice(1), gained] });
}

/** Super Administrator is spelled both `All Privileges - Super Administrator` and the other way round. */
function isSameRole(left: string, right: string): boolean {
  return left === right || left === right.split(' - ').reverse().join(' - ');
}

/** Grants one in place of the last; takes it back where an earlier night had granted it. */
function changePermissions(principal: SimulatedPrincipal, id: string): SimulatedMembership {
  const granted = '#api_gateway:read';
  const permissions = principal.membership(id)?.permissions ?? [];
  return principal.update(id, {
    permissions: permissions.includes(granted)
      ? permissions.filter((permission) => permission !== granted)
      : [...permissions.slice(0, -1), granted],
  });
}

/** Of the permissions of which `/memberships` tells: grants one, or takes it back. */
function changeToldPermissions(principal: SimulatedPrincipal, id: string): SimulatedMembership {
  const granted = '#lb:edit';
  const others = (principal.membership(id)?.permissions ?? []).filter((permission) => permission !== granted);
  const had = others.length !== principal.membership(id)?.permissions.length;
  return principal.update(id, { permissions: had ? others : [...others, granted] });
}

/** Adds one that denies something; takes it back where an earlier night had added it. */
function changePolicies(principal: SimulatedPrincipal, id: string, random: Random): SimulatedMembership {
  const policies = principal.membership(id)?.policies ?? [];
  const others = policies.filter(({ access }) => access !== 'deny');
  return principal.update(id, {
    policies: others.length < policies.length ? others : [...others, denyBilling(id, random)],
  });
}

function denyBilling(organizationId: string, random: Random): Policy {
  const scope = { key: `com.cloudflare.api.account.${organizationId}`, objects: [{ key: '*' }] };
  return {
    id: random.text(32),
    access: 'deny',
    permission_groups: [{ id: random.text(32), name: 'Billing' }],
    resource_groups: [{ id: random.text(32), scope }],
  };
}

function shortName(principal: SimulatedPrincipal, id: string): string {
  return (principal.membership(id)?.name ?? '').replace(
    /,? (Inc\.|GmbH|S\.A\.|Ltd|🚀|"Global"|\(.*\))$/u,
    '',
  );
}
