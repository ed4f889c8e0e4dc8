import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, it } from 'vitest';
import { snapshotJob } from '../../jobs/snapshot.ts';
import { watchdogJob } from '../../jobs/watchdog.ts';
import { readHistory } from '../../src/checks/history.ts';
import { judgeRuns } from '../../src/checks/runs.ts';
import { type Context } from '../../src/context.ts';
import { reports } from '../../src/database/schema.ts';
import { readFigures } from '../../src/history/figures.ts';
import { runPrincipal } from '../../src/pipeline.ts';
import { drainDigest, enqueueMissedDigest } from '../../src/pipeline/digest.ts';
import { type Simulator } from '../../src/simulator/server.ts';
import { startedSimulator } from '../simulator/calls.ts';
import { listSchedules } from '../../src/schedule/in-force.ts';
import { aContext } from '../support/context.ts';
import { useDatabase } from '../support/database.ts';
import { collectLog } from '../support/log-lines.ts';

const database = useDatabase();

const hourMs = 3_600_000;

/** The instant of the test: what the database's clock says, too. */
const today = new Date();
const hoursAgo = (hours: number) => new Date(today.getTime() - hours * hourMs);
const aYearAhead = (hours: number) => new Date(hoursAgo(hours).getTime() + 365 * 24 * hourMs);

let simulator: Simulator;
let now: Date;
let context: Context;
beforeEach(async () => {
  simulator = await startedSimulator({ organizations: 3 });
  context = aContext({ db: database.db, queue: database.queue, simulator, now: () => now });
  context = { ...context, config: { ...context.config, catchUpHours: 0, digest: null } };
});

/** A run by a worker whose clock says `by`, when it was so many hours ago; by an embedded database's clock, too, or not. */
async function run(
  hours: number,
  by: 'right' | 'ahead' | 'ahead with its database' = 'right',
): Promise<void> {
  now = by === 'right' ? hoursAgo(hours) : aYearAhead(hours);
  const [principal] = context.config.principals;
  if (principal === undefined) throw new Error('expected a principal');
  await runPrincipal(context, { principal, trigger: 'manual', slot: null });
  const heartbeat = by === 'ahead with its database' ? aYearAhead(hours) : hoursAgo(hours);
  await database.db.execute(
    sql`update rollcall.runs set heartbeat_at = ${heartbeat.toISOString()}::timestamptz
      where id = (select max(id) from rollcall.runs)`,
  );
}

async function watch(...hours: number[]): Promise<void> {
  for (const hour of hours) {
    now = hoursAgo(hour);
    await watchdogJob.clock?.tick(context, now);
  }
}

/** Kind, subject and text of every report but the first notice. */
async function told() {
  const found = await database.db.select().from(reports).orderBy(reports.id);
  return found
    .filter(({ kind }) => kind !== 'baseline')
    .map(({ kind, subject, text }) => ({ said: `${kind}: ${subject.replace(/^.*?\] [^:]*: /, '')}`, text }));
}

const saying = async () => (await told()).map(({ said }) => said);

/** As a person would: what figures the metrics are made of. */
async function figures() {
  const names = context.config.principals.map(({ name }) => name);
  const { principals } = await readFigures(database.db, { principals: names, timeoutMs: 10_000 });
  const [first] = principals;
  if (first === undefined) throw new Error('expected figures of the principal');
  return { ...first, lastCompleteHoursAgo: (today.getTime() / 1000 - (first.lastCompleteAt ?? 0)) / 3600 };
}

async function check() {
  const [name = ''] = context.config.principals.map((principal) => principal.name);
  const history = await readHistory(database.db, [name], today);
  const schedules = listSchedules(history.workers, context.config.schedule, today);
  return judgeRuns(name, history.principals.get(name), { schedules, now: today });
}

