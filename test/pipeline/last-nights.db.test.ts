import { eq, type SQL, sql } from 'drizzle-orm';
import { PgDialect } from 'drizzle-orm/pg-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Context } from '../../src/context.ts';
import { principals, reports, runs } from '../../src/database/schema.ts';
import { runPrincipal } from '../../src/pipeline.ts';
import { approveRun } from '../../src/pipeline/decide.ts';
import { drainDigest, enqueueMissedDigest } from '../../src/pipeline/digest.ts';
import { reportStale } from '../../src/pipeline/stale.ts';
import { verifyQueued } from '../../src/pipeline/verify.ts';
import { composeMismatchReport } from '../../src/report/report.ts';
import { seeWorker } from '../../src/schedule/workers.ts';
import { type Simulator } from '../../src/simulator/server.ts';
import { startedSimulator } from '../simulator/calls.ts';
import { aContext } from '../support/context.ts';
import { useDatabase } from '../support/database.ts';

const database = useDatabase();

let simulator: Simulator;
let now: Date;
let context: Context;
beforeEach(async () => {
  simulator = await startedSimulator({ organizations: 4 });
  context = aContext({ db: database.db, queue: database.queue, simulator, now: () => now });
  context.config.hold = { removals: 1, share: 0.2 };
  for (const { id, status } of simulator.world.principal().memberships)
    if (status === 'invited') simulator.world.principal().remove(id);
});

const at = (day: number, hour: number) => new Date(Date.UTC(2026, 7, day, hour));

/** The night of that day in August. */
async function night(day: number, hour = 2) {
  now = at(day, hour);
  const [principal] = context.config.principals;
  if (principal === undefined) throw new Error('expected a principal');
  return runPrincipal(context, { principal, trigger: 'schedule', slot: now });
}

/** From noon of that day on, workers go by a schedule of that hour. */
async function moveSchedule(day: number, hour: number): Promise<void> {
  const moved = { expression: `0 ${hour} * * *`, timezone: 'UTC' };
  for (const [name, schedule] of Object.entries({ before: context.config.schedule, after: moved })) {
    await seeWorker(database.db, { name, version: '1', configuration: name, schedule });
  }
  const startedAt = (name: string) => (name === 'before' ? at(1, 0) : at(day, 12)).toISOString();
  for (const name of ['before', 'after']) {
    await database.db.execute(
      sql`update rollcall.workers set started_at = ${startedAt(name)}::timestamptz where name = ${name}`,
    );
  }
  context.config.schedule = moved;
}

/** The letters of the last nights, and the blocks of the roll, by the kind of the newest report. */
async function newest() {
  const told = await database.db.select().from(reports).orderBy(reports.id);
  const { kind, text, html } = told.at(-1) ?? { kind: null, text: '', html: '' };
  const [, letters = '', blocks = ''] = /LAST (?:\w+ )?NIGHTS?\n\n {2}(.*)\n {2}?(.*)/.exec(text) ?? [];
  expect(/>Last (?:\w+ )?nights?</.test(html)).toBe(letters !== '');
  return { kind, letters: letters.trim(), blocks: blocks.trim(), count: told.length };
}

describe('the last nights in a report', () => {
  it('are up to its own night: of changes, of failures and the silence after it, of a hold and its approval', async () => {
    await night(10);
    await night(11);
    simulator.world.principal().put();
    await night(12);
    expect(await newest()).toMatchObject({ kind: 'changes', letters: '..C', blocks: '▁▁█' });

    simulator.world.principal().tokenMay.list = false;
    await night(13);
    expect(await newest()).toMatchObject({ kind: 'failure', letters: '..CF', blocks: '▁▁█' });
    await reportStale(context, at(15, 9));
    expect(await newest()).toMatchObject({ kind: 'failure', letters: '..CFMM', blocks: '▁▁█' });

    simulator.world.principal().tokenMay.list = true;
    const [first, ...others] = simulator.world.principal().memberships;
    for (const { id } of others) simulator.world.principal().remove(id);
    const held = await night(16);
    expect(first).toBeDefined();
    expect(await newest()).toMatchObject({ kind: 'held', letters: '..CFMMH' });

    if (held.outcome !== 'held') throw new Error('expected a held run');
    now = at(16, 9);
    await approveRun(context, held.run.id);
    expect(await newest()).toMatchObject({ kind: 'changes', letters: '..CFMMC' });
  });

  it('are in the report that trouble is over, though nothing changed', async () => {
    await night(10);
    simulator.world.principal().tokenMay.list = false;
    await night(11);
    simulator.world.principal().tokenMay.list = true;
    await night(12);

    expect(await newest()).toMatchObject({ kind: 'recovery', letters: '.F.', blocks: '▄ ▄' });
  });

  it('cost a quiet night nothing: it asks for none', async () => {
    await night(10);
    const asked: string[] = [];
    const listen = (db: Context['db']): Context['db'] =>
      new Proxy(db, {
        get(target, name, receiver) {
          const found: unknown = Reflect.get(target, name, receiver);
          if (name !== 'execute' && name !== 'transaction') return found;
          return (given: unknown, ...rest: unknown[]) => {
            if (name === 'execute') asked.push(new PgDialect().sqlToQuery(given as SQL).sql);
            const work = given as (tx: Context['db']) => unknown;
            const argument = name === 'transaction' ? (tx: Context['db']) => work(listen(tx)) : given;
            return (found as (...all: unknown[]) => unknown).call(target, argument, ...rest);
          };
        },
      });
    context = { ...context, db: listen(context.db) };
    const questions = () => asked.filter((question) => question.includes('width_bucket')).length;
    await night(11);
    expect(questions()).toBe(0);
    simulator.world.principal().put();
    await night(12);
    expect(questions()).toBe(1);
  });

  it('are not told to who hears of some changes only', async () => {
    context.config.audiences = [{ to: ['agency@example.com'], categories: ['membership'] }];
    await night(10);
    simulator.world.principal().put();
    await night(11);

    expect(await newest()).toMatchObject({ kind: 'changes', letters: '' });
  });

  it('are by the schedule that was in force', async () => {
    for (const day of [10, 11, 12]) await night(day);
    await moveSchedule(12, 6);
    simulator.world.principal().put();
    await night(13, 6);

    expect(await newest()).toMatchObject({ kind: 'changes', letters: '...C' });
  });
});

