import { sql } from 'drizzle-orm';
import { beforeEach, expect, it } from 'vitest';
import { verifyJob } from '../../jobs/verify.ts';
import { type Context } from '../../src/context.ts';
import { deliveries, principals, reports } from '../../src/database/schema.ts';
import { sealRows } from '../../src/database/seals.ts';
import { threadingOf } from '../../src/deliver/message-id.ts';
import { runPrincipal } from '../../src/pipeline.ts';
import { type Simulator } from '../../src/simulator/server.ts';
import { startedSimulator } from '../simulator/calls.ts';
import { aContext } from '../support/context.ts';
import { useDatabase } from '../support/database.ts';

const database = useDatabase();

let simulator: Simulator;
let context: Context;
let now = new Date('2026-08-10T02:00:00Z');

/** Sunday the 16th, when the history is verified. */
const sunday = new Date('2026-08-16T04:30:00Z');

beforeEach(async () => {
  simulator = await startedSimulator({ organizations: 3, principals: 2 });
  context = aContext({ db: database.db, queue: database.queue, simulator, now: () => now });
  for (const day of [10, 11]) {
    now = new Date(Date.UTC(2026, 7, day, 2));
    for (const principal of context.config.principals)
      await runPrincipal(context, { principal, trigger: 'schedule', slot: now });
    simulator.world.principal().put();
  }
});

/** Ticks at each of these workers' clocks and works as a worker does, and returns the failures told so far. */
async function verifyAt(...ticks: readonly Date[]) {
  for (const at of ticks) {
    now = at;
    await verifyJob.clock?.tick(context, at);
    await context.queue.drain(
      'verify',
      (data) => verifyJob.work?.handle(context, data) ?? Promise.reject(new Error('it has no work')),
      context.signal,
    );
  }
  return (await database.db.select().from(reports)).filter(({ kind }) => kind === 'failure');
}

it('is due early on Sunday, in the zone of the nights', () => {
  const config = { ...context.config, schedule: { expression: '0 2 * * *', timezone: 'Europe/Madrid' } };
  expect(verifyJob.clock?.schedule(config)).toEqual({ expression: '30 4 * * 0', timezone: 'Europe/Madrid' });
});

it('tells nobody of a history that matches', async () => {
  expect(await verifyAt(sunday)).toEqual([]);
});

it('mails each principal’s run that does not match, once for each slot however many workers tick', async () => {
  const [, second] = context.config.principals;
  await database.db.execute(sql`
    update rollcall.memberships set roles = '{}'
    where principal_id = (select id from rollcall.principals where name = ${second?.name})`);
  const [told, ...others] = await verifyAt(sunday, sunday);

  expect(others).toEqual([]);
  expect(told).toMatchObject({ runId: 2, seal: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
  expect(told?.subject).toContain(`${second?.name ?? ''}: the history does not match`);
  expect(told?.text).toMatch(/run 2 does not match \(its snapshot\)/);
  expect(told?.text).toContain('rollcall verify --principal');
  expect(await verifyAt(new Date('2026-08-23T04:30:00Z'))).toHaveLength(2);
});

it('does not take what it told for trouble of a night: the next complete run is no recovery', async () => {
  const [first] = context.config.principals;
  await database.db.execute(sql`update rollcall.runs set requests = requests + 1 where id = 1`);
  expect(await verifyAt(sunday)).toHaveLength(1);
  now = new Date('2026-08-17T02:00:00Z');
  if (first === undefined) throw new Error('expected a principal');
  await runPrincipal(context, { principal: first, trigger: 'schedule', slot: now });
  const told = await database.db.select().from(reports);
  expect(told.filter(({ kind }) => kind === 'recovery')).toEqual([]);
});

it('is told outside of every thread, so that who has muted a failure hears of it', async () => {
  const [, second] = context.config.principals;
  if (second === undefined) throw new Error('expected a principal');
  const fail = async (day: number) => {
    now = new Date(Date.UTC(2026, 7, day, 2));
    await runPrincipal(context, { principal: second, trigger: 'schedule', slot: now });
  };
  simulator.world.principal(second.name).tokenMay.list = false;
  await fail(15);
  await database.db.execute(sql`update rollcall.runs set requests = requests + 1 where id = 2`);
  await verifyAt(sunday);
  await fail(18);
  const ids = await database.db
    .select({ messageId: deliveries.messageId })
    .from(deliveries)
    .orderBy(deliveries.id);
  const threads = ids.slice(-3).map(({ messageId }) => threadingOf(messageId));
  expect(threads.map(({ inReplyTo }) => inReplyTo === null)).toEqual([false, true, false]);
  expect(threads[2]).toEqual(threads[0]);
  expect(threads[1]?.references).not.toBe(threads[0]?.references);
});

/** As whoever owns the database may, past what refers to what. */
function alter(...statements: readonly string[]): Promise<void> {
  return database.db.transaction(async (tx) => {
    await tx.execute(sql`set local session_replication_role = replica`);
    for (const statement of statements) await tx.execute(sql.raw(statement));
  });
}

it.each([
  ['matches', []],
  ['does not match either', ['update rollcall.runs set requests = requests + 1 where id = 1']],
])('mails what is of no principal to those who hear of the first, whose history %s', async (_, more) => {
  await alter(`update rollcall.memberships set principal_id = 99 where principal_id = 2`, ...more);
  const [first] = await database.db.select().from(principals).orderBy(principals.id);
  const told = (await verifyAt(sunday)).filter(({ principalId }) => principalId === first?.id);
  expect(told).toHaveLength(1);
  expect(told[0]?.text).toContain('principal 99');
  // The run that it names, or the newest that matches.
  expect(told[0]?.runId).toBe(more.length > 0 ? 1 : 3);
  expect(told[0]?.text.includes('run 1 does not match')).toBe(more.length > 0);
});

it('mails of a run that is not there too, whatever else was told since', async () => {
  await alter(
    `update rollcall.reports set run_id = 99 where kind = 'baseline' and principal_id = 1`,
    `insert into rollcall.reports (run_id, principal_id, kind, subject, text, html, created_at)
     values (1, 1, 'failure', '', '', '', '${sunday.toISOString()}')`,
    `insert into rollcall.reports (run_id, principal_id, kind, subject, text, html, created_at)
     values (2, 2, 'recovery', '', '', '', '${sunday.toISOString()}')`,
    `update rollcall.runs set requests = requests + 1 where id = 2`,
  );
  await database.db.transaction(async (tx) => {
    const all = await tx.select({ id: reports.id }).from(reports);
    await sealRows(
      tx,
      'reports',
      all.filter(({ id }) => id > 2).map(({ id }) => id),
    );
  });
  const told = await verifyAt(sunday);
  expect(told).toHaveLength(3);
  expect(told.map(({ principalId }) => principalId)).toContain(2);
  const [mismatch] = told.filter(({ text }) => text.includes('run 99 does not match (a report)'));
  expect(mismatch).toMatchObject({ runId: null, principalId: 1 });
});
