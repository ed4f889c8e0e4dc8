import { sql } from 'drizzle-orm';
import { csvFileOf } from '../report/builders.ts';
import { beforeEach, expect, it } from 'vitest';
import { queryRows } from '../../src/database/database.ts';
import { oweReport } from '../../src/deliver/owe.ts';
import { type Membership } from '../../src/domain/membership.ts';
import { listChanges } from '../../src/history/changes.ts';
import { rejectRun } from '../../src/pipeline/decide.ts';
import { retirePrincipal } from '../../src/pipeline/principals.ts';
import { aReportAbout, mailFrom, byMail } from '../deliver/owed.ts';
import { useDatabase } from '../support/database.ts';
import { acme, claim, globex, holdNight, store, takeNight } from '../support/nights.ts';
import {
  administrator,
  at,
  dayOf,
  hooli,
  inAcme,
  inGlobex,
  initech,
  keepHistory,
  named,
  superAdministrator,
  umbra,
} from './early-2026.ts';
import { queryUnder, readPage } from './markdown.ts';

const database = useDatabase();
const history = readPage('docs/history.md');

beforeEach(() => keepHistory(database.db));

function answer(heading: string, position = 0): Promise<Record<string, unknown>[]> {
  return queryRows(database.db, sql.raw(queryUnder(history, heading, position)));
}

const third = (day: string) => ({ ...at(day), principal: 'third' });
const hour = 3_600_000;

it('who ever held Super Administrator is told once for each time, whatever changed meanwhile', async () => {
  const nights: Partial<Membership>[] = [
    { roles: ['Super Administrator'] },
    { roles: ['super administrator - all privileges', 'DNS'] },
    { roles: ['DNS'] },
    { status: 'invited', roles: [superAdministrator] },
    { roles: [superAdministrator] },
    { roles: [superAdministrator], organizationName: 'Acme Ltd' },
  ];
  for (const [index, given] of nights.entries())
    await takeNight(database.db, [inAcme(given)], third(`2026-05-0${index + 1}`));

  const rows = await answer('Who ever held Super Administrator, and from when to when?');
  expect(
    rows.map((row) => [
      row['principal'],
      row['organization_name'],
      dayOf(row['first_seen']),
      dayOf(row['gone_by']),
    ]),
  ).toEqual([
    ['ops-bot', 'Acme', '2026-03-20', '2026-04-02'],
    ['ops-bot', 'Globex', '2026-03-20', null],
    ['third', 'Acme', '2026-05-01', '2026-05-03'],
    ['third', 'Acme Ltd', '2026-05-05', null],
  ]);
});

const byPolicy = 'allow DNS, Super Administrator - All Privileges on com.cloudflare.api.account.1';
const fromMemberships = (day: string) => ({ ...third(day), source: 'memberships' as const });

it('Super Administrator by a policy counts in every question that asks for it, and one that is denied in none', async () => {
  const policies = [byPolicy];
  const others = [
    inGlobex({ policies: [byPolicy.replace('allow', 'deny')] }),
    named(umbra, 'Umbra', { policies: ['allow DNS on "Super Administrator" {a}'] }),
    named(hooli, 'Hooli', { status: 'invited', policies }),
  ];
  await takeNight(database.db, [inAcme({ policies: [] }), ...others], fromMemberships('2026-03-29'));
  await takeNight(database.db, [inAcme({ policies }), ...others], fromMemberships('2026-03-30'));
  const ofThird = async (heading: string) =>
    (await answer(heading)).filter(({ principal }) => principal === 'third');

  expect(await ofThird('Who holds Super Administrator, and since when?')).toMatchObject([
    { organization_id: acme, how: 'policies_changed' },
  ]);
  const ever = await ofThird('Who ever held Super Administrator, and from when to when?');
  expect(ever.map((row) => [row['organization_id'], dayOf(row['first_seen']), row['gone_by']])).toEqual([
    [acme, '2026-03-30', null],
  ]);
  expect(await ofThird('How much access was there in each month?')).toMatchObject([
    { month: '2026-03', super_administrators: 1 },
    { month: '2026-04', super_administrators: 1 },
  ]);
});

