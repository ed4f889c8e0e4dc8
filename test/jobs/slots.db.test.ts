import { eq, sql } from 'drizzle-orm';
import { beforeEach, describe, expect, it } from 'vitest';
import { snapshotJob } from '../../jobs/snapshot.ts';
import { watchdogJob } from '../../jobs/watchdog.ts';
import { type Config } from '../../src/config.ts';
import { type Context } from '../../src/context.ts';
import { reports } from '../../src/database/schema.ts';
import { RollcallError } from '../../src/domain/errors.ts';
import { enqueueSlot } from '../../src/pipeline/roll-call.ts';
import { type Schedule } from '../../src/schedule/slots.ts';
import { seeWorker } from '../../src/schedule/workers.ts';
import { type Simulator } from '../../src/simulator/server.ts';
import { startedSimulator } from '../simulator/calls.ts';
import { ageHeartbeats } from '../support/clock.ts';
import { aContext } from '../support/context.ts';
import { useDatabase } from '../support/database.ts';
import { claim } from '../support/nights.ts';
import { liveThrough, tellRuns, workOff } from './working.ts';

const database = useDatabase();

let simulator: Simulator;
let now: Date;
beforeEach(async () => {
  simulator = await startedSimulator({ organizations: 2, principals: 2 });
  now = new Date('2026-08-14T02:00:00Z');
});

/** A worker whose clock says what the test says. */
function aWorker(config: Partial<Config> = {}, principals = 2): Context {
  const context = aContext({
    db: database.db,
    queue: database.queue,
    simulator,
    now: () => now,
    config: { schedule: { expression: '0 2 * * *', timezone: 'UTC' }, ...config },
  });
  const { config: all } = context;
  return { ...context, config: { ...all, principals: all.principals.slice(0, principals) } };
}

/** As a worker was seen that began then. */
async function beWorker(name: string, schedule: Schedule, startedAt: string): Promise<void> {
  await seeWorker(database.db, { name, version: '1', configuration: 'c', schedule });
  await database.db.execute(
    sql`update rollcall.workers set started_at = ${startedAt}::timestamptz where name = ${name}`,
  );
}

const tick = (context: Context) => snapshotJob.clock?.tick(context, now);
const watch = (context: Context) => watchdogJob.clock?.tick(context, now);

