import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgreedRoll, readAgreedRoll } from '../../src/cloudflare/agreement.ts';
import { readPage } from '../../src/cloudflare/page.ts';
import { RollcallError } from '../../src/domain/errors.ts';
import { byOrganizationId, type Membership } from '../../src/domain/membership.ts';
import { type RunSource, runSources } from '../../src/domain/run.ts';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { createWorld } from '../../src/simulator/world.ts';
import { type DriftOptions, startDrift, stateOf } from '../support/drift.ts';
import { knownRollOf } from '../support/rolls.ts';
import { trueRoll } from '../support/true-roll.ts';
import { clientOf } from './connected.ts';

/**
 * How many worlds move for each source; they are the same ones at every run. More by hand:
 * FUZZ_WORLDS=10000 FUZZ_SEED=2 npx vitest run --project unit test/cloudflare/drift
 */
const worlds = Number(process.env['FUZZ_WORLDS'] ?? 1_000);
const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_123);

const world = fc.record<DriftOptions>({
  seed: fc.integer(),
  organizations: fc.integer({ min: 0, max: 30 }),
  rate: fc.constantFrom(0.02, 0.1, 0.3, 0.6),
  perPage: fc.constantFrom(5, 7, 10),
});

/** Milliseconds for one test: a thousand worlds take their time. */
const timeout = 240_000 * Math.max(1, worlds / 1_000);

const always = { numRuns: worlds, seed, endOnFailure: true };

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ world: createWorld({ organizations: 0 }) });
});
afterAll(() => simulator.close());

describe.each(runSources)('%s, in a world that changes between any two requests', (source) => {
  it(
    `a listing that is believed is one that was true at some instant while it was read (${worlds} worlds)`,
    { timeout },
    async () => {
      const ends = { believed: 0, incomplete: 0, withDeclined: 0 };
      await fc.assert(
        fc.asyncProperty(world, async (options) => {
          const drift = startDrift(simulator, options, source);
          const client = clientOf(simulator, { source, rereadPausesMs: [0, 0] });
          const before = trueRoll(simulator.world.principal(), source);
          const known = knownRollOf(before, source);
          const believed = await outcomeOf(readAgreedRoll(client, known, () => undefined));
          ends[believed === null ? 'incomplete' : 'believed'] += 1;
          if (believed === null) return;
          expect(drift.states).toContain(stateOf(believed.memberships));
          for (const { organizationId } of believed.declined)
            expect(drift.rejecting).toContain(organizationId);
          if (believed.declined.length > 0) ends.withDeclined += 1;
        }),
        always,
      );
      // A test of listings that are never believed would hold for any code.
      expect(ends.believed).toBeGreaterThan(worlds / 3);
      expect(ends.incomplete).toBeGreaterThan(0);
      if (source === 'memberships') expect(ends.withDeclined).toBeGreaterThan(worlds / 5);
      else expect(ends.withDeclined).toBe(0);
    },
  );

  it(
    'a plain page loop is wrong about the same worlds, which is what makes them a test',
    { timeout },
    async () => {
      let wrong = 0;
      await fc.assert(
        fc.asyncProperty(world, async (options) => {
          const drift = startDrift(simulator, options, source);
          const listed = await loopOverPages(source, options.perPage);
          if (!drift.states.has(stateOf(listed))) wrong += 1;
        }),
        always,
      );
      expect(wrong).toBeGreaterThan(worlds / 20);
      console.info(
        `A plain page loop over ${source} reports a roll that never was in ${wrong} of ${worlds} worlds.`,
      );
    },
  );
});

async function outcomeOf(reading: Promise<AgreedRoll>): Promise<AgreedRoll | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof RollcallError && error.code === 'incomplete') return null;
    throw error;
  }
}

/** What most programs do: page after page until one is short, and believe it. */
async function loopOverPages(source: RunSource, perPage: number): Promise<Membership[]> {
  const all = new Map<string, Membership>();
  for (let page = 1; ; page += 1) {
    const { rows } = await readPage(clientOf(simulator, { source }), {
      order: 'id',
      page,
      per_page: perPage,
    });
    for (const { membership, isDeclined } of rows)
      if (!isDeclined) all.set(membership.organizationId, membership);
    if (rows.length < perPage) return [...all.values()].sort(byOrganizationId);
  }
}