describe('silence after a run by a clock that was a year ahead', () => {
  it('is told as soon as any other, measured by the database’s clock, and once a day', async () => {
    await run(100);
    await run(48, 'ahead');
    await watch(0, -0.25, -0.5);

    expect(await saying()).toEqual(['failure: no complete run for 48 hours']);
    expect((await told())[0]?.text).toContain('still to come');
    await watch(-24.25);
    expect(await saying()).toHaveLength(2);
  });

  it('is measured from the run before it, where the database’s own clock was ahead, too', async () => {
    await run(72);
    await run(48, 'ahead with its database');
    await watch(0, -0.25);

    expect(await saying()).toEqual(['failure: no complete run for 72 hours']);
  });

  it('is told where no clock can be believed since the principal was first heard of', async () => {
    await run(48, 'ahead with its database');
    await watch(0, -0.25);

    expect(await saying()).toEqual(['failure: no complete run, for nobody knows how long']);
    expect((await figures()).lastCompleteAt).toBeNull();
    expect((await figures()).knownAt).toBe(0);
  });

  it('is over with the next run, be its end pushed behind the one that is still to come', async () => {
    await run(48, 'ahead with its database');
    await run(1);
    await watch(0, -0.25);

    expect(await saying()).toEqual([]);
    await watch(-40);
    expect(await saying()).toEqual(['failure: no complete run for 41 hours']);
  });

  it('is told though a failure was reported by a clock that was ahead', async () => {
    await run(100);
    simulator.world.principal().tokenMay.list = false;
    await run(60, 'ahead');
    expect(await saying()).toEqual([expect.stringContaining('failure: ')]);
    await run(36);
    await watch(1, 0.75);

    expect(await saying()).toEqual([
      expect.stringMatching(/^failure: /),
      expect.stringMatching(/^failure: /),
      'failure: no complete run for 99 hours',
    ]);
  });
});

describe('a past that is still to come', () => {
  it('is what figures say, and hides neither when the last run was nor how long it took', async () => {
    await run(100);
    await run(48, 'ahead');
    expect(await figures()).toMatchObject({
      lastCompleteHoursAgo: expect.closeTo(48, 1) as number,
      aheadSeconds: expect.closeTo((365 * 24 - 48) * 3600, -3) as number,
    });
    await run(1, 'right');

    const after = await figures();
    expect(after.lastCompleteHoursAgo).toBeCloseTo(1, 1);
    expect(after.aheadSeconds).toBeGreaterThan(300 * 24 * 3600);
    expect(after.lastDurationSeconds).toBeLessThan(60);
  });

  it('is what check says, until the time has come', async () => {
    await run(100);
    expect(await check()).not.toMatchObject({ found: expect.stringContaining('from now') as string });
    await run(2, 'ahead');
    await run(1);

    expect(await check()).toMatchObject({
      state: 'warn',
      found: expect.stringMatching(
        /run 3, ended .*: that is 36\d days from now, for a clock was ahead/,
      ) as string,
    });
  });

  it('is what the reports of the nights after it say', async () => {
    await run(100);
    simulator.world.principal().put();
    await run(48, 'ahead');
    simulator.world.principal().put();
    await run(24);

    const [before, after] = await told();
    expect(before?.text).not.toContain('clock that was ahead');
    expect(after?.text).toContain('by a clock that was ahead');
  });

  it('is what the log says with the night after it, in a line of its own', async () => {
    const { log, lines } = collectLog();
    await run(48, 'ahead');
    now = hoursAgo(0);
    const [principal] = context.config.principals;
    const job = { principal: principal?.name, slot: now.toISOString(), trigger: 'schedule' };
    await snapshotJob.work?.handle({ ...context, log }, job);

    expect(lines).toMatchObject([
      { msg: 'run complete' },
      {
        level: 40,
        baseline: 1,
        ahead: '363 days',
        msg: expect.stringContaining('clock was ahead') as string,
      },
    ]);
  });

  it('is what the digest says, and it counts the changes that were told since', async () => {
    await run(100, 'ahead with its database');
    simulator.world.principal().put();
    simulator.world.principal().put();
    await run(50);
    const slot = new Date(Math.floor(hoursAgo(1).getTime() / hourMs) * hourMs);
    const digest = { expression: `0 ${slot.getUTCHours()} * * *`, timezone: 'UTC' };
    context.config.digest = { ...digest, expression: `0 ${slot.getUTCHours()} * * ${slot.getUTCDay()}` };
    now = today;
    await enqueueMissedDigest(context, now);
    await drainDigest(context);

    const [made] = (await told()).filter(({ said }) => said.startsWith('digest'));
    expect(made?.said).toContain('1 clock ahead');
    expect(made?.text).toContain('2 joined');
    expect(made?.text).toContain('by a clock that was ahead');
  });
});