describe('each slot once', () => {
  it('however many workers tick, a slot runs once for each principal', async () => {
    const workers = [aWorker(), aWorker(), aWorker()];
    for (const worker of workers) await tick(worker);
    const [first = aWorker()] = workers;
    expect(await workOff(first)).toHaveLength(2);
    for (const worker of workers) await tick(worker);
    await workOff(first);

    const slot = '2026-08-14T02:00:00.000Z';
    const runs = (await tellRuns(first)).map(({ principal, ...run }) => [principal, run] as const);
    expect(new Map(runs).size).toBe(2);
    expect(runs.map(([, run]) => run)).toEqual([
      { slot, trigger: 'schedule', state: 'complete' },
      { slot, trigger: 'schedule', state: 'complete' },
    ]);
  });

  it('a tick that comes late still runs the slot that it was for', async () => {
    const worker = aWorker({}, 1);
    now = new Date('2026-08-14T02:03:20Z');
    await tick(worker);
    await workOff(worker);

    expect(await tellRuns(worker)).toMatchObject([{ slot: '2026-08-14T02:00:00.000Z' }]);
  });

  it('a slot missed while no worker ran is caught up once, and only the newest', async () => {
    const worker = aWorker({}, 1);
    await tick(worker);
    await workOff(worker);
    now = new Date('2026-08-17T11:07:00Z');
    for (let looks = 0; looks < 3; looks += 1) {
      await watch(worker);
      await workOff(worker);
    }

    expect(await tellRuns(worker)).toMatchObject([
      { slot: '2026-08-14T02:00:00.000Z', trigger: 'schedule' },
      { slot: '2026-08-17T02:00:00.000Z', trigger: 'catch_up' },
    ]);
  });

  it('a slot older than the window is not caught up, and with a window of none no slot is', async () => {
    now = new Date('2026-08-17T11:07:00Z');
    for (const catchUpHours of [9, 0]) await watch(aWorker({ catchUpHours }));

    expect(await workOff(aWorker())).toEqual([]);
  });

  it('a slot of a new schedule, from before a worker had it, is not missed; one of the old is', async () => {
    const nightly = { expression: '0 2 * * *', timezone: 'UTC' };
    const atNine = { expression: '0 9 * * *', timezone: 'UTC' };
    await beWorker('old', nightly, '2026-08-13T12:00:00Z');
    await beWorker('new', atNine, '2026-08-14T09:30:00Z');
    now = new Date('2026-08-14T09:31:00Z');
    const worker = aWorker({ schedule: atNine }, 1);
    await watch(worker);
    await workOff(worker);
    expect(await tellRuns(worker)).toMatchObject([{ slot: '2026-08-14T02:00:00.000Z', trigger: 'catch_up' }]);

    now = new Date('2026-08-15T09:31:00Z');
    await watch(worker);
    await workOff(worker);
    expect((await tellRuns(worker)).at(-1)).toMatchObject({ slot: '2026-08-15T09:00:00.000Z' });
  });

  it('a schedule that is new to a worker makes nobody silent', async () => {
    const weekly = { expression: '0 2 * * 1', timezone: 'UTC' };
    const worker = aWorker({ schedule: weekly }, 1);
    await tick(worker);
    await workOff(worker);
    await beWorker('old', weekly, '2026-08-01T00:00:00Z');
    now = new Date('2026-08-14T12:00:00Z');
    const nightly = { expression: '0 2 * * *', timezone: 'UTC' };
    await beWorker('new', nightly, now.toISOString());
    await watch(aWorker({ schedule: nightly }, 1));
    expect(await database.db.select().from(reports).where(eq(reports.kind, 'failure'))).toEqual([]);

    now = new Date('2026-08-15T09:00:00Z');
    await watch(aWorker({ schedule: nightly, catchUpHours: 0 }, 1));
    expect(await database.db.select().from(reports).where(eq(reports.kind, 'failure'))).toHaveLength(1);
  });

  it('a slot whose clock is only about to tick is not missed', async () => {
    now = new Date('2026-08-14T02:00:01Z');
    await watch(aWorker());

    expect(await workOff(aWorker())).toEqual([]);
  });

  it('a slot missed by seconds, as by a worker that was just being replaced, is caught up at its start', async () => {
    const worker = aWorker({}, 1);
    now = new Date('2026-08-14T02:00:09Z');
    await watch(worker);
    await workOff(worker);

    expect(await tellRuns(worker)).toMatchObject([{ trigger: 'catch_up', state: 'complete' }]);
  });

  it('a slot that still waits in the queue is not caught up beside it', async () => {
    const worker = aWorker({}, 1);
    await tick(worker);
    now = new Date('2026-08-14T03:00:00Z');
    await watch(worker);

    expect(await workOff(worker)).toEqual(['done']);
    expect(await tellRuns(worker)).toMatchObject([{ trigger: 'schedule' }]);
  });

  it('a slot that failed has had its run, and a slot whose process died has not', async () => {
    const worker = aWorker({}, 1);
    simulator.world.principal().tokenMay.list = false;
    await tick(worker);
    await workOff(worker);
    now = new Date('2026-08-14T05:00:00Z');
    await watch(worker);
    expect(await workOff(worker)).toEqual([]);

    const slot = new Date('2026-08-15T02:00:00Z');
    now = new Date('2026-08-15T02:05:00Z');
    const [principal] = worker.config.principals;
    await claim(database.db, { principal: principal?.name ?? '', trigger: 'schedule', slot, at: slot });
    await watch(worker);
    expect(await workOff(worker)).toEqual([]);
    await ageHeartbeats(database.db);
    await watch(worker);
    simulator.world.principal().tokenMay.list = true;
    expect(await workOff(worker)).toEqual(['done']);
    expect(await tellRuns(worker)).toMatchObject([
      { state: 'failed' },
      { state: 'failed', slot: '2026-08-15T02:00:00.000Z' },
      { state: 'complete', slot: '2026-08-15T02:00:00.000Z', trigger: 'catch_up' },
    ]);
  });

  it('a clock that is set back does not run a slot again, and one that leaps ahead misses only what it leapt over', async () => {
    const worker = aWorker({}, 1);
    const visit = async (time: string) => {
      now = new Date(time);
      await tick(worker);
      await watch(worker);
      await workOff(worker);
    };
    await visit('2026-08-14T02:00:00Z');
    await visit('2026-08-13T14:00:00Z');
    await visit('2026-08-14T02:00:00Z');
    await visit('2026-08-16T09:30:00Z');

    expect((await tellRuns(worker)).map(({ slot }) => slot)).toEqual([
      '2026-08-14T02:00:00.000Z',
      '2026-08-13T02:00:00.000Z',
      '2026-08-16T02:00:00.000Z',
    ]);
  });
});

