import { describe, expect, it } from 'vitest';
import { type Context } from '../../src/context.ts';
import { runs } from '../../src/database/schema.ts';
import { type RunSource } from '../../src/domain/run.ts';
import { listChanges } from '../../src/history/changes.ts';
import { findRunsToCompare } from '../../src/history/compared-runs.ts';
import { diffRuns } from '../../src/history/diff.ts';
import { listMembers } from '../../src/history/members.ts';
import { verifyHistory } from '../../src/history/verify/verify.ts';
import { approveRun } from '../../src/pipeline/decide.ts';
import { runPrincipal, type RunResult } from '../../src/pipeline.ts';
import { type SimulatedPrincipal } from '../../src/simulator/principal.ts';
import { type WorldOptions } from '../../src/simulator/world.ts';
import { startedSimulator } from '../simulator/calls.ts';
import { aContext } from '../support/context.ts';
import { useDatabase } from '../support/database.ts';
import { rowsOf } from '../support/raw-rows.ts';
import { readHistoryRows } from '../../src/history/rows.ts';

const database = useDatabase();

interface Stage {
  world: SimulatedPrincipal;
  context: Context;
  night: (source: RunSource) => Promise<RunResult>;
}

async function stage(options: WorldOptions = {}): Promise<Stage> {
  const simulator = await startedSimulator({ organizations: 60, ...options });
  const context = aContext({ db: database.db, queue: database.queue, simulator });
  const [principal] = context.config.principals;
  if (principal === undefined) throw new Error('expected a principal');
  const night = (source: RunSource) =>
    runPrincipal(context, { principal: { ...principal, source }, trigger: 'manual', slot: null });
  return { world: simulator.world.principal(), context, night };
}

const kindsOf = (result: RunResult) =>
  result.outcome === 'complete' ? result.snapshot.changes.map(({ kind }) => kind).sort() : [result.outcome];

async function storedRuns() {
  const stored = await database.db.select().from(runs).orderBy(runs.id);
  return stored.map(({ state, source, changes }) => ({ state, source, changes }));
}

async function expectVerified(): Promise<void> {
  const { principals, strays } = await database.db.transaction((tx) => verifyHistory(readHistoryRows(tx)));
  expect(principals.map(({ mismatch }) => mismatch)).toEqual([null]);
  expect(strays).toEqual([]);
}

const superPolicy = {
  id: 'p1',
  access: 'allow' as const,
  permission_groups: [{ id: 'g1', name: 'Super Administrator - All Privileges' }],
  resource_groups: [{ id: 'r1', scope: { key: 'com.cloudflare.api.account.1', objects: [{ key: '*' }] } }],
};