it('where the source changed nothing is told of what is first known: no audit, no drift, no loss of roles', async () => {
  const known = {
    permissions: ['#dns:edit'],
    policies: [byPolicy],
    twoFactorEnforced: false,
    membershipId: 'm1',
  };
  await takeNight(database.db, [inAcme()], third('2026-02-20'));
  await takeNight(database.db, [inAcme(known)], fromMemberships('2026-03-01'));
  await takeNight(database.db, [inAcme({ ...known, policies: [] })], fromMemberships('2026-03-02'));
  await takeNight(database.db, [inAcme(known)], fromMemberships('2026-03-03'));
  const ofThird = async (heading: string) =>
    (await answer(heading)).filter(({ principal }) => principal === 'third');

  expect(await ofThird('What changed between two audits?')).toEqual([]);
  expect(await ofThird('How did our roles in one organization drift?')).toEqual([]);
  expect(await ofThird('Which principal lost most?')).toEqual([]);
});

it('organizations that do not enforce two factors are told since when they were first seen so', async () => {
  const nights = [null, null, true, false, false].map((twoFactorEnforced, index) => [
    inAcme({ twoFactorEnforced, roles: index === 4 ? ['DNS'] : [administrator] }),
    inGlobex({ twoFactorEnforced: index < 2 ? null : false }),
    named(umbra, 'Umbra', { twoFactorEnforced: index < 2 ? null : true }),
    named(hooli, 'Hooli', { status: 'invited', twoFactorEnforced: false }),
    named(initech, 'Initech'),
  ]);
  for (const [index, roll] of nights.entries())
    await takeNight(database.db, roll, {
      ...third(`2026-05-0${index + 1}`),
      source: index < 2 ? 'organizations' : 'memberships',
    });

  const rows = await answer('Which organizations do not enforce two factors, and since when?');
  expect(rows.map((row) => [row['organization_name'], dayOf(row['since']), row['was_enforced']])).toEqual([
    ['Globex', '2026-05-03', false],
    ['Acme', '2026-05-04', true],
  ]);
});

it('who has access by a policy that no role gives is told with what it gives beyond the roles', async () => {
  const roll = [
    inAcme({ roles: ['DNS'], policies: [byPolicy, 'allow DNS on zone.1', 'deny Billing on zone.1'] }),
    inGlobex({ roles: null, policies: ['allow "Billing\\u002c all", "nothing" on zone.2'] }),
    named(initech, 'Initech', {
      roles: ['Billing, all', 'Work on "it"', 'nothing'],
      policies: ['allow "Billing\\u002c all", "Work o\\u006e \\"it\\"", "nothing" on zone.2'],
    }),
    named(hooli, 'Hooli', { status: 'invited', policies: [byPolicy] }),
    named(umbra, 'Umbra', { policies: ['allow nothing on zone.1'] }),
  ];
  await takeNight(database.db, roll, fromMemberships('2026-05-01'));

  expect(await answer('Who has access by a policy that no role gives?')).toEqual([
    {
      principal: 'third',
      organization_name: 'Acme',
      organization_id: acme,
      policy: byPolicy,
      no_role_gives: ['Super Administrator - All Privileges'],
    },
    {
      principal: 'third',
      organization_name: 'Globex',
      organization_id: globex,
      policy: 'allow "Billing\\u002c all", "nothing" on zone.2',
      no_role_gives: ['Billing, all', 'nothing'],
    },
  ]);
});