describe('a principal runs at most once at a time', () => {
  it('while somebody runs it by hand, its slot waits, and has its turn after', async () => {
    const worker = aWorker({}, 1);
    const [principal] = worker.config.principals;
    const byHand = await claim(database.db, { principal: principal?.name ?? '', at: now });
    await tick(worker);
    expect(await workOff(worker)).toEqual(['later']);
    await ageHeartbeats(database.db);
    expect(await workOff(worker)).toEqual(['done']);

    expect(byHand.id).toBe(1);
    expect(await tellRuns(worker)).toMatchObject([
      { trigger: 'manual', state: 'failed' },
      { trigger: 'schedule', state: 'complete' },
    ]);
  });

  it('a slot whose worker died comes again until that shows, and is not taken for done', async () => {
    const worker = aWorker({}, 1);
    const [principal] = worker.config.principals;
    const slot = new Date('2026-08-14T02:00:00Z');
    await claim(database.db, { principal: principal?.name ?? '', trigger: 'schedule', slot, at: now });
    await tick(worker);
    expect(await workOff(worker)).toEqual(['later']);
    await ageHeartbeats(database.db);
    expect(await workOff(worker)).toEqual(['done']);

    expect(await tellRuns(worker)).toMatchObject([
      { slot: slot.toISOString(), state: 'failed' },
      { slot: slot.toISOString(), state: 'complete' },
    ]);
  });

  it('a run that is interrupted gives its slot back, is not reported, and is done again', async () => {
    const worker = aWorker({}, 1);
    const stop = new AbortController();
    simulator.onRequest = () => stop.abort(new RollcallError('stopped', 'told to stop'));
    await tick(worker);
    expect(await workOff({ ...worker, signal: stop.signal })).toEqual(['later']);
    simulator.onRequest = undefined;
    expect(await workOff(worker)).toEqual(['done']);

    expect(await tellRuns(worker)).toMatchObject([
      { slot: '2026-08-14T02:00:00.000Z', state: 'failed' },
      { slot: '2026-08-14T02:00:00.000Z', state: 'complete' },
    ]);
    const told = await database.db.select({ kind: reports.kind }).from(reports);
    expect(told).toEqual([{ kind: 'baseline' }]);
  });

  it('a principal that this worker does not know waits for one that does', async () => {
    const worker = aWorker();
    const slot = new Date('2026-08-14T02:00:00Z');
    await enqueueSlot(worker, { slot, trigger: 'schedule', principals: [{ name: 'elsewhere' }] });

    expect(await workOff(worker)).toEqual(['later']);
  });
});

const nights = [
  { timezone: 'America/New_York', change: 'is set ahead', expression: '30 2 * * *', at: '2026-03-08T07:30Z' },
  { timezone: 'America/New_York', change: 'is set back', expression: '30 1 * * *', at: '2026-11-01T05:30Z' },
  {
    timezone: 'Australia/Lord_Howe',
    change: 'is set ahead',
    expression: '15 2 * * *',
    at: '2026-10-03T15:45Z',
  },
  {
    timezone: 'Australia/Lord_Howe',
    change: 'is set back',
    expression: '45 1 * * *',
    at: '2026-04-04T14:45Z',
  },
  { timezone: 'America/Santiago', change: 'is set ahead', expression: '30 0 * * *', at: '2026-09-06T04:30Z' },
  { timezone: 'America/Santiago', change: 'is set back', expression: '30 23 * * *', at: '2026-04-05T02:30Z' },
];

describe('a slot that daylight saving swallows or doubles', () => {
  it.each(nights)(
    'in $timezone, on the night on which the clock $change, $expression runs once',
    async ({ timezone, change, expression, at }) => {
      const worker = aWorker({ schedule: { expression, timezone }, catchUpHours: 2 }, 1);
      const due = new Date(at);
      const hours = (count: number) => new Date(due.getTime() + count * 3_600_000);
      await liveThrough(worker, { from: hours(-4), to: hours(5), setNow: (at) => (now = at) });

      const trigger = change === 'is set ahead' ? 'catch_up' : 'schedule';
      expect(await tellRuns(worker)).toMatchObject([{ slot: due.toISOString(), trigger, state: 'complete' }]);
    },
  );
});
