import { normalizeSet } from '../../src/domain/membership.ts';
import { type SimulatedMembership, type SimulatedPrincipal } from '../../src/simulator/principal.ts';
import { createRandom, type Random } from '../../src/simulator/random.ts';
import { type Simulator } from '../../src/simulator/server.ts';

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
  /** Remembers from now on: what comes next is looked at by itself. */
  forget: () => void;
  /** Whether it moves. */
  moving: boolean;
}

/** Empties the simulator's principal, fills it anew, and lets it move with every request. */
export function startDrift(
  simulator: Simulator,
  { seed, organizations, rate, perPage }: DriftOptions,
): Drift {
  const principal = simulator.world.principal();
  const random = createRandom(`drift/${seed}`);
  simulator.faults.clear();
  simulator.faults.add({
    on: { path: 'list', times: Infinity },
    fault: { kind: 'cap-per-page', most: perPage },
  });
  simulator.onRequest = undefined;
  principal.removeAll();
  for (let count = 0; count < organizations; count += 1) principal.put({ id: random.text(32) });
  const states = new Set([stateOf(principal.memberships)]);
  const drift: Drift = {
    states,
    moving: true,
    forget: () => {
      states.clear();
      states.add(stateOf(principal.memberships));
    },
  };
  simulator.onRequest = () => {
    while (drift.moving && random.next() < rate) {
      move(principal, random);
      states.add(stateOf(principal.memberships));
    }
  };
  return drift;
}

/** One roll, written so that equal ones are equal. */
export function stateOf(memberships: readonly SimulatedMembership[]): string {
  return JSON.stringify(
    memberships
      .map(({ id, name, status, roles, permissions }) => [
        id,
        name,
        status,
        normalizeSet(roles),
        normalizeSet(permissions),
      ])
      .sort(([left], [right]) => (String(left) < String(right) ? -1 : 1)),
  );
}

/** Somebody comes, comes back, goes, or changes in any of the ways that there are. */
function move(principal: SimulatedPrincipal, random: Random): void {
  const { memberships, departed } = principal;
  const one = memberships.length === 0 ? undefined : random.pick(memberships);
  const moves = [
    () => principal.put({ id: random.text(32) }),
    () => principal.put({ id: random.text(32), status: 'invited' }),
    () => departed.length > 0 && principal.put(random.pick(departed)),
    () => one && principal.remove(one.id),
    () => one && principal.remove(one.id),
    () => one && principal.update(one.id, { name: `Renamed ${random.text(4)}` }),
    () => one && principal.update(one.id, { roles: [random.text(4)] }),
    () => one && principal.update(one.id, { status: one.status === 'member' ? 'invited' : 'member' }),
  ];
  random.pick(moves)();
}