describe('changing over', () => {
  it('is no storm, there and back: what only one source tells is first known, or not known any more', async () => {
    const { night } = await stage();
    expect(kindsOf(await night('organizations'))).toEqual([]);
    expect(kindsOf(await night('memberships'))).toEqual([]);
    const known = await listMembers(database.db, {});
    expect(known.every(({ membershipId }) => membershipId !== null)).toBe(true);
    expect(known.some(({ policies }) => (policies ?? []).length > 0)).toBe(true);
    expect(kindsOf(await night('memberships'))).toEqual([]);
    expect(kindsOf(await night('organizations'))).toEqual([]);
    const unknown = await listMembers(database.db, {});
    expect(unknown.every(({ membershipId, policies }) => membershipId === null && policies === null)).toBe(
      true,
    );
    expect(await storedRuns()).toEqual(
      (['organizations', 'memberships', 'memberships', 'organizations'] as const).map((source) => ({
        state: 'complete',
        source,
        changes: 0,
      })),
    );
    await expectVerified();
  });

  it('tells who came and went, and whose status, name and roles changed, that night as on any other', async () => {
    const { world, night } = await stage();
    await night('organizations');
    const [left, renamed, others, invited] = world.memberships.filter(({ status }) => status === 'member');
    world.remove(left?.id ?? '');
    world.update(renamed?.id ?? '', { name: 'Renamed' });
    world.update(others?.id ?? '', { roles: ['Cache Purge'], permissions: ['#ssl:edit'] });
    world.update(invited?.id ?? '', { status: 'invited' });
    const joined = world.put({ status: 'member' });
    const result = await night('memberships');
    expect(kindsOf(result)).toEqual([
      'invitation_replaced_membership',
      'joined',
      'left',
      'renamed',
      'roles_changed',
    ]);
    const changes = await listChanges(database.db, { organizationIds: [joined.id] });
    expect(changes).toMatchObject([{ kind: 'joined', added: [...joined.roles].sort() }]);
    await expectVerified();
  });

  it('compares all that the new source tells from the next night on', async () => {
    const { world, night } = await stage();
    await night('organizations');
    await night('memberships');
    const plain = world.memberships.filter(
      ({ status, roles }) => status === 'member' && !roles.some((role) => role.includes('Super')),
    );
    const two = plain.find(({ policies }) => policies !== null);
    const three = plain.find(({ parent, id }) => parent !== null && id !== two?.id);
    const four = plain.find(({ apiAccess, id }) => apiAccess === false && id !== three?.id && id !== two?.id);
    const [one, five] = plain.filter(({ id }) => ![two?.id, three?.id, four?.id].includes(id));
    world.update(one?.id ?? '', { twoFactorEnforced: !(one?.twoFactorEnforced ?? false) });
    world.update(two?.id ?? '', { policies: [superPolicy] });
    world.update(three?.id ?? '', { parent: { id: 'f'.repeat(32), name: 'Another Group' } });
    world.update(four?.id ?? '', { apiAccess: true });
    world.update(five?.id ?? '', { permissions: ['#ssl:edit'] });
    expect(kindsOf(await night('memberships'))).toEqual([
      'api_access_changed',
      'parent_changed',
      'permissions_changed',
      'policies_changed',
      'two_factor_changed',
    ]);
    const [policies] = await listChanges(database.db, { kind: 'policies_changed' });
    expect(policies).toMatchObject({
      added: ['allow Super Administrator - All Privileges on com.cloudflare.api.account.1'],
    });
    await expectVerified();
  });

  it('is held where the ids do not match, and tells the removals only once that is approved', async () => {
    const { world, context, night } = await stage({ organizations: 20 });
    await night('organizations');
    for (const { id } of world.memberships.slice(0, 3)) world.remove(id);
    const held = await night('memberships');
    expect(held).toMatchObject({ outcome: 'held', reason: expect.stringMatching(/17 of .* 20 /) as string });
    expect(await listChanges(database.db, {})).toEqual([]);
    const believed = await approveRun(context, 2);
    expect(kindsOf(believed)).toHaveLength(3);
    const stored = await database.db.select().from(runs).orderBy(runs.id);
    expect(stored[1]).toMatchObject({ state: 'complete', source: 'memberships' });
    await expectVerified();
  });

  it('is a hold of its own, which the number of an earlier one from the other source does not decide', async () => {
    const { world, context, night } = await stage({ organizations: 4 });
    await night('organizations');
    world.removeAll();
    expect((await night('organizations')).outcome).toBe('held');
    expect((await night('memberships')).outcome).toBe('held');
    await expect(approveRun(context, 2)).rejects.toMatchObject({ code: 'usage' });
    expect(kindsOf(await approveRun(context, 3))).toHaveLength(4);
  });

  it('does not hold for a loss below that', async () => {
    const { world, night } = await stage({ organizations: 20 });
    await night('organizations');
    for (const { id } of world.memberships.slice(0, 2)) world.remove(id);
    const result = await night('memberships');
    expect(result.outcome).toBe('complete');
    expect(kindsOf(result)).toHaveLength(2);
  });

  it('compares nothing but name, status and roles in a diff over it either', async () => {
    const { world, night } = await stage();
    await night('organizations');
    await night('memberships');
    const [one] = world.memberships;
    world.update(one?.id ?? '', { name: 'Renamed', twoFactorEnforced: !(one?.twoFactorEnforced ?? false) });
    await night('memberships');
    const told = async (from: number, to: number) =>
      (await diffRuns(database.db, await findRunsToCompare(database.db, from, to))).map(({ kind }) => kind);
    expect(await told(1, 2)).toEqual([]);
    expect(await told(1, 3)).toEqual(['renamed']);
    expect(await told(3, 1)).toEqual(['renamed']);
    expect(await told(2, 3)).toEqual(['renamed', 'two_factor_changed']);
  });

  it('keeps what the API left out as it was last known, of what both sources tell alone', async () => {
    const { world, night } = await stage({ organizations: 12 });
    const [{ id, roles }] = world.memberships as [SimulatedPrincipal['memberships'][number]];
    await night('organizations');
    world.setRaw(id, { roles: undefined, permissions: undefined }, 'memberships');
    expect(kindsOf(await night('memberships'))).toEqual([]);
    const [known] = await listMembers(database.db, { organizationIds: [id] });
    expect(known).toMatchObject({ roles: [...roles].sort(), permissions: null });
    world.setRaw(id, {}, 'memberships');
    expect(kindsOf(await night('memberships'))).toEqual([]);
  });
});

