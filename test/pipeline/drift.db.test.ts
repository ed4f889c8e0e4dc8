import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Change } from '../../src/domain/change.ts';
import { runPrincipal } from '../../src/pipeline.ts';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { createWorld } from '../../src/simulator/world.ts';
import { listMembers } from '../../src/history/members.ts';
import { aClock, aContext } from '../support/context.ts';
import { useDatabase } from '../support/database.ts';
import { type DriftOptions, startDrift } from '../support/drift.ts';

/** Worlds of three nights each, on either database; test/cloudflare/drift.test.ts reads thousands without one. */
const worlds = 40;

const database = useDatabase();

const world = fc.record<DriftOptions>({
  seed: fc.integer(),
  organizations: fc.integer({ min: 0, max: 25 }),
  rate: fc.constantFrom(0.02, 0.1, 0.3),
  perPage: fc.constantFrom(5, 10),
});

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ world: createWorld({ organizations: 0 }) });
});
afterAll(() => simulator.close());

describe('night after night in a world that changes between any two requests', () => {
  it(`every snapshot was true at some instant of its run, and every change is true between two such instants (${worlds} worlds)`, async () => {
    const seen = { complete: 0, changes: 0 };
    const now = aClock();
    await fc.assert(
      fc.asyncProperty(world, async (options) => {
        const drift = startDrift(simulator, options);
        const name = `seed ${options.seed} ${options.organizations} ${options.rate} ${options.perPage}`;
        // A principal of its own is a Cloudflare user of its own.
        simulator.world.principal().userId = createHash('md5').update(name).digest('hex');
        let before: Roll | null = null;
        for (let night = 0; night < 3; night += 1) {
          drift.forget();
          const result = await takeNight(name, now);
          if (result === null) continue;
          const after = await storedRoll(name);
          expect(drift.states).toContain(asState(after));
          if (before !== null) expect(result.map(tell).sort()).toEqual(differences(before, after).sort());
          seen.complete += 1;
          seen.changes += result.length;
          before = after;
        }
      }),
      { numRuns: worlds, seed: 1, endOnFailure: true },
    );
    expect(seen.complete).toBeGreaterThan(worlds);
    expect(seen.changes).toBeGreaterThan(worlds);
  });
});

type Roll = Map<string, Awaited<ReturnType<typeof listMembers>>[number]>;

/** The changes of a complete night, or `null` when it did not complete. */
async function takeNight(name: string, now: () => Date): Promise<readonly Change[] | null> {
  const context = aContext({
    db: database.db,
    queue: database.queue,
    simulator,
    now,
    config: { hold: { removals: 1000, share: 1 } },
  });
  const [principal] = context.config.principals;
  if (principal === undefined) throw new Error('expected a principal');
  const order = { principal: { ...principal, name }, trigger: 'manual' as const, slot: null };
  const result = await runPrincipal(context, order);
  if (result.outcome === 'complete') return result.snapshot.changes;
  expect(result).toMatchObject({ outcome: 'short', state: 'incomplete' });
  return null;
}

async function storedRoll(principal: string): Promise<Roll> {
  const members = await listMembers(database.db, { principal });
  return new Map(members.map((member) => [member.organizationId, member]));
}

function asState(roll: Roll): string {
  const rows = [...roll.values()].map((one) => [
    one.organizationId,
    one.organizationName,
    one.status,
    one.roles,
    one.permissions,
  ]);
  return JSON.stringify(rows.sort(([left], [right]) => (String(left) < String(right) ? -1 : 1)));
}

/** What a change says, without what only the database knows. */
function tell({ organizationId, kind, before, after }: Change): string {
  return [organizationId, kind, before, after].join(' | ');
}

/** The same differences found by the plainest means, as an independent witness. */
function differences(before: Roll, after: Roll): string[] {
  const steps: Record<string, string> = {
    'absent member': 'joined',
    'member absent': 'left',
    'absent invited': 'invited',
    'invited member': 'invitation_accepted',
    'invited absent': 'invitation_gone',
    'member invited': 'invitation_replaced_membership',
  };
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((id) => {
    const [one, other] = [before.get(id), after.get(id)];
    const [from, to] = [one?.status ?? 'absent', other?.status ?? 'absent'];
    const told = from === to ? [] : [[id, steps[`${from} ${to}`], from, to].join(' | ')];
    if (one === undefined || other === undefined) return told;
    if (one.organizationName !== other.organizationName) {
      told.push([id, 'renamed', one.organizationName, other.organizationName].join(' | '));
    }
    const [hadRoles, hasRoles] = [one.roles?.join('; '), other.roles?.join('; ')];
    if (hadRoles !== hasRoles) told.push([id, 'roles_changed', hadRoles, hasRoles].join(' | '));
    return told;
  });
}
