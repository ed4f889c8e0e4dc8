import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { presenceJob } from '../../jobs/presence.ts';
import { readVersion } from '../../src/project.ts';
import { listWorkers, seeWorker } from '../../src/schedule/workers.ts';
import { startedSimulator } from '../simulator/calls.ts';
import { aContext } from '../support/context.ts';
import { useDatabase } from '../support/database.ts';

const database = useDatabase();

const nightly = { expression: '0 2 * * *', timezone: 'UTC' };

async function aWorker() {
  const { db, queue } = database;
  return aContext({ db, queue, simulator: await startedSimulator() });
}

function letPass(interval: string): Promise<unknown> {
  return database.db.execute(sql`
    update rollcall.workers set
      started_at = started_at - ${interval}::interval, seen_at = seen_at - ${interval}::interval`);
}

test('a worker is known from its first minute on, and seen in each', async () => {
  const context = await aWorker();
  await presenceJob.clock?.tick(context, context.now());
  const [first] = await listWorkers(database.db);
  expect(first).toMatchObject({
    name: context.worker,
    version: readVersion(),
    schedule: nightly,
    isLive: true,
  });
  expect(first?.configuration).toMatch(/^[0-9a-f]{12}$/);

  await letPass('3 minutes');
  await presenceJob.clock?.tick(context, context.now());
  const [later, ...others] = await listWorkers(database.db);
  expect(others).toEqual([]);
  expect(later?.seenAt.getTime()).toBeGreaterThanOrEqual(first?.seenAt.getTime() ?? Infinity);
  expect(later?.startedAt.getTime()).toBeLessThan(first?.startedAt.getTime() ?? 0);
});

test('another schedule, principal or recipient is another configuration; another place of health is not', async () => {
  const context = await aWorker();
  const { config } = context;
  const changed = [
    config,
    { ...config, schedule: { ...nightly, expression: '0 3 * * *' } },
    { ...config, principals: [] },
    { ...config, audiences: [] },
    { ...config, hold: { removals: 1, share: 0.1 } },
    { ...config, http: null, logLevel: 'debug' as const },
  ];
  const seen = [];
  for (const one of changed) {
    await presenceJob.clock?.tick(
      { ...context, config: one, worker: `worker ${seen.length}` },
      context.now(),
    );
    seen.push(
      (await listWorkers(database.db)).find(({ name }) => name === `worker ${seen.length}`)?.configuration,
    );
  }
  expect(new Set(seen).size).toBe(5);
  expect(seen[5]).toBe(seen[0]);
});

test('one that said that it ends, or was not seen for minutes, does not live', async () => {
  const context = await aWorker();
  await presenceJob.clock?.tick(context, context.now());
  await presenceJob.atEnd?.(context);
  expect(await listWorkers(database.db)).toMatchObject([{ isLive: false }]);

  await presenceJob.clock?.tick(context, context.now());
  expect(await listWorkers(database.db)).toMatchObject([{ isLive: true }]);
  await letPass('6 minutes');
  expect(await listWorkers(database.db)).toMatchObject([{ isLive: false }]);
});

test('a worker that is started again and again fills no table, and which schedule was when stays known', async () => {
  const identity = { version: '1', configuration: 'c' };
  const weekly = { expression: '0 2 * * 1', timezone: 'UTC' };
  for (const [name, schedule] of Object.entries({
    a1: nightly,
    a2: nightly,
    b1: weekly,
    b2: weekly,
    a3: nightly,
  })) {
    await seeWorker(database.db, { name, ...identity, schedule });
    await letPass('2 days');
  }
  await seeWorker(database.db, { name: 'a4', ...identity, schedule: nightly });
  expect((await listWorkers(database.db)).map(({ name }) => name)).toEqual(['a4', 'a3', 'b1', 'a1']);
});

test('what is long gone is forgotten, and what is not stays', async () => {
  const identity = { version: '1', configuration: 'c', schedule: nightly };
  await seeWorker(database.db, { name: 'long gone', ...identity });
  await letPass('60 days');
  const weekly = { expression: '0 2 * * 1', timezone: 'UTC' };
  await seeWorker(database.db, { name: 'gone', ...identity, schedule: weekly });
  await letPass('31 days');
  await seeWorker(database.db, { name: 'here', ...identity });
  expect((await listWorkers(database.db)).map(({ name }) => name)).toEqual(['here', 'gone']);
});
