import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAgreedRoll } from '../../src/cloudflare/agreement.ts';
import { listOrganizations } from '../../src/cloudflare/organizations.ts';
import { RollcallError } from '../../src/domain/errors.ts';
import {
  byOrganizationId,
  type Membership,
  normalizeSet,
  nothingKnown,
} from '../../src/domain/membership.ts';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { createWorld } from '../../src/simulator/world.ts';
import { type DriftOptions, startDrift, stateOf } from '../support/drift.ts';
import { knownRollOf } from '../support/rolls.ts';
import { clientOf } from './connected.ts';

/** How many worlds move in these tests; they are the same ones at every run. */
const worlds = 2_000;

const world = fc.record<DriftOptions>({
  seed: fc.integer(),
  organizations: fc.integer({ min: 0, max: 30 }),
  rate: fc.constantFrom(0.02, 0.1, 0.3, 0.6),
  perPage: fc.constantFrom(5, 7, 10),
});

/** Milliseconds for one test: two thousand worlds take their time. */
const timeout = 120_000;

const always = { numRuns: worlds, seed: 20_261_123, endOnFailure: true };

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ world: createWorld({ organizations: 0 }) });
});
afterAll(() => simulator.close());

describe('in a world that changes between any two requests', () => {
  it(
    `a listing that is believed is one that was true at some instant while it was read (${worlds} worlds)`,
    { timeout },
    async () => {
      const ends = { believed: 0, incomplete: 0 };
      await fc.assert(
        fc.asyncProperty(world, async (options) => {
          const drift = startDrift(simulator, options);
          const client = clientOf(simulator, { rereadPausesMs: [0, 0] });
          const before = trueRoll();
          const believed = await outcomeOf(readAgreedRoll(client, knownRollOf(before), () => undefined));
          ends[believed === null ? 'incomplete' : 'believed'] += 1;
          if (believed !== null) expect(drift.states).toContain(asState(believed));
        }),
        always,
      );
      // A test of listings that are never believed would hold for any code.
      expect(ends.believed).toBeGreaterThan(worlds / 3);
      expect(ends.incomplete).toBeGreaterThan(0);
    },
  );

  it(
    'a plain page loop is wrong about the same worlds, which is what makes them a test',
    { timeout },
    async () => {
      let wrong = 0;
      await fc.assert(
        fc.asyncProperty(world, async (options) => {
          const drift = startDrift(simulator, options);
          const listed = await loopOverPages(options.perPage);
          if (!drift.states.has(asState(listed))) wrong += 1;
        }),
        always,
      );
      expect(wrong).toBeGreaterThan(worlds / 20);
      console.info(`A plain page loop reports a roll that never was in ${wrong} of ${worlds} worlds.`);
    },
  );
});

/** The roll before anything moves, as a client would read it. */
function trueRoll(): Membership[] {
  return simulator.world
    .principal()
    .memberships.map(({ id, name, status, roles, permissions }) => ({
      ...nothingKnown,
      organizationId: id,
      organizationName: name,
      status,
      roles: normalizeSet(roles),
      permissions: normalizeSet(permissions),
    }))
    .sort(byOrganizationId);
}

async function outcomeOf(
  reading: Promise<{ memberships: readonly Membership[] }>,
): Promise<readonly Membership[] | null> {
  try {
    return (await reading).memberships;
  } catch (error) {
    if (error instanceof RollcallError && error.code === 'incomplete') return null;
    throw error;
  }
}

/** What most programs do: page after page until one is short, and believe it. */
async function loopOverPages(perPage: number): Promise<Membership[]> {
  const all = new Map<string, Membership>();
  for (let page = 1; ; page += 1) {
    const { memberships } = await listOrganizations(clientOf(simulator), { order: 'id', page, perPage });
    for (const membership of memberships) all.set(membership.organizationId, membership);
    if (memberships.length < perPage) return [...all.values()];
  }
}

function asState(memberships: readonly Membership[]): string {
  return stateOf(
    memberships.map((membership) => ({
      id: membership.organizationId,
      name: membership.organizationName ?? '',
      status: membership.status ?? '',
      roles: [...(membership.roles ?? [])],
      permissions: [...(membership.permissions ?? [])],
    })),
  );
}
