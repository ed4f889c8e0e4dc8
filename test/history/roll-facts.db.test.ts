import { expect, it } from 'vitest';
import { type Invitation } from '../../src/domain/invitation.ts';
import { readRollFacts } from '../../src/history/roll-facts.ts';
import { useDatabase } from '../support/database.ts';
import {
  acme,
  aMembership,
  claim,
  globex,
  night,
  organizationId,
  store,
  takeNight,
} from '../support/nights.ts';

const database = useDatabase();

const invitedTo = (id: string, name = 'Globex') =>
  aMembership({ organizationId: id, organizationName: name, status: 'invited' });

async function facts(day: number, names = ['ops-bot']) {
  return Object.fromEntries(await readRollFacts(database.db, names, night(day)));
}

it('Super Administrator is counted where it is held, in any spelling, and not where it is offered or was', async () => {
  const roles = [
    'Super Administrator - All Privileges',
    ' super administrator',
    'All Privileges - Super Administrator',
  ];
  const held = roles.map((role, index) =>
    aMembership({ organizationId: organizationId(index), roles: ['Billing', role] }),
  );
  const offered = { ...invitedTo(globex), roles };
  await takeNight(database.db, [...held, offered, aMembership({ roles: null })]);
  await takeNight(
    database.db,
    [...held.slice(1), offered, aMembership({ roles: ['Super Administrators’ friend'] })],
    { at: night(2) },
  );

  expect(await facts(3)).toMatchObject({ 'ops-bot': { superAdministrators: 2 } });
});

it('it is counted where a policy alone gives it, and not where an invitation offers such a policy', async () => {
  const policies = ['allow Super Administrator - All Privileges on com.cloudflare.api.account.1'];
  const held = aMembership({ roles: [], policies });
  await takeNight(database.db, [held, { ...invitedTo(globex), policies }], { source: 'memberships' });

  expect(await facts(3)).toMatchObject({ 'ops-bot': { superAdministrators: 1 } });
});

it('an invitation is as old as it was seen without a break, whatever changed about it', async () => {
  await takeNight(database.db, [aMembership(), invitedTo(globex)]);
  await takeNight(database.db, [aMembership(), invitedTo(globex, 'Globex Ltd')], { at: night(3) });
  await takeNight(database.db, [aMembership(), invitedTo(globex, 'Globex plc')], { at: night(5) });
  expect(await facts(8)).toMatchObject({ 'ops-bot': { oldestInvitation: night(1), oldInvitations: 0 } });
  expect(await facts(9)).toMatchObject({ 'ops-bot': { oldInvitations: 1 } });

  await takeNight(database.db, [aMembership()], { at: night(6) });
  expect(await facts(9)).toMatchObject({ 'ops-bot': { oldestInvitation: null, oldInvitations: 0 } });
  await takeNight(database.db, [aMembership(), invitedTo(globex), invitedTo(organizationId(1))], {
    at: night(7),
  });
  expect(await facts(16)).toMatchObject({ 'ops-bot': { oldestInvitation: night(7), oldInvitations: 2 } });
});

it('it is as old as Cloudflare says where that can be read, and not as one of before', async () => {
  const sent = (id: string, day: number): Invitation => ({
    id,
    organizationId: globex,
    invitedBy: null,
    invitedOn: night(day),
    expiresOn: null,
    status: 'pending',
  });
  const see = async (day: number, memberships: ReturnType<typeof aMembership>[], invitations: Invitation[]) =>
    store(database.db, await claim(database.db, { at: night(day) }), { memberships, invitations });
  await see(1, [invitedTo(globex)], [sent('i-1', -10)]);
  expect(await facts(3)).toMatchObject({ 'ops-bot': { oldestInvitation: night(-10), oldInvitations: 1 } });

  await see(2, [], []);
  await takeNight(database.db, [invitedTo(globex)], { at: night(3) });
  expect(await facts(4)).toMatchObject({ 'ops-bot': { oldestInvitation: night(3) } });
  await see(4, [aMembership(), invitedTo(globex)], [sent('i-2', 2)]);
  expect(await facts(5)).toMatchObject({ 'ops-bot': { oldestInvitation: night(2) } });
});

it('a membership that was an invitation before is none, and each principal has its own', async () => {
  await takeNight(database.db, [invitedTo(acme)]);
  await takeNight(database.db, [aMembership()], { at: night(2) });
  await takeNight(database.db, [invitedTo(acme)], { at: night(2), principal: 'legacy' });

  expect(await facts(3, ['ops-bot', 'legacy', 'nobody'])).toEqual({
    'ops-bot': { superAdministrators: 0, oldestInvitation: null, oldInvitations: 0 },
    legacy: { superAdministrators: 0, oldestInvitation: night(2), oldInvitations: 0 },
  });
});
