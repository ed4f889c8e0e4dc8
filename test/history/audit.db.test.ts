import { sql } from 'drizzle-orm';
import { beforeEach, expect, test } from 'vitest';
import { type Database } from '../../src/database/database.ts';
import { type AuditScope } from '../../src/domain/audit.ts';
import { readAudit } from '../../src/history/audit.ts';
import { databaseKind, useDatabase } from '../support/database.ts';
import { acme, aMembership, claim, globex, night, store, takeNight, tryToClaim } from '../support/nights.ts';
import { tellStory } from './story.ts';

const database = useDatabase();

beforeEach(() => tellStory(database.db));

const read = (scope: AuditScope = {}) => readAudit(database.db, scope, night(6));

test('an audit is of every principal, with its chain up to the newest complete run', async () => {
  await tryToClaim(database.db, { principal: 'late-bot', at: night(5) });
  const { principals, runs } = await read();
  const chainOf = (id: number) => runs.find((run) => run.id === id)?.chain;

  expect(principals).toMatchObject([
    { principal: 'late-bot', observedSince: null, newest: null },
    { principal: 'legacy', observedSince: night(1), newest: { runId: 2, chain: chainOf(2) } },
    {
      principal: 'ops-bot',
      observedSince: night(1),
      newest: { runId: 6, finishedAt: night(5), chain: chainOf(6) },
    },
  ]);
});

test('until makes it as if nothing had been seen at that instant or later', async () => {
  const { principals, intervals, changes, runs } = await read({ until: night(4), principal: 'ops-bot' });

  expect(principals).toMatchObject([{ principal: 'ops-bot', newest: { runId: 4 } }]);
  expect(changes.map(({ kind }) => kind)).toEqual(['invited', 'invitation_accepted']);
  expect(runs.map(({ startedAt }) => startedAt)).toEqual([night(1), night(2), night(3)]);
  expect(intervals).toMatchObject([
    { organizationId: acme, from: night(1), to: null, endedRunId: null },
    { organizationId: globex, status: 'invited', from: night(2), to: night(3) },
    { organizationId: globex, status: 'member', from: night(3), to: null },
  ]);
});

test('the changes of a period are what lies between the rolls at its ends', async () => {
  const rollAt = async (until: Date) =>
    (await read({ until, principal: 'ops-bot' })).intervals
      .filter(({ to }) => to === null)
      .map(({ organizationId }) => organizationId);
  const { changes } = await read({ since: night(4), until: night(5), principal: 'ops-bot' });

  expect(await rollAt(night(4))).toEqual([acme, globex]);
  expect(changes).toMatchObject([{ kind: 'left', organizationId: acme }]);
  expect(await rollAt(night(5))).toEqual([globex]);
});

test('since keeps what of a membership is older than the period, and drops memberships that were over', async () => {
  const { intervals, runs } = await read({ since: night(5), principal: 'ops-bot' });

  expect(intervals.map(({ organizationId, from }) => [organizationId, from])).toEqual([
    [acme, night(1)],
    [acme, night(5)],
    [globex, night(2)],
    [globex, night(3)],
  ]);
  expect(runs.map(({ id }) => id)).toEqual([6]);
  const later = await readAudit(database.db, { since: night(6), principal: 'ops-bot' }, night(7));
  expect(later.intervals.map(({ organizationId }) => organizationId)).toEqual([acme, acme]);
});

test('who sent a pending invitation is told, also where it was there at the first run', async () => {
  const run = await claim(database.db, { principal: 'third', at: night(1) });
  const invitation = {
    id: 'one',
    organizationId: globex,
    invitedBy: 'ceo@globex.example',
    invitedOn: new Date('2026-07-20T00:00:00Z'),
    expiresOn: new Date('2026-08-20T00:00:00Z'),
    status: 'pending',
  };
  const membership = aMembership({ organizationId: globex, status: 'invited' });
  await store(database.db, run, { memberships: [membership], invitations: [invitation] });
  const { invitations } = await read({ principal: 'third' });

  expect(invitations).toEqual([
    {
      principal: 'third',
      organizationId: globex,
      invitedBy: 'ceo@globex.example',
      invitedOn: invitation.invitedOn,
      expiresOn: invitation.expiresOn,
    },
  ]);
});

test('gaps are of the scope, and one that the end of the period cuts lasts', async () => {
  for (const day of [10, 11, 12]) await takeNight(database.db, [], { principal: 'ops-bot', at: night(day) });
  const boundsOf = async (scope: AuditScope) =>
    (await readAudit(database.db, { principal: 'ops-bot', ...scope }, night(12))).gaps.map(({ from, to }) => [
      from,
      to,
    ]);

  expect(await boundsOf({})).toEqual([[night(5), night(10)]]);
  expect(await boundsOf({ until: night(9) })).toEqual([[night(5), null]]);
  expect(await boundsOf({ since: night(11) })).toEqual([]);
  expect(await boundsOf({ until: night(4) })).toEqual([]);
});

test('every change that gave or took Super Administrator is told, also before the period', async () => {
  const everything = aMembership({ roles: ['Super Administrator - All Privileges'] });
  await takeNight(database.db, [everything], { at: night(6) });
  await takeNight(database.db, [aMembership()], { at: night(7) });
  const { superAdministratorChanges } = await readAudit(database.db, { since: night(8) }, night(9));

  expect(superAdministratorChanges.map(({ superAdministrator: step }) => step)).toEqual(['gained', 'lost']);
});

test.runIf(databaseKind() === 'postgres')('a night that is stored meanwhile is in none of it', async () => {
  const another = await database.connectAgain();
  // As its transaction begins: what readAudit asks of the database is asked of it.
  const interrupted = {
    transaction: ((work, config) =>
      another.transaction(async (tx) => {
        await tx.execute(sql`select 1 from rollcall.runs limit 1`);
        await takeNight(database.db, [], { at: night(6) });
        return work(tx);
      }, config)) satisfies Database['transaction'],
  };
  const { intervals, runs } = await readAudit(interrupted as unknown as Database, {}, night(6));

  expect(runs.map(({ startedAt }) => startedAt)).not.toContainEqual(night(6));
  expect(intervals.filter(({ to }) => to?.getTime() === night(6).getTime())).toEqual([]);
});
