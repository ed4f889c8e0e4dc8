import { expect, test } from 'vitest';
import { type Invitation } from '../../src/domain/invitation.ts';
import { listChanges } from '../../src/history/changes.ts';
import { useDatabase } from '../support/database.ts';
import { acme, aMembership, claim, night, store, takeNight } from '../support/nights.ts';

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