it('two audits are compared by what was known at each, whatever happened in between', async () => {
  await takeNight(database.db, [named(initech, 'Initech')], third('2026-02-20'));
  await takeNight(database.db, [], third('2026-03-01'));
  await takeNight(database.db, [named(initech, 'Initech')], third('2026-03-02'));
  const heading = 'What changed between two audits?';

  expect(
    (await answer(heading)).map((row) => [
      row['principal'],
      row['organization_name'],
      row['before'],
      row['after'],
    ]),
  ).toEqual([
    ['legacy', 'Acme', 'absent', 'member'],
    ['ops-bot', 'Acme', 'member', 'absent'],
    ['ops-bot', 'Globex', 'invited', 'member'],
    ['ops-bot', 'Hooli Holdings', 'member', 'suspended'],
    ['ops-bot', 'Initech', 'invited', 'absent'],
    ['ops-bot', 'Umbra', 'absent', 'invited'],
    ['ops-bot', 'Wonka', 'member', 'invited'],
  ]);
  const steps = await answer(heading, 1);
  expect(steps).toHaveLength(12);
  expect(steps.filter(({ principal }) => principal === 'third')).toMatchObject([
    { kind: 'left', removed: [administrator] },
    { kind: 'joined', added: [administrator] },
  ]);
});

it('access is counted at the end of each month, offers apart and suspended memberships not at all', async () => {
  expect(await answer('How much access was there in each month?')).toEqual([
    { month: '2026-02', principal: 'ops-bot', memberships: 3, invitations: 2, super_administrators: 0 },
    { month: '2026-03', principal: 'legacy', memberships: 1, invitations: 0, super_administrators: 0 },
    { month: '2026-03', principal: 'ops-bot', memberships: 3, invitations: 2, super_administrators: 2 },
    { month: '2026-04', principal: 'legacy', memberships: 1, invitations: 0, super_administrators: 0 },
    { month: '2026-04', principal: 'ops-bot', memberships: 1, invitations: 2, super_administrators: 1 },
  ]);
});

it('who lost most is told by memberships and then by roles, offers and permissions not counted', async () => {
  await takeNight(
    database.db,
    [inAcme({ roles: [] }), named(umbra, 'Umbra', { status: 'invited' })],
    third('2026-05-01'),
  );
  await takeNight(database.db, [], third('2026-05-02'));
  const rows = await answer('Which principal lost most?');
  expect(rows).toMatchObject([
    { principal: 'ops-bot', memberships_lost: 3, roles_lost: 5, super_administrators_lost: 1 },
    { principal: 'third', memberships_lost: 1, roles_lost: 0, super_administrators_lost: 0 },
  ]);
  expect(rows.map(({ newest }) => dayOf(newest))).toEqual(['2026-04-02', null]);
});

it('new access is told with the invitation that it came by, and with who sent it', async () => {
  const invitation = {
    id: 'one',
    organizationId: acme,
    invitedBy: 'ada@example.com',
    invitedOn: new Date('2026-05-01T00:00:00Z'),
    expiresOn: null,
    status: 'pending',
  };
  await takeNight(database.db, [], third('2026-05-01'));
  for (const [day, given] of [
    ['2026-05-02', { status: 'invited' }],
    ['2026-05-03', {}],
    ['2026-05-04', { status: 'suspended' }],
    ['2026-05-05', { roles: ['DNS'] }],
  ] as const) {
    const run = await claim(database.db, third(day));
    await store(database.db, run, { memberships: [inAcme(given)], invitations: [invitation] });
  }
  expect(await answer('Where did new access come from?')).toMatchObject([
    { principal: 'ops-bot', organization_name: 'Hooli', kind: 'invitation_accepted' },
    {
      principal: 'ops-bot',
      organization_name: 'Wonka',
      kind: 'joined',
      roles: [administrator],
      invited_by: null,
    },
    { principal: 'ops-bot', organization_name: 'Globex', kind: 'invitation_accepted' },
    {
      principal: 'third',
      kind: 'invitation_accepted',
      invited_by: 'ada@example.com',
      roles: [administrator],
    },
    { principal: 'third', kind: 'status_changed', invited_by: null, roles: ['DNS'] },
  ]);
});

