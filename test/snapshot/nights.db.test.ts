import { expect, test } from 'vitest';
import { listChanges } from '../../src/history/changes.ts';
import { listMembers } from '../../src/history/members.ts';
import { listRuns } from '../../src/history/runs.ts';
import { recordDeparture, settleDeparture } from '../../src/snapshot/departures.ts';
import { useDatabase } from '../support/database.ts';
import { acme, aMembership, claim, globex, night, store, takeNight } from '../support/nights.ts';
import { countRows, rowsOf } from '../support/raw-rows.ts';

const database = useDatabase();

test('the first night is a baseline: memberships, and no change', async () => {
  const first = await takeNight(database.db, [
    aMembership(),
    aMembership({ organizationId: globex, status: 'invited' }),
  ]);

  expect(first).toMatchObject({ baseline: null, changes: [], counts: { members: 1, invited: 1, other: 0 } });
  expect(await countRows(database.db)).toMatchObject({ runs: 1, memberships: 2, changes: 0 });
});

test('a first night without any organization is a baseline too', async () => {
  await takeNight(database.db, [], { at: night(1) });
  const second = await takeNight(database.db, [aMembership()], { at: night(2) });

  expect(second).toMatchObject({ baseline: { runId: 1 }, changes: [{ kind: 'joined' }] });
});

test('a quiet night adds one row to runs and none to memberships', async () => {
  await takeNight(database.db, [aMembership()], { at: night(1) });
  const memberships = await rowsOf(database.db, 'memberships');
  await takeNight(database.db, [aMembership()], { at: night(2) });

  expect(await rowsOf(database.db, 'memberships')).toEqual(memberships);
  expect(await countRows(database.db)).toMatchObject({ runs: 2, changes: 0 });
  expect(await listRuns(database.db, { limit: 1 })).toMatchObject([
    { state: 'complete', organizations: 1, changes: 0, baselineRunId: 1, requests: 3, pages: 3 },
  ]);
});

test('who went and came back has two intervals, and the joining says that they return', async () => {
  await takeNight(database.db, [aMembership()], { at: night(1) });
  await takeNight(database.db, [], { at: night(2) });
  await takeNight(database.db, [aMembership()], { at: night(3) });

  expect(await listChanges(database.db, {})).toMatchObject([
    { kind: 'left', returning: false },
    { kind: 'joined', returning: true },
  ]);
  expect(await rowsOf(database.db, 'memberships')).toHaveLength(2);
  expect(await listMembers(database.db, { at: night(1) })).toMatchObject([{ since: night(1) }]);
  expect(await listMembers(database.db, { at: night(2) })).toEqual([]);
  expect(await listMembers(database.db, { at: night(3) })).toMatchObject([{ since: night(3) }]);
});

test('who joins for the first time does not return', async () => {
  await takeNight(database.db, [aMembership()], { at: night(1) });
  await takeNight(database.db, [aMembership(), aMembership({ organizationId: globex })], { at: night(2) });

  expect(await listChanges(database.db, {})).toMatchObject([{ kind: 'joined', returning: false }]);
});

test('a departure that rollcall asked for is ours; another in the same night is not', async () => {
  await takeNight(database.db, [aMembership(), aMembership({ organizationId: globex })], { at: night(1) });
  await leave('ops-bot', { at: night(2) });
  await takeNight(database.db, [], { at: night(3) });

  expect(await listChanges(database.db, {})).toMatchObject([
    { organizationId: acme, kind: 'left', byUs: true },
    { organizationId: globex, kind: 'left', byUs: false },
  ]);
});

test('a departure whose answer was lost is ours; one that was refused is not', async () => {
  await takeNight(database.db, [aMembership()], { at: night(1) });
  await leave('ops-bot', { at: night(2), outcome: 'unknown' });
  await takeNight(database.db, [], { at: night(3) });
  await takeNight(database.db, [aMembership()], { at: night(4) });
  await leave('ops-bot', { at: night(5), outcome: 'refused' });
  await takeNight(database.db, [], { at: night(6) });

  expect(await listChanges(database.db, { kind: 'left' })).toMatchObject([{ byUs: true }, { byUs: false }]);
});

test('a departure long past does not make the next removal ours, nor does another principal’s', async () => {
  await takeNight(database.db, [aMembership()], { at: night(1) });
  await leave('ops-bot', { at: night(2) });
  await takeNight(database.db, [], { at: night(3) });
  await takeNight(database.db, [aMembership()], { at: night(4) });
  await leave('legacy', { at: night(5) });
  await takeNight(database.db, [], { at: night(6) });

  expect(await listChanges(database.db, { kind: 'left' })).toMatchObject([{ byUs: true }, { byUs: false }]);
});

async function leave(
  principal: string,
  { at, outcome = 'left' }: { at: Date; outcome?: 'unknown' | 'left' | 'refused' },
): Promise<void> {
  const departure = { principal, organizationId: acme, organizationName: 'Acme' };
  const id = await recordDeparture(database.db, departure, at);
  if (outcome !== 'unknown') await settleDeparture(database.db, id, outcome);
}

test('two principals in one organization do not touch each other', async () => {
  await takeNight(database.db, [aMembership()], { principal: 'ops-bot', at: night(1) });
  await takeNight(database.db, [aMembership({ roles: ['DNS'] })], { principal: 'legacy', at: night(1) });
  await takeNight(database.db, [], { principal: 'ops-bot', at: night(2) });

  expect(await listMembers(database.db, {})).toMatchObject([{ principal: 'legacy', roles: ['DNS'] }]);
  expect(await listChanges(database.db, {})).toMatchObject([{ principal: 'ops-bot', kind: 'left' }]);
});

test('a clock that was set back does not turn history around', async () => {
  await takeNight(database.db, [aMembership()], { at: night(9) });
  const second = await takeNight(database.db, [], { at: night(2) });
  const third = await takeNight(database.db, [aMembership()], { at: night(3) });

  expect(second.finishedAt > night(9)).toBe(true);
  expect(third.finishedAt > second.finishedAt).toBe(true);
  expect(await listMembers(database.db, { at: second.finishedAt })).toEqual([]);
  for (const { notBefore, notAfter } of await listChanges(database.db, {})) {
    expect(notBefore < notAfter).toBe(true);
  }
});

test('a listing counts from when it was done, not from when it began', async () => {
  const run = await claim(database.db, { at: night(1) });
  const done = new Date(night(1).getTime() + 90_000);

  expect(await store(database.db, run, { memberships: [aMembership()], at: done })).toMatchObject({
    finishedAt: done,
  });
  expect(await listMembers(database.db, { at: night(1) })).toEqual([]);
});
