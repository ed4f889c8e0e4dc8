import { expect, test } from 'vitest';
import { principals } from '../../src/database/schema.ts';
import { listRuns } from '../../src/history/runs.ts';
import { abandonAllRuns, beat, endRunShort, type ShortEnd } from '../../src/schedule/claim.ts';
import { letDie } from '../support/clock.ts';
import { useDatabase } from '../support/database.ts';
import { aMembership, claim, evidence, night, store, takeNight, tryToClaim } from '../support/nights.ts';

const database = useDatabase();

const slot = night(1);
const scheduled = { trigger: 'schedule', slot, at: slot } as const;
const unanswered: ShortEnd = { state: 'failed', error: 'no answer', evidence, now: night(1) };

test('a slot runs once, however its run ended', async () => {
  const run = await claim(database.db, scheduled);
  expect(await tryToClaim(database.db, scheduled)).toMatchObject({ outcome: 'busy', runId: run.id });

  await endRunShort(database.db, run, unanswered);
  const late = { ...scheduled, trigger: 'catch_up' } as const;
  expect(await tryToClaim(database.db, late)).toEqual({ outcome: 'slot_taken', runId: run.id });
});

test('each principal has the slot to itself, and each slot the principal', async () => {
  await takeNight(database.db, [], { ...scheduled, principal: 'ops-bot' });

  await takeNight(database.db, [], { ...scheduled, principal: 'legacy' });
  await takeNight(database.db, [], { ...scheduled, slot: night(2) });
  expect(await listRuns(database.db, { limit: 10 })).toHaveLength(3);
});

test('while a principal’s run is under way, another is told who has it', async () => {
  const run = await claim(database.db, { worker: 'host:7:abc', at: night(1) });

  expect(await tryToClaim(database.db)).toEqual({
    outcome: 'busy',
    runId: run.id,
    worker: 'host:7:abc',
    startedAt: night(1),
  });
  expect(await tryToClaim(database.db, scheduled)).toMatchObject({ outcome: 'busy', runId: run.id });
});

test.each([
  ['whoever waits for a run that is under way', { slot: night(2), trigger: 'schedule' }],
  ['whoever waits for it by hand', {}],
] as const)('%s takes no run id, however often it asks', async (_, order) => {
  const run = await claim(database.db, scheduled);
  for (let asked = 0; asked < 5; asked += 1) await tryToClaim(database.db, order);
  await endRunShort(database.db, run, unanswered);

  expect(await claim(database.db)).toMatchObject({ id: run.id + 1 });
});

test('a slot that has had its run, and a principal that is retired, take no run id', async () => {
  const run = await claim(database.db, scheduled);
  await endRunShort(database.db, run, unanswered);
  for (let asked = 0; asked < 5; asked += 1) await tryToClaim(database.db, scheduled);
  await database.db.update(principals).set({ retiredAt: night(2) });
  await tryToClaim(database.db);
  await database.db.update(principals).set({ retiredAt: null });

  expect(await claim(database.db)).toMatchObject({ id: run.id + 1 });
});

test('a run that ended makes way', async () => {
  const run = await claim(database.db);
  await endRunShort(database.db, run, unanswered);

  expect(await tryToClaim(database.db)).toMatchObject({ outcome: 'claimed' });
});

test('a dead worker’s run is recorded as failed, and its slot runs again', async () => {
  const dead = await claim(database.db, { ...scheduled, worker: 'host:7:abc' });
  await letDie(database.db, dead.id);

  const successor = await claim(database.db, { ...scheduled, at: night(2) });
  expect(await listRuns(database.db, { limit: 10 })).toMatchObject([
    { id: successor.id, slot, state: 'running' },
    {
      id: dead.id,
      slot,
      state: 'failed',
      abandoned: true,
      finishedAt: night(2),
      error: expect.stringContaining('host:7:abc') as unknown,
    },
  ]);
});

test('a slot whose run died is not taken: while another run is under way it waits for that one', async () => {
  const dead = await claim(database.db, scheduled);
  await letDie(database.db, dead.id);
  const byHand = await claim(database.db);

  expect(await tryToClaim(database.db, scheduled)).toMatchObject({ outcome: 'busy', runId: byHand.id });
});

test('a run whose heart beats is not given up for dead', async () => {
  const run = await claim(database.db, scheduled);
  await letDie(database.db, run.id);

  expect(await beat(database.db, run.id)).toBe(true);
  expect(await tryToClaim(database.db, scheduled)).toMatchObject({ outcome: 'busy', runId: run.id });
});

test('the death of one principal’s run is not another’s', async () => {
  const dead = await claim(database.db, { principal: 'ops-bot' });
  await letDie(database.db, dead.id);
  await claim(database.db, { principal: 'legacy' });

  expect(await listRuns(database.db, { limit: 10, principal: 'ops-bot' })).toMatchObject([
    { state: 'running' },
  ]);
});

test('a run that was given up for dead learns it from its next heartbeat, and cannot end twice', async () => {
  const dead = await claim(database.db);
  await letDie(database.db, dead.id);
  await claim(database.db);

  expect(await beat(database.db, dead.id)).toBe(false);
  await endRunShort(database.db, dead, { ...unanswered, error: 'a late word' });
  expect(await listRuns(database.db, { limit: 10, state: 'failed' })).toMatchObject([
    { id: dead.id, error: expect.stringContaining('died') as unknown },
  ]);
});

test('a run that ended short keeps why, and what it took', async () => {
  const run = await claim(database.db, { at: night(1) });
  await endRunShort(database.db, run, { ...unanswered, state: 'incomplete', error: 'two pages are missing' });

  expect(await listRuns(database.db, { limit: 1 })).toMatchObject([
    { state: 'incomplete', error: 'two pages are missing', requests: 3, chain: null, digest: null },
  ]);
});

test('a run that ends before it began, by a clock set back, ends when it began', async () => {
  const run = await claim(database.db, { at: night(9) });
  await endRunShort(database.db, run, { ...unanswered, now: night(1) });

  expect(await listRuns(database.db, { limit: 1 })).toMatchObject([{ finishedAt: night(9) }]);
});

test('on a database of its own, a process that starts ends what an earlier one left under way, and nothing else', async () => {
  const done = await claim(database.db, scheduled);
  await store(database.db, done, { memberships: [aMembership()] });
  await claim(database.db, { ...scheduled, slot: night(2) });
  await abandonAllRuns(database.db, night(3));

  expect(await listRuns(database.db, { limit: 10 })).toMatchObject([
    { state: 'failed', abandoned: true },
    { state: 'complete', abandoned: false },
  ]);
  await claim(database.db, { ...scheduled, slot: night(2) });
});