it('who came back is told with when it went and by when it was there again', async () => {
  const rolls = [[inAcme()], [], [inAcme({ roles: ['DNS'] }), inGlobex()], [inGlobex()]];
  for (const [index, roll] of rolls.entries())
    await takeNight(database.db, roll, third(`2026-05-0${index + 1}`));

  const [back, ...others] = await answer('Who came back?');
  expect(others).toEqual([]);
  expect(back).toMatchObject({
    principal: 'third',
    organization_id: acme,
    went: 'left',
    came: 'joined',
    roles: ['DNS'],
  });
  expect([dayOf(back?.['gone_by']), dayOf(back?.['back_by'])]).toEqual(['2026-05-02', '2026-05-03']);
});

it('what was not observed is told with the nights that failed in it, and goes on until somebody looks', async () => {
  await retirePrincipal({ db: database.db, now: () => new Date('2026-03-20T02:00:00Z') }, 'legacy');
  const recently = (ago: number) => ({ at: new Date(Date.now() - ago * hour), principal: 'third' });
  for (const ago of [30, 6]) await takeNight(database.db, [], recently(ago));

  const rows = await answer('What was not observed, and for how long?');
  const told = rows.map((row) => [
    row['principal'],
    dayOf(row['not_observed_from']),
    dayOf(row['until']),
    row['nights_that_failed'],
  ]);
  expect(told.slice(-3)).toEqual([
    ['ops-bot', '2026-02-11', '2026-03-20', 0],
    ['ops-bot', '2026-03-20', '2026-04-02', 1],
    ['legacy', '2026-03-15', null, 0],
  ]);
  expect(told.slice(0, -3)).toEqual([['ops-bot', '2026-04-02', null, 0]]);
  expect(rows.slice(-3).map(({ hours }) => hours)).toEqual([37 * 24, 13 * 24, 5 * 24]);
});

it('which losses were held is told with what was decided, and nothing of other runs', async () => {
  const held = await holdNight(database.db, [], at('2026-04-03'));
  await rejectRun({ db: database.db }, held.id);
  await holdNight(database.db, [], at('2026-04-04'));
  const approved = await takeNight(database.db, [], third('2026-05-01'));
  await database.db.execute(sql`
    update rollcall.runs set conclusion = 'listings 1 and 2 agree; held, then approved by hand'
    where id = ${approved.run.id}`);

  expect(await answer('Which losses were held, and what was decided?')).toMatchObject([
    { principal: 'ops-bot', state: 'rejected', conclusion: 'rejected by hand' },
    { principal: 'ops-bot', state: 'held', held_because: 'it lost too much' },
    { principal: 'third', state: 'complete' },
  ]);
});

it('who was told of a change is who got a report that lists it', async () => {
  const told = async (recipients: string[], kind: 'all' | 'others') => {
    const [gained] = (await listChanges(database.db, { principal: 'ops-bot' })).filter(
      (change) => change.superAdministrator === 'gained',
    );
    const runId = gained?.runId ?? 0;
    const changes = (await listChanges(database.db, { runId })).filter(
      ({ superAdministrator: step }) => kind === 'all' || step === null,
    );
    const report = aReportAbout({ id: runId, principalId: 1 });
    const csv = csvFileOf('ops-bot', at('2026-03-20').at, changes);
    await database.db.transaction((tx) =>
      oweReport(
        tx,
        { ...report, csv, recipients: recipients.map(byMail) },
        { queue: database.queue, mailFrom },
      ),
    );
  };
  await told(['security@example.com', 'board@example.com'], 'all');
  await told(['agency@example.com'], 'others');

  const rows = await answer('Who was told of a change, and when?');
  expect(rows.map((row) => [row['organization_name'], row['super_administrator'], row['recipient']])).toEqual(
    ['Acme', 'Globex'].flatMap((name) => [
      [name, 'gained', 'board@example.com'],
      [name, 'gained', 'security@example.com'],
    ]),
  );
  expect(rows).toMatchObject(rows.map(() => ({ state: 'pending', sent_at: null })));
});

