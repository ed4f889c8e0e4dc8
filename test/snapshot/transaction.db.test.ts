import { expect, test } from 'vitest';
import { letDie } from '../support/clock.ts';
import { useDatabase } from '../support/database.ts';
import {
  aMembership,
  claim,
  night,
  organizationId,
  store,
  storeWithin,
  takeNight,
} from '../support/nights.ts';
import { countRows, rowsOf } from '../support/raw-rows.ts';

const database = useDatabase();

test('if anything after the snapshot throws, nothing of the night is stored', async () => {
  await takeNight(database.db, [aMembership()], { at: night(1) });
  const run = await claim(database.db, { at: night(2) });
  const before = await rowsOf(database.db, 'memberships');
  const fullDisk = new Error('The report could not be written.');

  const recording = database.db.transaction(async (tx) => {
    await storeWithin(tx, run, { memberships: [] });
    throw fullDisk;
  });

  await expect(recording).rejects.toBe(fullDisk);
  expect(await rowsOf(database.db, 'memberships')).toEqual(before);
  expect(await countRows(database.db)).toMatchObject({ changes: 0 });
  expect(await rowsOf(database.db, 'runs')).toMatchObject([{ state: 'complete' }, { state: 'running' }]);
});

test('a listing that names one organization twice is not stored', async () => {
  const run = await claim(database.db);

  await expect(store(database.db, run, { memberships: [aMembership(), aMembership()] })).rejects.toThrow();
  expect(await countRows(database.db)).toMatchObject({ memberships: 0 });
});

test('a run that was given up for dead and taken over cannot store what it saw', async () => {
  const stale = await claim(database.db, { worker: 'hung:1:a' });
  await letDie(database.db, stale.id);
  const successor = await claim(database.db, { worker: 'fresh:2:b' });

  await expect(store(database.db, stale, { memberships: [aMembership()] })).rejects.toMatchObject({
    code: 'busy',
  });
  expect(await countRows(database.db)).toMatchObject({ runs: 2, memberships: 0 });
  await store(database.db, successor, { memberships: [aMembership()] });
  expect(await countRows(database.db)).toMatchObject({ memberships: 1 });
});

test('several nights can be stored in one transaction', async () => {
  await database.db.transaction(async (tx) => {
    for (const principal of ['ops-bot', 'legacy']) {
      await storeWithin(tx, await claim(tx, { principal }), { memberships: [aMembership()] });
    }
  });

  expect(await countRows(database.db)).toMatchObject({ runs: 2, memberships: 2 });
});

test('five thousand memberships go through, and a change to each', { timeout: 60_000 }, async () => {
  const memberships = Array.from({ length: 5_000 }, (_, number) =>
    aMembership({ organizationId: organizationId(number), organizationName: `Organization ${number}` }),
  );
  await takeNight(database.db, memberships, { at: night(1) });
  const second = await takeNight(
    database.db,
    memberships.map((membership) => ({ ...membership, roles: ['DNS'] })),
    { at: night(2) },
  );

  expect(second.changes).toHaveLength(5_000);
  expect(second.counts).toMatchObject({ members: 5_000 });
  expect(await countRows(database.db)).toMatchObject({ memberships: 10_000, changes: 5_000 });
});
