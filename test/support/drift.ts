import { type Membership } from '../../src/domain/membership.ts';
import { type RunSource } from '../../src/domain/run.ts';
import { type SimulatedPrincipal } from '../../src/simulator/principal.ts';
import { createRandom, type Random } from '../../src/simulator/random.ts';
import { type Simulator } from '../../src/simulator/server.ts';
import { endpointOf } from './either-source.ts';
import { trueRoll } from './true-roll.ts';

/** How one world moves. */
export interface DriftOptions {
  seed: number;
  /** Memberships at the beginning. */
  organizations: number;
  /** The chance that something changes before a request is answered. */
  rate: number;
  /** Organizations on a page: the server caps the page size. */
  perPage: number;
}

/** A world that changes between any two requests, and remembers every state that it was in. */
export interface Drift {
  /** Every state since it was last asked to forget, the current one included, as `stateOf` writes it. */
  states: ReadonlySet<string>;
  /** Every organization of which an invitation was listed as rejected at some time. */
  rejecting: ReadonlySet<string>;
  /** Remembers from now on: what comes next is looked at by itself. */
  forget: () => void;
  /** Whether it moves. */
  moving: boolean;
}

/**
 * Empties the simulator's principal, fills it anew, and lets it move with every request, in the ways of which that source
 * tells.
 */
export function startDrift(
  simulator: Simulator,
  { seed, organizations, rate, perPage }: DriftOptions,
  source: RunSource,
): Drift {
  const principal = simulator.world.principal();
  const random = createRandom(`drift/${seed}`);
  simulator.faults.clear();
  simulator.faults.add({
    on: { path: endpointOf[source], times: Infinity },
    fault: { kind: 'cap-per-page', most: perPage },
  });
  simulator.onRequest = undefined;
  principal.removeAll();
  for (let count = 0; count < organizations; count += 1) principal.put({ id: random.text(32) });
  if (source === 'memberships') addInvitations(principal, random, organizations / 5);
  const states = new Set<string>();
  const rejecting = new Set<string>();
  const remember = () => {
    states.add(stateOf(trueRoll(principal, source)));
    if (source === 'memberships') for (const id of rejectingNow(principal)) rejecting.add(id);
  };
  remember();
  const drift: Drift = {
    states,
    rejecting,
    moving: true,
    forget: () => {
      states.clear();
      rejecting.clear();
      remember();
    },
  };
  simulator.onRequest = () => {
    while (drift.moving && random.next() < rate) {
      random.pick(movesBy[source](principal, random))();
      remember();
    }
  };
  return drift;
}

/** So many that are pending, and as many that were rejected. */
function addInvitations(principal: SimulatedPrincipal, random: Random, count: number): void {
  for (let added = 0; added < count; added += 1) {
    principal.put({ id: random.text(32), status: 'invited' });
    principal.reject(principal.put({ id: random.text(32), status: 'invited' }).id);
  }
}

/** One roll in the order of ids, written so that equal ones are equal. */
export function stateOf(memberships: readonly Membership[]): string {
  return JSON.stringify(memberships.map((membership) => Object.entries(membership).sort()));
}

function rejectingNow(principal: SimulatedPrincipal): string[] {
  const rows = principal.rows('memberships').filter(({ status }) => status === 'rejected');
  return rows.map(({ account }) => (account as { id: string }).id);
}

type Move = () => unknown;

/** What may happen next: somebody comes, comes back, goes, or changes in any of the ways that there are. */
const movesBy: Readonly<Record<RunSource, (principal: SimulatedPrincipal, random: Random) => Move[]>> = {
  organizations: movesToldByBoth,
  memberships: (principal, random) => [
    ...movesToldByBoth(principal, random),
    ...movesOfRejected(principal, random),
    ...movesOfFacts(principal, random),
  ],
};

function movesToldByBoth(principal: SimulatedPrincipal, random: Random): Move[] {
  const { memberships, departed } = principal;
  const one = memberships.length === 0 ? undefined : random.pick(memberships);
  return [
    () => principal.put({ id: random.text(32) }),
    () => principal.put({ id: random.text(32), status: 'invited' }),
    () => departed.length > 0 && principal.put(random.pick(departed)),
    () => one && principal.remove(one.id),
    () => one && principal.remove(one.id),
    () => one && principal.update(one.id, { name: `Renamed ${random.text(4)}` }),
    () => one && principal.update(one.id, { roles: [random.text(4)] }),
    () => one && principal.update(one.id, { status: one.status === 'member' ? 'invited' : 'member' }),
  ];
}

/** An invitation is rejected, comes again under its old id or a new one, is no longer listed, or stands beside a membership. */
function movesOfRejected(principal: SimulatedPrincipal, random: Random): Move[] {
  const { memberships, rejected } = principal;
  const invited = memberships.filter(({ status }) => status === 'invited');
  const offer = invited.length === 0 ? undefined : random.pick(invited);
  const past = rejected.length === 0 ? undefined : random.pick(rejected);
  return [
    () => offer && principal.reject(offer.id),
    () => offer && principal.reject(offer.id),
    () => past && principal.put({ ...past, status: 'invited' }),
    () => past && principal.put({ ...past, status: 'invited', membershipId: random.text(32) }),
    () => past && principal.erase(past.id),
    () => past && offer && principal.setRaw(past.id, { 'account.id': offer.id }, 'memberships'),
  ];
}

/** What is known stays known: of a field that is left out it is said that it is as it was. */
function movesOfFacts(principal: SimulatedPrincipal, random: Random): Move[] {
  const { memberships } = principal;
  const one = memberships.length === 0 ? undefined : random.pick(memberships);
  const scope = { key: `com.cloudflare.api.account.${one?.id}`, objects: [{ key: '*' }] };
  const policy = (name: string) => ({
    id: random.text(32),
    access: random.pick(['allow', 'deny'] as const),
    permission_groups: [{ id: random.text(32), name }],
    resource_groups: [{ id: random.text(32), scope }],
  });
  return [
    () => one && principal.update(one.id, { twoFactorEnforced: !one.twoFactorEnforced }),
    () => one && principal.update(one.id, { apiAccess: one.apiAccess !== true }),
    () => one && principal.update(one.id, { policies: [policy('DNS'), policy('Billing')] }),
    () => one && principal.update(one.id, { parent: { id: random.text(32), name: 'Umbrella' } }),
  ];
}