it('access of more than a year is told, the oldest first, and what changed since is not', async () => {
  const ago = (days: number) => ({ at: new Date(Date.now() - days * 24 * hour), principal: 'third' });
  const invited = named(umbra, 'Umbra', { status: 'invited' });
  await takeNight(database.db, [inAcme(), invited], ago(500));
  await takeNight(database.db, [inAcme(), inGlobex(), named(hooli, 'Hooli'), invited], ago(400));
  await takeNight(
    database.db,
    [inAcme(), inGlobex(), named(hooli, 'Hooli', { roles: ['DNS'] }), invited],
    ago(300),
  );

  const rows = await answer('Which access has been the same for a year?');
  expect(rows.map(({ principal, organization_name, days }) => [principal, organization_name, days])).toEqual([
    ['third', 'Acme', 500],
    ['third', 'Globex', 400],
  ]);
});

it('access is the same for as long as it did not change, over a new name and a change of source', async () => {
  const ago = (days: number) => ({ at: new Date(Date.now() - days * 24 * hour), principal: 'third' });
  const known = { permissions: ['#dns:edit'], policies: [], twoFactorEnforced: true };
  await takeNight(database.db, [inAcme(), inGlobex()], ago(500));
  await takeNight(database.db, [inAcme(known), inGlobex(known)], { ...ago(200), source: 'memberships' });
  const renamed = [
    inAcme({ ...known, organizationName: 'Acme Ltd' }),
    inGlobex({ ...known, policies: [byPolicy] }),
  ];
  await takeNight(database.db, renamed, { ...ago(100), source: 'memberships' });

  const rows = await answer('Which access has been the same for a year?');
  expect(rows.map(({ organization_name, days }) => [organization_name, days])).toEqual([['Acme Ltd', 500]]);
});

it('roles and shared organizations are counted of those who are members now', async () => {
  await takeNight(
    database.db,
    [inAcme({ roles: ['DNS', administrator] }), named(umbra, 'Umbra', { status: 'invited', roles: ['DNS'] })],
    third('2026-05-01'),
  );
  expect(await answer('Which roles do we hold, and in how many organizations?')).toEqual([
    { role: administrator, organizations: 1, principals: 2 },
    { role: 'DNS', organizations: 1, principals: 1 },
    { role: 'Super Administrator - All Privileges', organizations: 1, principals: 1 },
  ]);
  expect(await answer('In which organizations are several of our principals?')).toEqual([
    { organization_name: 'Acme', organization_id: acme, principals: 2, names: ['legacy', 'third'] },
  ]);
});

it('the names of an organization are told, the first first', async () => {
  await takeNight(database.db, [inAcme({ organizationName: 'Acme Ltd' })], third('2026-05-01'));
  const rows = await answer('Under which names have we known an organization?');
  expect(rows.map((row) => [row['organization_name'], dayOf(row['first_seen'])])).toEqual([
    ['Acme', '2026-02-10'],
    ['Acme Ltd', '2026-05-01'],
  ]);
});

it('a chain head of a mail leads to the roll that it stands for', async () => {
  const heading = 'Which roll does the chain head of an old mail stand for?';
  expect(await answer(heading)).toEqual([]);
  const [night] = await queryRows<{ chain: string }>(
    database.db,
    sql`select chain from rollcall.runs where started_at = '2026-03-20 02:00Z'`,
  );
  const query = queryUnder(history, heading).replace(/(?<=chain = ')[^']+/, night?.chain ?? '');
  const rows = await queryRows(database.db, sql.raw(query));
  expect(rows.map((row) => [row['organization_name'], row['status']])).toEqual([
    ['Acme', 'member'],
    ['Globex', 'member'],
    ['Hooli Holdings', 'member'],
    ['Umbra', 'invited'],
    ['Wonka', 'invited'],
  ]);
  expect(rows).toMatchObject(rows.map(() => ({ principal: 'ops-bot' })));
  expect(rows[1]).toMatchObject({ organization_id: globex });
});
