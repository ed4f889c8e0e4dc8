import { expect, test } from 'vitest';
import { type Invitation } from '../../src/domain/invitation.ts';
import { listChanges } from '../../src/history/changes.ts';
import { useDatabase } from '../support/database.ts';
import { acme, aMembership, claim, night, store, takeNight } from '../support/nights.ts';
import { rowsOf } from '../support/raw-rows.ts';

const database = useDatabase();

const invitation: Invitation = {
  id: 'invite-1',
  organizationId: acme,
  invitedBy: 'owner@acme.example',
  invitedOn: night(1),
  expiresOn: night(20),
  status: 'pending',
};

/** Acme's invitation is there in the first night and gone from the listing in the second; then these are listed. */
async function reasonFor(invitations: readonly Invitation[] | undefined, at = night(3)) {
  await takeNight(database.db, [], { at: night(1) });
  await store(database.db, await claim(database.db, { at: night(2) }), {
    memberships: [aMembership({ status: 'invited' })],
    invitations: [invitation],
  });
  await store(database.db, await claim(database.db, { at }), {
    memberships: [],
    ...(invitations === undefined ? {} : { invitations }),
  });
  const [, gone] = await listChanges(database.db, {});
  expect(gone).toMatchObject({ kind: 'invitation_gone', invitedBy: 'owner@acme.example' });
  return gone?.goneBecause;
}

test('an invitation that is listed no more before it expires was withdrawn', async () => {
  expect(await reasonFor([])).toBe('withdrawn');
});

test('nothing can be told of an invitation that is listed still', async () => {
  expect(await reasonFor([invitation])).toBeNull();
});

test('nothing can be told where invitations were not read', async () => {
  expect(await reasonFor(undefined)).toBeNull();
});

test('an invitation past its time has expired', async () => {
  expect(await reasonFor([], night(20))).toBe('expired');
});

test('an invitation that is listed as rejected was declined', async () => {
  expect(await reasonFor([{ ...invitation, status: 'rejected' }])).toBe('declined');
});

test('an invitation of another principal explains nothing', async () => {
  await takeNight(database.db, [], { principal: 'legacy', at: night(1) });
  await store(database.db, await claim(database.db, { principal: 'legacy', at: night(2) }), {
    memberships: [aMembership({ status: 'invited' })],
    invitations: [invitation],
  });
  await takeNight(database.db, [], { at: night(1) });
  await takeNight(database.db, [aMembership({ status: 'invited' })], { at: night(3) });

  expect(await listChanges(database.db, { principal: 'ops-bot' })).toMatchObject([
    { kind: 'invited', invitedBy: null },
  ]);
});

interface Declining {
  membershipId: string | null;
  status?: string;
  declined: string[];
  invitations?: readonly Invitation[];
}

/** Of a membership that is gone in the second night: with what the listing has as declined then. */
async function reasonBy({ membershipId, status = 'invited', declined, invitations = [] }: Declining) {
  const source = 'memberships';
  await takeNight(database.db, [], { source, at: night(1) });
  await store(database.db, await claim(database.db, { source, at: night(2) }), {
    memberships: [aMembership({ status, membershipId })],
    invitations,
  });
  await store(database.db, await claim(database.db, { source, at: night(3) }), {
    memberships: [],
    declined: declined.map((id) => ({ membershipId: id, organizationId: acme })),
  });
  const [, gone] = await listChanges(database.db, {});
  return gone?.goneBecause;
}

test.each([
  { told: 'it was listed as declined', membershipId: 'm1', declined: ['m1'], reason: 'declined' },
  { told: 'another one was declined before', membershipId: 'm2', declined: ['m1'], reason: null },
  { told: 'its own is among several', membershipId: 'm2', declined: ['m1', 'm2'], reason: 'declined' },
  { told: 'nobody knows its membership', membershipId: null, declined: ['m1', 'm2'], reason: 'declined' },
])('an invitation is gone, and $told', async ({ membershipId, declined, reason }) => {
  expect(await reasonBy({ membershipId, declined })).toBe(reason);
});

test('an invitation that was read keeps what was read of it, and is told as declined', async () => {
  const declined = ['m1', 'm2'];
  expect(await reasonBy({ membershipId: null, declined, invitations: [invitation] })).toBe('declined');
  expect(await rowsOf(database.db, 'invitations')).toMatchObject([
    { invite_id: 'invite-1', invited_by: 'owner@acme.example', status: 'pending' },
  ]);
});

test('a membership that is left is no invitation that was declined', async () => {
  await reasonBy({ membershipId: 'm1', status: 'member', declined: ['m1'] });
  expect(await rowsOf(database.db, 'invitations')).toEqual([]);
});
