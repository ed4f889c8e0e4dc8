import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Change } from '../../src/domain/change.ts';
import { byOrganizationId, type Membership } from '../../src/domain/membership.ts';
import { type RunSource } from '../../src/domain/run.ts';
import { listMembers } from '../../src/history/members.ts';
import { runPrincipal } from '../../src/pipeline.ts';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { createWorld } from '../../src/simulator/world.ts';
import { aClock, aContext } from '../support/context.ts';
import { useDatabase } from '../support/database.ts';
import { type DriftOptions, startDrift, stateOf } from '../support/drift.ts';
import { sourcesHere } from '../support/either-source.ts';

/**
 * Worlds of three nights each, for each source and on either database; test/cloudflare/drift.test.ts reads thousands without
 * one. More by hand: FUZZ_WORLDS=1000 FUZZ_SEED=2 npx vitest run --project pglite test/pipeline/drift
 */
const worlds = Number(process.env['FUZZ_WORLDS'] ?? 20);
const seed = Number(process.env['FUZZ_SEED'] ?? 1);

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

describe.each(sourcesHere())(
  '%s, night after night in a world that changes between any two requests',
  (source) => {
    it(
      `every snapshot was true at some instant of its run, and every change is true between two such instants (${worlds} worlds)`,
      { timeout: 60_000 * Math.max(1, worlds / 20) },
      async () => {
        const seen = { complete: 0, changes: 0 };
        const now = aClock();
        await fc.assert(
          fc.asyncProperty(world, async (options) => {
            const drift = startDrift(simulator, options, source);
            const name = `${source} ${Object.values(options).join(' ')}`;
            // A principal of its own is a Cloudflare user of its own.
            simulator.world.principal().userId = createHash('md5').update(name).digest('hex');
            let before: readonly Membership[] | null = null;
            for (let night = 0; night < 3; night += 1) {
              drift.forget();
              const result = await takeNight({ name, source }, now);
              if (result === null) continue;
              const after = await storedRoll(name);
              expect(drift.states).toContain(stateOf(after));
              if (before !== null) expect(result.map(tell).sort()).toEqual(differences(before, after).sort());
              seen.complete += 1;
              seen.changes += result.length;
              before = after;
            }
          }),
          { numRuns: worlds, seed, endOnFailure: true },
        );
        expect(seen.complete).toBeGreaterThan(worlds);
        expect(seen.changes).toBeGreaterThan(worlds);
      },
    );
  },
);

/** The changes of a complete night, or `null` when it did not complete. */
async function takeNight(
  { name, source }: { name: string; source: RunSource },
  now: () => Date,
): Promise<readonly Change[] | null> {
  const context = aContext({
    db: database.db,
    queue: database.queue,
    simulator,
    now,
    config: { hold: { removals: 1000, share: 1 } },
    client: { source },
  });
  const [principal] = context.config.principals;
  if (principal === undefined) throw new Error('expected a principal');
  const order = { principal: { ...principal, name }, trigger: 'manual' as const, slot: null };
  const result = await runPrincipal(context, order);
  if (result.outcome === 'complete') return result.snapshot.changes;
  expect(result).toMatchObject({ outcome: 'short', state: 'incomplete' });
  return null;
}

/** What is stored of a principal's roll, in the order of ids. */
async function storedRoll(principal: string): Promise<Membership[]> {
  const members = await listMembers(database.db, { principal });
  return members
    .map(({ principal: _principal, since: _since, seenAt: _seenAt, ...membership }) => membership)
    .sort(byOrganizationId);
}

/** What a change says, without what only the database knows. */
function tell({ organizationId, kind, before, after }: Change): string {
  return [organizationId, kind, before, after].join(' | ');
}

const steps: Readonly<Record<string, string>> = {
  'absent member': 'joined',
  'member absent': 'left',
  'absent invited': 'invited',
  'invited member': 'invitation_accepted',
  'invited absent': 'invitation_gone',
  'member invited': 'invitation_replaced_membership',
};

const kindsOfFields = {
  organizationName: 'renamed',
  roles: 'roles_changed',
  permissions: 'permissions_changed',
  policies: 'policies_changed',
  twoFactorEnforced: 'two_factor_changed',
  apiAccess: 'api_access_changed',
  parentOrganization: 'parent_changed',
} as const;

type Told = keyof typeof kindsOfFields;

/** The same differences found by the plainest means, as an independent witness. */
function differences(before: readonly Membership[], after: readonly Membership[]): string[] {
  const ids = new Set([...before, ...after].map(({ organizationId }) => organizationId));
  return [...ids].flatMap((id) => {
    const [one, other] = [before, after].map((roll) => roll.find(({ organizationId: of }) => of === id));
    const [from, to] = [one?.status ?? 'absent', other?.status ?? 'absent'];
    const step = from === to ? [] : [[id, steps[`${from} ${to}`], from, to].join(' | ')];
    if (one === undefined || other === undefined) return step;
    const texts = (
      ['organizationName', 'twoFactorEnforced', 'apiAccess', 'parentOrganization'] as const
    ).flatMap((field) => tellField(one, other, field));
    const sets = (['roles', 'permissions', 'policies'] as const).flatMap((field) =>
      tellField(one, other, field),
    );
    // A step tells its sets by itself, and an invitation that differs is one difference.
    const alone = from !== to ? [] : to !== 'invited' ? sets : sets.slice(0, 1).map(asOfInvitation);
    return [...step, ...texts, ...alone];
  });
}

function tellField(before: Membership, after: Membership, field: Told): string[] {
  const [had, has] = [before[field], after[field]].map((value) =>
    Array.isArray(value) ? value.join('; ') : value,
  );
  if (had === has || had == null || has == null) return [];
  return [[before.organizationId, kindsOfFields[field], had, has].join(' | ')];
}

function asOfInvitation(told: string): string {
  return told.replace(/ \| \w+_changed \| /, ' | invitation_changed | ');
}
