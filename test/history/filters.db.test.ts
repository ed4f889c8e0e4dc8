import { beforeEach, expect, test } from 'vitest';
import { type ChangeFilter, listChanges } from '../../src/history/changes.ts';
import { listMembers } from '../../src/history/members.ts';
import { listRuns } from '../../src/history/runs.ts';
import { findRole } from '../../src/history/known.ts';
import { useDatabase } from '../support/database.ts';
import { acme, aMembership, globex, night, organizationId, takeNight } from '../support/nights.ts';
import { tellStory } from './story.ts';

const database = useDatabase();

beforeEach(() => tellStory(database.db));

test('changes are narrowed by what is given, and by all of it together', async () => {
  const kindsOf = async (filter: ChangeFilter) =>
    (await listChanges(database.db, filter)).map(({ kind }) => kind);

  expect(await kindsOf({ organizationIds: [acme] })).toEqual(['left', 'joined']);
  expect(await kindsOf({ kind: 'left' })).toEqual(['left', 'left']);
  expect(await kindsOf({ principal: 'legacy' })).toEqual([]);
  expect(await kindsOf({ runId: 3 })).toEqual(['invited']);
  expect(await kindsOf({ organizationIds: [globex], kind: 'left' })).toEqual(['left']);
});

test('since takes in its instant and until leaves it out, so that periods can be put side by side', async () => {
  const early = await listChanges(database.db, { until: night(4) });
  const late = await listChanges(database.db, { since: night(4) });

  expect(early.map(({ notAfter }) => notAfter)).toEqual([night(2), night(3)]);
  expect([...early, ...late]).toEqual(await listChanges(database.db, {}));
});

test('runs are newest first, of one principal or one state where asked, and no more than asked', async () => {
  const idsOf = async (filter: Parameters<typeof listRuns>[1]) =>
    (await listRuns(database.db, filter)).map(({ id }) => id);

  expect(await idsOf({ limit: 2 })).toEqual([6, 5]);
  expect(await idsOf({ limit: 10, principal: 'legacy' })).toEqual([2]);
  expect(await idsOf({ limit: 10, state: 'failed' })).toEqual([]);
});

test('runs are narrowed to those begun since an instant, that one among them', async () => {
  const since = await listRuns(database.db, { limit: 10, since: night(4) });

  expect(since.map(({ startedAt }) => startedAt)).toEqual([night(5), night(4)]);
});

test('a limit keeps the newest changes, oldest first, and the first members', async () => {
  const changes = await listChanges(database.db, {});
  const members = await listMembers(database.db, {});

  expect(await listChanges(database.db, { limit: 2 })).toEqual(changes.slice(-2));
  expect(await listMembers(database.db, { limit: 1 })).toEqual(members.slice(0, 1));
});

test('members are narrowed by status, and by a role in either spelling', async () => {
  const spelled = ['Super Administrator - All Privileges', 'All Privileges - Super Administrator'];
  const memberships = spelled.map((role, index) =>
    aMembership({
      organizationId: organizationId(index + 1),
      status: index === 0 ? 'member' : 'invited',
      roles: [role, 'DNS'],
    }),
  );
  await takeNight(database.db, memberships, { principal: 'third', at: night(6) });
  const roles = await findRole(database.db, 'super administrator - all privileges');
  const idsOf = async (filter: Parameters<typeof listMembers>[1]) =>
    (await listMembers(database.db, { principal: 'third', ...filter })).map(
      (member) => member.organizationId,
    );

  expect(await idsOf({ roles })).toEqual([organizationId(1), organizationId(2)]);
  expect(await idsOf({ roles, status: 'invited' })).toEqual([organizationId(2)]);
  expect(await idsOf({ roles: await findRole(database.db, 'dns') })).toHaveLength(2);
  expect(await idsOf({ roles: ['Billing'] })).toEqual([]);
});

test('who has Super Administrator by a policy alone is found by that name, and no name that no membership had', async () => {
  const asking = findRole(database.db, 'Super Administrator');
  await expect(asking).rejects.toMatchObject({ code: 'usage' });
  const by = (number: number, line: string) =>
    aMembership({ organizationId: organizationId(number), roles: ['DNS'], policies: [line] });
  const memberships = [
    by(1, 'allow DNS, Super Administrator - All Privileges on a'),
    by(2, 'deny Super Administrator - All Privileges on a'),
    by(3, 'allow DNS on "Super Administrator" {a}'),
    aMembership({ organizationId: organizationId(4), roles: null }),
  ];
  await takeNight(database.db, memberships, { principal: 'third', source: 'memberships', at: night(6) });

  for (const name of ['Super Administrator', 'all privileges - super administrator']) {
    const found = await listMembers(database.db, { roles: await findRole(database.db, name) });
    expect(
      found.map((member) => member.organizationId),
      name,
    ).toEqual([organizationId(1)]);
  }
  const dns = await listMembers(database.db, {
    roles: await findRole(database.db, 'dns'),
    principal: 'third',
  });
  expect(dns).toHaveLength(3);
});

test('members are narrowed by principal by principal and organization', async () => {
  expect(await listMembers(database.db, { organizationIds: [globex] })).toMatchObject([
    { principal: 'legacy' },
  ]);
  expect(await listMembers(database.db, { at: night(3), principal: 'ops-bot' })).toMatchObject([
    { organizationName: 'Acme', since: night(1) },
    { organizationName: 'Globex', since: night(3) },
  ]);
});
