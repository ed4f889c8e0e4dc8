import { describe, expect, test } from 'vitest';
import { type Change } from '../../src/domain/change.ts';
import { type Membership, normalizeSet } from '../../src/domain/membership.ts';
import { listChanges } from '../../src/history/changes.ts';
import { useDatabase } from '../support/database.ts';
import { acme, aMembership, globex, night, takeNight } from '../support/nights.ts';

const database = useDatabase();

const member = aMembership({ status: 'member' });
const invited = aMembership({ status: 'invited' });
const suspended = aMembership({ status: 'suspended' });

/** The changes of the second of two nights. */
async function changesBetween(
  before: readonly Membership[],
  after: readonly Membership[],
): Promise<Change[]> {
  await takeNight(database.db, before, { at: night(1) });
  const { run } = await takeNight(database.db, after, { at: night(2) });
  return listChanges(database.db, { runId: run.id });
}

describe('every step from one status to another has its name', () => {
  const steps: [category: string, kind: string, before: Membership[], after: Membership[]][] = [
    ['membership', 'joined', [], [member]],
    ['membership', 'left', [member], []],
    ['invitation', 'invited', [], [invited]],
    ['invitation', 'invitation_accepted', [invited], [member]],
    ['invitation', 'invitation_gone', [invited], []],
    ['invitation', 'invitation_replaced_membership', [member], [invited]],
    ['membership', 'status_changed', [member], [suspended]],
    ['membership', 'status_changed', [suspended], [invited]],
    ['membership', 'status_changed', [], [suspended]],
    ['membership', 'status_changed', [suspended], []],
  ];
  const statusOf = ([membership]: Membership[]) => membership?.status ?? 'absent';

  for (const [category, kind, before, after] of steps) {
    test(`${statusOf(before)} to ${statusOf(after)} is ${category}: ${kind}`, async () => {
      const changes = await changesBetween(before, after);

      expect(changes).toMatchObject([
        { category, kind, organizationId: acme, before: statusOf(before), after: statusOf(after) },
      ]);
    });
  }
});

test('a role that came and one that went are told apart', async () => {
  const before = aMembership({ roles: ['Administrator', 'Billing'] });
  const after = aMembership({ roles: ['Administrator', 'DNS'] });

  expect(await changesBetween([before], [after])).toMatchObject([
    {
      category: 'membership',
      kind: 'roles_changed',
      before: 'Administrator; Billing',
      after: 'Administrator; DNS',
      added: ['DNS'],
      removed: ['Billing'],
    },
  ]);
});

test('a permission that came is a change of permissions', async () => {
  const after = aMembership({ permissions: ['#zones:edit', '#zones:read'] });

  expect(await changesBetween([aMembership()], [after])).toMatchObject([
    { category: 'membership', kind: 'permissions_changed', added: ['#zones:edit'], removed: [] },
  ]);
});

test('losing the last role is a change, from a set to the empty one', async () => {
  expect(await changesBetween([aMembership()], [aMembership({ roles: [] })])).toMatchObject([
    { kind: 'roles_changed', before: 'Administrator', after: '', added: [], removed: ['Administrator'] },
  ]);
});

test('what a set gained is in the same order on every database, whatever its language', async () => {
  const after = aMembership({ roles: normalizeSet(['ärzte', 'alpha', 'Zulu', '_x', '😀']) });

  expect(await changesBetween([aMembership({ roles: [] })], [after])).toMatchObject([
    { added: ['Zulu', '_x', 'alpha', 'ärzte', '😀'] },
  ]);
});

test('a new name is a rename, and the change goes by it', async () => {
  expect(
    await changesBetween([aMembership()], [aMembership({ organizationName: 'Acme Ltd' })]),
  ).toMatchObject([
    {
      category: 'membership',
      kind: 'renamed',
      organizationName: 'Acme Ltd',
      before: 'Acme',
      after: 'Acme Ltd',
    },
  ]);
});

test('several changes at one organization are all told', async () => {
  const after = aMembership({ organizationName: 'Acme Ltd', roles: ['DNS'], permissions: [] });

  expect((await changesBetween([aMembership()], [after])).map(({ kind }) => kind)).toEqual([
    'permissions_changed',
    'renamed',
    'roles_changed',
  ]);
});

test('a change of status tells the whole difference in access', async () => {
  const after = aMembership({ status: 'invited', roles: ['DNS'], permissions: [] });

  expect(await changesBetween([aMembership()], [after])).toMatchObject([
    { kind: 'invitation_replaced_membership', added: [], removed: ['Administrator'], offered: ['DNS'] },
  ]);
});

describe('an organization whose name or status is one of our words', () => {
  test('is renamed without having been here before', async () => {
    const changes = await changesBetween(
      [aMembership({ organizationName: 'absent' })],
      [aMembership({ organizationName: 'unknown' })],
    );

    expect(changes).toMatchObject([{ kind: 'renamed', returning: false, byUs: false }]);
  });

  test('comes, changes and goes with a status that can be told from none', async () => {
    const changes = await changesBetween(
      [aMembership({ status: 'absent' }), aMembership({ organizationId: globex, status: 'unknown' })],
      [aMembership({ status: 'unknown' })],
    );

    expect(changes).toMatchObject([
      { kind: 'status_changed', before: '"absent"', after: '"unknown"', returning: false },
      { kind: 'status_changed', before: '"unknown"', after: 'absent' },
    ]);
  });
});

test('who comes gains the roles it comes with, and who goes loses those it had', async () => {
  const changes = await changesBetween(
    [aMembership({ organizationId: acme, roles: ['Billing'] })],
    [aMembership({ organizationId: globex, roles: ['DNS'] })],
  );

  expect(changes).toMatchObject([
    { organizationId: acme, kind: 'left', added: [], removed: ['Billing'] },
    { organizationId: globex, kind: 'joined', added: ['DNS'], removed: [] },
  ]);
});

test('a change carries the window in which it happened, however long the nights between failed', async () => {
  await takeNight(database.db, [], { at: night(1) });
  await takeNight(database.db, [aMembership()], { at: night(5) });

  expect(await listChanges(database.db, {})).toMatchObject([{ notBefore: night(1), notAfter: night(5) }]);
});