describe('the digest', () => {
  /** The digest of the 17th, made anew. */
  async function digest() {
    const digests = sql`select id from rollcall.reports where kind = 'digest'`;
    await database.db.execute(sql`delete from rollcall.deliveries where report_id in (${digests})`);
    await database.db.delete(reports).where(eq(reports.kind, 'digest'));
    const slot = at(17, 8);
    now = slot;
    await enqueueMissedDigest(context, now);
    await drainDigest(context);
    const told = await database.db.select().from(reports).orderBy(reports.id);
    return told.find(({ kind }) => kind === 'digest') ?? { subject: '', text: '' };
  }

  it('says that a history was altered, once the weekly verification has found it', async () => {
    for (const day of [11, 12, 13, 14, 15, 16, 17]) await night(day);
    await database.db.update(runs).set({ cloudflareUserId: 'somebody' });
    now = at(16, 4);
    await verifyQueued(context, { slot: now.toISOString() });

    expect((await digest()).subject).toBe('[rollcall] digest: 1 history altered');
  });

  it('counts the nights of the schedule that was in force', async () => {
    for (const day of [10, 11, 12]) await night(day);
    await moveSchedule(12, 6);
    for (const day of [13, 14, 15, 16, 17]) await night(day, 6);

    expect((await digest()).subject).toBe('[rollcall] digest: nothing needs you');
    await database.db.execute(sql`delete from rollcall.workers`);
    expect((await digest()).subject).toBe('[rollcall] digest: 1 night missed');
  });

  it('says so too where the verification had no run to name', async () => {
    for (const day of [11, 12, 13, 14, 15, 16, 17]) await night(day);
    const [principal] = await database.db.select().from(principals);
    if (principal === undefined) throw new Error('expected a principal');
    const found = { principal: principal.name, found: ['rows of nobody'], lastMatching: null, at: at(16, 4) };
    const { subject, text, html } = composeMismatchReport(found, { command: 'rollcall', timezone: 'UTC' });
    const report = { principalId: principal.id, kind: 'failure' as const, subject, text, html };
    await database.db.insert(reports).values({ ...report, createdAt: at(9, 4) });
    expect((await digest()).subject).toBe('[rollcall] digest: nothing needs you');

    await database.db.insert(reports).values({ ...report, createdAt: at(16, 4) });
    expect((await digest()).subject).toBe('[rollcall] digest: 1 history altered');
  });

  it('does not take a failure or silence for it', async () => {
    await night(11);
    simulator.world.principal().tokenMay.list = false;
    await night(12);
    await reportStale(context, at(14, 9));

    expect((await digest()).subject).toBe('[rollcall] digest: 1 night failed, 5 nights missed');
  });

  it('says which run waits, who is not looked at, and what could not be sent', async () => {
    for (const day of [11, 12, 13, 14, 15, 16]) await night(day);
    const [first, ...others] = simulator.world.principal().memberships;
    for (const { id } of others) simulator.world.principal().remove(id);
    const held = await night(17);
    expect([first === undefined, held.outcome]).toEqual([false, 'held']);
    await database.db.execute(sql`update rollcall.deliveries set state = 'failed', attempts = 1`);
    const name = context.config.principals[0]?.name ?? '';
    await database.db.execute(sql`update rollcall.principals set name = 'old-bot'`);
    await database.db.insert(principals).values({ name, createdAt: at(16, 9) });
    const { subject, text } = await digest();

    expect(subject).toContain('digest: 1 principal never complete');
    expect(text).toContain('principals retire old-bot');
    expect(text).toContain('2 by mail');
    await database.db.delete(principals).where(eq(principals.name, name));
    await database.db.update(principals).set({ name });
    expect((await digest()).subject).toBe('[rollcall] digest: 1 run held, 2 reports not sent');
  });
});
