import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RollcallError } from '../../src/domain/errors.ts';
import { runPrincipal, type RunResult } from '../../src/pipeline.ts';
import { type Endpoint } from '../../src/simulator/endpoints.ts';
import { type Fault } from '../../src/simulator/faults.ts';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { createWorld } from '../../src/simulator/world.ts';
import { hostileText } from '../hostile/shapes.ts';
import { aClock, aContext } from '../support/context.ts';
import { useDatabase } from '../support/database.ts';
import { expectSettled } from '../support/settled.ts';

/** More by hand: FUZZ_WORLDS=2000 FUZZ_SEED=2 npx vitest run --project pglite test/pipeline/fuzz */
const worlds = Number(process.env['FUZZ_WORLDS'] ?? 40);
const seed = Number(process.env['FUZZ_SEED'] ?? 1);

const database = useDatabase();

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ world: createWorld({ organizations: 6 }) });
  const principal = simulator.world.principal();
  for (const { id } of principal.memberships.slice(0, 3)) principal.update(id, { status: 'invited' });
});
afterAll(() => simulator.close());

const json = fc.oneof(
  { arbitrary: hostileText, weight: 4 },
  fc.constantFrom(null, true, -1, 0, 0.5, 5e9, 1e300, [], {}, [null], ['x', 7], [[[]]], { id: 'x' }),
  fc.jsonValue(),
);

/** One value somewhere in an endpoint's answer is another: `steps` says which, from the outermost inwards. */
const distortion = fc.record({
  path: fc.constantFrom<Endpoint>('list', 'list', 'user', 'invites'),
  steps: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
  value: json,
  times: fc.constantFrom(1, Infinity),
});

const header = hostileText.map((text) => text.replaceAll(/[^\x20-\x7e\xa0-\xff]/g, ''));

/** Another answer than the API's. */
const interruption = fc.record({
  path: fc.constantFrom<Endpoint>('list', 'user', 'invites'),
  status: fc.constantFrom(200, 204, 302, 400, 401, 403, 404, 418, 429, 500, 503, 599),
  body: fc.constantFrom('envelope' as const, 'html' as const, 'empty' as const),
  message: hostileText,
  headers: fc.dictionary(fc.constantFrom('ratelimit', 'cf-mitigated', 'cf-ray', 'x-any'), header),
  times: fc.constantFrom(1, Infinity),
});

const world = fc.record({
  distortions: fc.array(distortion, { minLength: 1, maxLength: 3 }),
  interruptions: fc.array(interruption, { maxLength: 1 }),
});

describe('whatever Cloudflare answers', () => {
  it(
    `every run ends on record, by an error of ours or none, and nothing hides in what is told (${worlds} worlds)`,
    { timeout: 60_000 + worlds * 2_000 },
    async () => {
      const now = aClock();
      const ends = new Map<string, number>();
      let count = 0;
      await fc.assert(
        fc.asyncProperty(world, async ({ distortions, interruptions }) => {
          const name = `world ${++count}`;
          const principal = simulator.world.principal();
          principal.userId = createHash('md5').update(name).digest('hex');
          simulator.faults.clear();
          expect(await night(name, now)).toMatchObject({ outcome: 'complete' });
          for (const { path, times, steps, value } of distortions) {
            simulator.faults.add({ on: { path, times }, fault: distort(steps, value) });
          }
          for (const { path, times, ...answer } of interruptions) {
            simulator.faults.add({ on: { path, times }, fault: { kind: 'answer', ...answer } });
          }
          const result = await night(name, now);
          ends.set(result.outcome, (ends.get(result.outcome) ?? 0) + 1);
          if (result.outcome === 'short') expect(result.error).toBeInstanceOf(RollcallError);
          else expect(['complete', 'held']).toContain(result.outcome);
          await expectSettled(database.db);
        }),
        { numRuns: worlds, seed, endOnFailure: true },
      );
      // Of worlds in which every night ends alike it would hold for any code.
      expect(ends.get('short')).toBeGreaterThan(worlds / 10);
      expect(ends.get('complete')).toBeGreaterThan(worlds / 10);
    },
  );
});

function distort(steps: readonly number[], value: unknown): Fault {
  return { kind: 'rewrite', rewrite: (answer) => replaceWithin(answer, steps, value) };
}

function replaceWithin(within: unknown, [step = 0, ...further]: readonly number[], value: unknown): unknown {
  if (typeof within !== 'object' || within === null) return value;
  const entries = Object.entries(within);
  const [key, inner] = entries[step % entries.length] ?? [];
  if (key === undefined) return value;
  const replaced = further.length === 0 ? value : replaceWithin(inner, further, value);
  return Array.isArray(within)
    ? within.map((one: unknown, index) => (String(index) === key ? replaced : one))
    : { ...within, [key]: replaced };
}

function night(name: string, now: () => Date): Promise<RunResult> {
  const context = aContext({
    db: database.db,
    queue: database.queue,
    simulator,
    now,
    client: { retries: 1 },
  });
  const [principal] = context.config.principals;
  if (principal === undefined) throw new Error('expected a principal');
  return runPrincipal(context, { principal: { ...principal, name }, trigger: 'manual', slot: null });
}
