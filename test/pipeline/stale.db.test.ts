import { beforeEach, describe, expect, it } from 'vitest';
import { watchdogJob } from '../../jobs/watchdog.ts';
import { type Context } from '../../src/context.ts';
import { reports } from '../../src/database/schema.ts';
import { runPrincipal } from '../../src/pipeline.ts';
import { type Simulator } from '../../src/simulator/server.ts';
import { startedSimulator } from '../simulator/calls.ts';
import { aContext } from '../support/context.ts';
import { useDatabase } from '../support/database.ts';

const database = useDatabase();

let simulator: Simulator;
let now: Date;
let context: Context;
beforeEach(async () => {
  simulator = await startedSimulator({ organizations: 2 });
  context = aContext({ db: database.db, queue: database.queue, simulator, now: () => now });
  context = { ...context, config: { ...context.config, catchUpHours: 0, digest: null } };
});

/** What the watchdog sees at these times, one after the other; no run is done in between. */
async function watch(...times: string[]): Promise<void> {
  for (const time of times) {
    now = new Date(time);
    await watchdogJob.clock?.tick(context, now);
  }
}

async function run(time: string): Promise<void> {
  now = new Date(time);
  const [principal] = context.config.principals;
  if (principal === undefined) throw new Error('expected a principal');
  await runPrincipal(context, { principal, trigger: 'manual', slot: null });
}

/** Kind and subject of every report so far. */
async function told(): Promise<string[]> {
  const found = await database.db.select().from(reports).orderBy(reports.id);
  return found.map(({ kind, subject }) => `${kind}: ${subject.replace(/^\[rollcall\] [^:]*: /, '')}`);
}

describe('a principal without a complete run for longer than its schedule and six hours', () => {
  it('is reported once, then daily, then the recovery', async () => {
    await run('2026-08-14T02:00:00Z');
    await watch('2026-08-15T08:00:00Z', '2026-08-15T08:15:00Z', '2026-08-15T08:30:00Z');
    await watch('2026-08-15T20:00:00Z', '2026-08-16T08:15:00Z', '2026-08-16T08:30:00Z');
    await run('2026-08-16T11:00:00Z');
    await watch('2026-08-16T11:15:00Z', '2026-08-17T07:45:00Z');

    expect(await told()).toEqual([
      'baseline: baseline of 2 organizations, Super Administrator of none',
      'failure: no complete run for 30 hours',
      'failure: no complete run for 54 hours',
      'recovery: complete again',
    ]);
  });

  it('is not told of twice a day: a failure that was reported counts', async () => {
    await run('2026-08-14T02:00:00Z');
    simulator.world.principal().tokenMay.list = false;
    await run('2026-08-15T02:00:00Z');
    await watch('2026-08-15T08:15:00Z', '2026-08-15T21:45:00Z', '2026-08-15T22:15:00Z');

    expect(await told()).toMatchObject([
      expect.stringContaining('baseline'),
      'failure: permission missing, no snapshot since 14 Aug',
      'failure: no complete run for 44 hours',
    ]);
  });

  it('may have had none at all: then the time counts since it was first heard of', async () => {
    await watch('2026-08-14T12:00:00Z', '2026-08-15T08:00:00Z');
    expect(await told()).toEqual([]);
    await watch('2026-08-15T08:15:00Z');

    expect(await told()).toEqual(['failure: no complete run for 20 hours']);
    const [report] = await database.db.select().from(reports);
    expect(report).toMatchObject({ runId: null });
    expect(report?.text).toContain('There has been no complete run since it was configured');
    expect(report?.text).toContain('is a worker running');
  });

  it('is reported by one of many watchdogs', async () => {
    await run('2026-08-14T02:00:00Z');
    now = new Date('2026-08-15T09:00:00Z');
    await Promise.all([1, 2, 3, 4].map(async () => watchdogJob.clock?.tick(context, now)));

    expect(await told()).toHaveLength(2);
  });

  it('on a weekly schedule has until six hours after the next week’s slot', async () => {
    context.config.schedule = { expression: '0 2 * * 1', timezone: 'Europe/Madrid' };
    await run('2026-08-17T00:00:00Z');
    await watch('2026-08-23T23:00:00Z', '2026-08-24T06:00:00Z');
    expect(await told()).toHaveLength(1);
    await watch('2026-08-24T06:15:00Z');

    expect(await told()).toHaveLength(2);
  });
});