describe('an invitation that was declined', () => {
  const aPending = (world: SimulatedPrincipal) => {
    const [invited] = world.memberships.filter(({ status }) => status === 'invited');
    if (invited === undefined) throw new Error('expected an invitation');
    return invited.id;
  };

  it.each<RunSource>(['memberships', 'organizations'])(
    'after a night of %s is gone because it was, and is on no roll from then on',
    async (before) => {
      const { world, night } = await stage();
      await night(before);
      const id = aPending(world);
      world.tokenMay.invites = false;
      world.reject(id);
      const result = await night('memberships');
      expect(result).toMatchObject({
        outcome: 'complete',
        snapshot: { changes: [{ kind: 'invitation_gone', organizationId: id, goneBecause: 'declined' }] },
      });
      expect(kindsOf(await night('memberships'))).toEqual([]);
      expect(await listMembers(database.db, { organizationIds: [id] })).toEqual([]);
    },
  );

  it('says nothing of a later one, of which nobody can read what became of it', async () => {
    const { world, night } = await stage();
    const id = aPending(world);
    world.tokenMay.invites = false;
    await night('memberships');
    world.reject(id);
    await night('memberships');
    world.put({ id, status: 'invited', membershipId: 'e'.repeat(32) });
    await night('memberships');
    world.erase(id);
    expect(await night('memberships')).toMatchObject({
      snapshot: { changes: [{ kind: 'invitation_gone', goneBecause: null }] },
    });
    expect(await rowsOf(database.db, 'invitations')).toEqual([]);
  });

  it('says nothing of a later one, which may be withdrawn', async () => {
    const { world, night } = await stage();
    const id = aPending(world);
    await night('memberships');
    world.reject(id);
    await night('memberships');
    world.put({ id, status: 'invited', membershipId: 'e'.repeat(32) });
    expect(kindsOf(await night('memberships'))).toEqual(['invited']);
    world.remove(id);
    expect(await night('memberships')).toMatchObject({
      snapshot: { changes: [{ kind: 'invitation_gone', goneBecause: 'withdrawn' }] },
    });
  });

  it('while a night was held is told so when that is approved', async () => {
    const { world, context, night } = await stage({ organizations: 20 });
    await night('organizations');
    const id = aPending(world);
    world.reject(id);
    for (const { id: gone } of world.memberships.filter(({ status }) => status === 'member').slice(0, 5))
      world.remove(gone);
    expect((await night('memberships')).outcome).toBe('held');
    await approveRun(context, 2);
    const [told] = await listChanges(database.db, { organizationIds: [id] });
    expect(told).toMatchObject({ kind: 'invitation_gone', goneBecause: 'declined' });
    expect(await rowsOf(database.db, 'held_memberships')).toEqual([]);
  });
});
