import { expect, test } from 'vitest';
import { type Membership, normalizeSet } from '../../src/domain/membership.ts';
import { listChanges } from '../../src/history/changes.ts';
import { listMembers } from '../../src/history/members.ts';
import { useDatabase } from '../support/database.ts';
import { aMembership, night, takeNight } from '../support/nights.ts';
import { countRows } from '../support/raw-rows.ts';

const database = useDatabase();

const saysNothing: Partial<Membership> = {
  organizationName: null,
  status: null,
  roles: null,
  permissions: null,
};

test('the order in which roles are listed is no change', async () => {
  await takeNight(database.db, [aMembership({ roles: normalizeSet(['DNS', 'Billing']) })], { at: night(1) });
  const second = await takeNight(
    database.db,
    [aMembership({ roles: normalizeSet(['Billing', 'DNS', 'Billing']) })],
    { at: night(2) },
  );

  expect(second.changes).toEqual([]);
});

test('fields that the API leaves out are no change, and their last known values stay', async () => {
  await takeNight(database.db, [aMembership()], { at: night(1) });
  const quiet = await takeNight(database.db, [aMembership(saysNothing)], { at: night(2) });
  const told = await takeNight(database.db, [aMembership({ ...saysNothing, roles: ['DNS'] })], {
    at: night(3),
  });

  expect([quiet.changes.length, told.changes.length]).toEqual([0, 1]);
  expect(await listMembers(database.db, {})).toMatchObject([{ ...aMembership(), roles: ['DNS'] }]);
  expect(await countRows(database.db)).toMatchObject({ memberships: 2 });
});

test('roles and a name that become known are no change', async () => {
  await takeNight(database.db, [aMembership({ ...saysNothing, status: 'member' })], { at: night(1) });
  const second = await takeNight(database.db, [aMembership()], { at: night(2) });

  expect(second.changes).toEqual([]);
  expect(await listMembers(database.db, {})).toMatchObject([aMembership()]);
});

test('a membership whose status was never given comes and goes as unknown', async () => {
  await takeNight(database.db, [], { at: night(1) });
  const came = await takeNight(database.db, [aMembership({ status: null })], { at: night(2) });
  const went = await takeNight(database.db, [], { at: night(3) });

  expect(came.counts).toEqual({ members: 0, invited: 0, other: 1 });
  expect(went.counts).toEqual({ members: 0, invited: 0, other: 0 });
  expect(await listChanges(database.db, {})).toMatchObject([
    { kind: 'status_changed', before: 'absent', after: 'unknown' },
    { kind: 'status_changed', before: 'unknown', after: 'absent' },
  ]);
});

test('a membership that was told as unknown is told again once its status is given', async () => {
  await takeNight(database.db, [aMembership({ status: null })], { at: night(1) });
  await takeNight(database.db, [aMembership({ status: 'member' })], { at: night(2) });

  expect(await listChanges(database.db, {})).toMatchObject([
    { kind: 'status_changed', before: 'unknown', after: 'member' },
  ]);
});

test('an organization known by id alone comes and goes like any other', async () => {
  await takeNight(database.db, [], { at: night(1) });
  await takeNight(database.db, [aMembership({ organizationName: null, roles: null })], { at: night(2) });
  await takeNight(database.db, [], { at: night(3) });

  expect(await listChanges(database.db, {})).toMatchObject([
    { kind: 'joined', organizationName: null, added: [] },
    { kind: 'left', organizationName: null, removed: [] },
  ]);
});
