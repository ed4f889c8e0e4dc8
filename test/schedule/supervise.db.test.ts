import { once } from 'node:events';
import { setImmediate as letTimersFire } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { queryRows } from '../../src/database/database.ts';
import { superviseRun } from '../../src/schedule/supervise.ts';
import { letDie } from '../support/clock.ts';
import { useDatabase } from '../support/database.ts';
import { claim } from '../support/nights.ts';

const database = useDatabase();

/** Work that would never end by itself. */
async function hang(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason;
}

/** Nobody tells the process to stop. */
const never = new AbortController().signal;

test('work that is done in time gives its result', async () => {
  const run = await claim(database.db);

  expect(await superviseRun({ db: database.db, run, signal: never }, () => Promise.resolve('done'))).toBe(
    'done',
  );
});

test('work that fails fails with its own error', async () => {
  const run = await claim(database.db);
  const failure = new Error('no answer');

  await expect(
    superviseRun({ db: database.db, run, signal: never }, () => Promise.reject(failure)),
  ).rejects.toBe(failure);
});

test('work that is not done by its deadline is ended as timed out', async () => {
  const run = await claim(database.db);

  await expect(
    superviseRun({ db: database.db, run, signal: never, deadlineMs: 1 }, hang),
  ).rejects.toMatchObject({ code: 'timed_out' });
});

test('work whose run was taken over is ended', async () => {
  const run = await claim(database.db);
  await letDie(database.db, run.id);
  await claim(database.db);

  await expect(
    superviseRun({ db: database.db, run, signal: never, heartbeatMs: 1 }, hang),
  ).rejects.toMatchObject({ code: 'busy' });
});

test('work is ended with the process’s own reason when that is told to stop', async () => {
  const run = await claim(database.db);
  const shutdown = new AbortController();
  const stopped = new Error('told to stop');
  const work = superviseRun({ db: database.db, run, signal: shutdown.signal }, hang);
  shutdown.abort(stopped);

  await expect(work).rejects.toBe(stopped);
});

test('while the work goes on, the run’s heart beats', async ({ signal }) => {
  const run = await claim(database.db);
  await letDie(database.db, run.id);
  const isAlive = async () => {
    const beaten = sql`select 1 from rollcall.runs where id = ${run.id} and heartbeat_at > now() - interval '1 minute'`;
    return (await queryRows(database.db, beaten)).length > 0;
  };

  await superviseRun({ db: database.db, run, signal: never, heartbeatMs: 1 }, async () => {
    while (!signal.aborted && !(await isAlive())) await letTimersFire();
  });
  expect(await isAlive()).toBe(true);
});
