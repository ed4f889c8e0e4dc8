import { sql } from 'drizzle-orm';
import { afterEach, expect, test, vi } from 'vitest';
import { type Job } from '../jobs/job.ts';
import { watchdogJob } from '../jobs/watchdog.ts';
import { type Context } from '../src/context.ts';
import { type Queue } from '../src/queue/queue.ts';
import { runWorker, type WorkerOptions } from '../src/worker.ts';
import { deliveringContext } from './deliver/delivering.ts';
import { createPostbox } from './deliver/owed.ts';
import { useDatabase } from './support/database.ts';
import { night } from './support/nights.ts';

const database = useDatabase();

afterEach(() => vi.useRealTimers());

const everySecond = { expression: '* * * * * *', timezone: 'UTC' };

interface Given extends Partial<WorkerOptions> {
  queue?: Partial<Queue>;
}

/** Lets a worker run to its end, and notes what it was told and what it ended. */
async function work(job: Partial<Job>, { queue: given, ...options }: Given = {}) {
  const seen = { ready: [] as boolean[], ended: [] as string[], closed: 0 };
  // The queue is that of every test in the file: it stays open.
  const queue = { ...database.queue, ...given, close: () => Promise.resolve(void (seen.closed += 1)) };
  const context: Context = { ...deliveringContext(database, createPostbox()), queue };
  const running = runWorker(context, {
    jobs: [{ name: 'test', ...job }],
    stop: new AbortController().signal,
    endWork: ({ message }) => seen.ended.push(message),
    onReady: (isReady) => seen.ready.push(isReady),
    ...options,
  });
  const error: unknown = await running.then(
    () => null,
    (reason: unknown) => reason,
  );
  return { ...seen, error };
}

test('a first tick that fails for good ends the worker with its reason, its clock stopped and its work ended', async () => {
  vi.useFakeTimers();
  const failure = new Error('no such thing');
  const clock = { schedule: () => everySecond, atStart: true, tick: () => Promise.reject(failure) };
  const { error, ...seen } = await work({ clock });

  expect(error).toBe(failure);
  expect(seen).toEqual({ ready: [], ended: [expect.any(String)], closed: 1 });
  expect(vi.getTimerCount()).toBe(0);
});

test('a queue that cannot be worked ends it too', async () => {
  const clock = { schedule: () => everySecond, tick: () => Promise.resolve() };
  const failure = new Error('the queue is closed');
  const { error, ...seen } = await work(
    { clock, work: { queue: 'deliver', atOnce: 1, handle: () => Promise.resolve('done') } },
    { queue: { work: () => Promise.reject(failure) } },
  );

  expect(error).toBe(failure);
  expect(seen).toEqual({ ready: [], ended: [expect.any(String)], closed: 1 });
});

test('a database that is away for a moment does not', async () => {
  const stop = new AbortController();
  const away = Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });
  const clock = { schedule: () => null, atStart: true, tick: () => Promise.reject(away) };
  const ready: boolean[] = [];
  const onReady = (isReady: boolean) => {
    ready.push(isReady);
    stop.abort();
  };
  const { error } = await work({ clock }, { stop: stop.signal, onReady });

  expect(error).toBeNull();
  expect(ready).toEqual([true, false]);
});

test('a machine whose clock is far from the database’s ticks for the time that it is there', async () => {
  const stop = new AbortController();
  const ticked: number[] = [];
  const tick = (_context: Context, at: Date) => {
    ticked.push(at.getTime());
    stop.abort();
    return Promise.resolve();
  };
  await work({ clock: { schedule: () => everySecond, tick } }, { stop: stop.signal });

  // What the context of these tests says that it is, months before the machine does.
  expect(Math.abs((ticked[0] ?? 0) - night(1).getTime())).toBeLessThan(120_000);
});

test('a database that another version has brought further ends a worker of this one, which says so', async () => {
  await database.db.execute(sql`insert into rollcall.migrations (tag, hash) values ('9999_future', 'f00d')`);
  const context = deliveringContext(database, createPostbox());
  const tick = () => watchdogJob.clock?.tick(context, context.now()) ?? Promise.resolve();
  try {
    const { error, ready } = await work({ clock: { schedule: () => everySecond, tick } });

    expect(error).toMatchObject({
      code: 'configuration',
      message: expect.stringContaining('9999_future') as string,
    });
    expect(ready).toEqual([true, false]);
  } finally {
    await database.db.execute(sql`delete from rollcall.migrations where tag = '9999_future'`);
  }
});
