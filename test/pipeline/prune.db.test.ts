import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { pruneJob } from '../../jobs/prune.ts';
import { type Context } from '../../src/context.ts';
import { type Database, queryRows } from '../../src/database/database.ts';
import { principals } from '../../src/database/schema.ts';
import { listObserved } from '../../src/history/known.ts';
import { readPartRows } from '../../src/history/export/part.ts';
import { verifyHistory } from '../../src/history/verify/verify.ts';
import { sealRows } from '../../src/database/seals.ts';
import { findRunByChain, verifyRecorded } from '../../src/history/verify/recorded.ts';
import { resendReport } from '../../src/deliver/resend.ts';
import { renamePrincipal } from '../../src/pipeline/principals.ts';
import { endRunShort } from '../../src/schedule/claim.ts';
import { lockPrincipal } from '../../src/snapshot/lock.ts';
import { describeVerification } from '../../src/terminal/verification.ts';
import { prune } from '../../src/pipeline/prune.ts';
import { moveCheckpoint } from '../../src/snapshot/checkpoint.ts';
import { pruneBefore } from '../../src/snapshot/prune.ts';
import { startedSimulator } from '../simulator/calls.ts';
import { aContext } from '../support/context.ts';
import { databaseKind, useDatabase } from '../support/database.ts';
import {
  acme,
  aMembership,
  claim,
  evidence,
  globex,
  holdNight,
  night,
  store,
  takeNight,
} from '../support/nights.ts';
import { keepWholeHistory } from '../support/whole-history.ts';

const database = useDatabase();
const dayMs = 86_400_000;

let context: Context;
beforeEach(async () => {
  await keepWholeHistory(database.db);
  await database.db.execute(sql`update rollcall.deliveries set state = 'sent', sent_at = now()`);
  context = aContext({
    db: database.db,
    queue: database.queue,
    simulator: await startedSimulator(),
    now: () => night(31),
  });
});

/** Keeps what is of this day of August and later. */
function pruneUpTo(day: number, db: Database = database.db): Promise<unknown> {
  const retentionMs = (31 - day) * dayMs;
  return prune({ ...context, db, config: { ...context.config, retentionMs } });
}

async function mismatches(): Promise<unknown[]> {
  const { principals, strays } = await verifyRecorded(database.db);
  return [...strays, ...principals.flatMap(({ mismatch }) => mismatch ?? [])];
}

const read = (query: string) => queryRows(database.db, sql.raw(query));

/** What may not go: of a run, and of all that came after. */
async function whatStays(runId: number) {
  return {
    snapshots: await read(
      `select * from rollcall.snapshots where run_id >= ${runId} or principal = 'legacy' order by run_id, organization_id`,
    ),
    current: await read('select * from rollcall.current_memberships order by principal, organization_id'),
    changes: await read(`select * from rollcall.changes where run_id > ${runId} order by id`),
    runs: await read(
      `select id, state, chain, seal, digest, started_at from rollcall.runs where id >= ${runId} order by id`,
    ),
    reports: await read(
      `select id, seal from rollcall.reports where linked_by > ${runId} or linked_by is null order by id`,
    ),
  };
}

/** The run of night 7, which is quiet: up to there everything has happened. */
const seventh = 8;

describe('a history that is not kept for ever', () => {
  test('begins at the newest complete run that is old enough, and what is of it and after is as it was', async () => {
    const before = await whatStays(seventh);
    await pruneUpTo(8);

    expect(await read(`select principal_id::int, run_id::int from rollcall.checkpoints`)).toEqual([
      { principal_id: 1, run_id: seventh },
    ]);
    expect(await whatStays(seventh)).toEqual(before);
    expect(await mismatches()).toEqual([]);
    expect(
      await read(`
      select
        (select count(*)::int from rollcall.runs where principal_id = 1 and id < ${seventh}) as runs,
        (select count(*)::int from rollcall.changes where principal_id = 1 and run_id <= ${seventh}) as changes,
        (select count(*)::int from rollcall.memberships where principal_id = 1 and ended_run_id <= ${seventh}) as intervals,
        (select count(*)::int from rollcall.reports where linked_by <= ${seventh} and principal_id = 1) as reports,
        (select count(*)::int from rollcall.invitations where last_run_id < ${seventh}) as invitations
    `),
    ).toEqual([{ runs: 0, changes: 0, intervals: 0, reports: 0, invitations: 0 }]);
  });

  test('says of a time before its beginning that nothing was observed', async () => {
    await pruneUpTo(8);
    expect(await listObserved(database.db, 'ops-bot')).toMatchObject([{ since: night(7) }]);
  });

  test('says what is left of before, which nothing proves, until it is deleted', async () => {
    await database.db.transaction((tx) => moveCheckpoint(tx, 1, { before: night(8), now: night(31) }));
    const [halfway] = (await verifyRecorded(database.db, { principal: 'ops-bot' })).principals;
    expect(halfway).toMatchObject({ beginsAt: seventh, mismatch: null });
    // Runs, intervals, changes and reports.
    const [left] = await read(`
      select (
        (select count(*) from rollcall.runs where principal_id = 1 and id < ${seventh})
        + (select count(*) from rollcall.memberships where principal_id = 1 and ended_run_id <= ${seventh})
        + (select count(*) from rollcall.changes where principal_id = 1 and run_id <= ${seventh})
        + (select count(*) from rollcall.reports where principal_id = 1 and linked_by <= ${seventh})
      )::int as rows`);
    expect(halfway?.unchecked).toBe(left?.['rows']);
    expect(
      describeVerification({ principals: [halfway].flatMap((one) => one ?? []), strays: [] })[0],
    ).toContain(`${halfway?.unchecked} rows of it, still to be deleted, are not verified`);
    const [pruned] = await read('select chain from rollcall.runs where id = 3');
    expect(await findRunByChain(database.db, String(pruned?.['chain']))).toBeNull();
    const [kept] = await read(`select chain from rollcall.runs where id = ${seventh}`);
    expect(await findRunByChain(database.db, String(kept?.['chain']))).toMatchObject({ runId: seventh });

    await pruneUpTo(8);
    const [done] = (await verifyRecorded(database.db, { principal: 'ops-bot' })).principals;
    expect(done).toMatchObject({ beginsAt: seventh, unchecked: 0 });
    expect(describeVerification({ principals: [done].flatMap((one) => one ?? []), strays: [] })[0]).toContain(
      `from run ${seventh} on (what was before is not there)`,
    );
  });

  test('begins wherever a complete run is old enough, and matches, night after night', async () => {
    for (let day = 2; day <= 12; day += 1) {
      await pruneUpTo(day);
      expect(await mismatches(), `of the ${day}th and later`).toEqual([]);
    }
    expect(await read('select run_id::int from rollcall.checkpoints order by principal_id')).toEqual([
      { run_id: 10 },
      { run_id: 13 },
    ]);
  });

  test('begins at no run across which a link reaches, as that of a run that was tried under another name', async () => {
    const tried = await claim(database.db, { principal: 'renamed', at: night(11) });
    await endRunShort(database.db, tried, {
      state: 'failed',
      error: 'another name',
      evidence,
      now: night(11),
    });
    const roll = [aMembership()];
    await takeNight(database.db, roll, { at: night(12) });
    await renamePrincipal(context, 'ops-bot', 'renamed');
    const begins = () => read('select run_id::int from rollcall.checkpoints where principal_id = 1');
    await pruneUpTo(13);
    expect(await begins()).toEqual([{ run_id: 10 }]);
    const later = await takeNight(database.db, roll, { principal: 'renamed', at: night(13) });
    const part = await database.db.transaction(async (tx) =>
      verifyHistory(await readPartRows(tx, { since: night(13), now: night(31) })),
    );
    expect(part.principals).toMatchObject([{ beginsAt: 10, mismatch: null }, { mismatch: null }]);
    await pruneUpTo(13);
    expect(await begins()).toEqual([{ run_id: 10 }]);
    expect(await mismatches()).toEqual([]);
    await pruneUpTo(14);
    expect(await begins()).toEqual([{ run_id: later.run.id }]);
    expect(await mismatches()).toEqual([]);
  });

  test('begins no later than at a run that is told of since, until a link that can stay covers what was told', async () => {
    const begins = () => read('select run_id::int from rollcall.checkpoints where principal_id = 1');
    await database.db.transaction(async (tx) => {
      const [late] = await queryRows<{ id: number }>(
        tx,
        sql`
          insert into rollcall.reports (run_id, principal_id, kind, subject, text, html)
          values (3, 1, 'failure', '', '', '') returning id::float8`,
      );
      await sealRows(tx, 'reports', [late?.id ?? 0]);
    });
    await pruneUpTo(8);
    expect(await begins()).toEqual([{ run_id: 3 }]);
    const linking = await takeNight(database.db, [aMembership()], { at: night(20) });
    await pruneUpTo(20);
    expect(await begins()).toEqual([{ run_id: 3 }]);
    await pruneUpTo(21);
    expect(await begins()).toEqual([{ run_id: linking.run.id }]);
    expect(await mismatches()).toEqual([]);
  });

  test('stays where it begins when it is to be kept for longer, and begins at the first run as long as there is but one', async () => {
    const failed = await claim(database.db, { principal: 'late', at: night(11) });
    await endRunShort(database.db, failed, { state: 'failed', error: 'no answer', evidence, now: night(11) });
    await takeNight(database.db, [], { principal: 'late', at: night(12) });
    const move = (day: number) =>
      database.db.transaction((tx) => moveCheckpoint(tx, 1, { before: night(day), now: night(31) }));
    expect(await move(8)).toEqual({ principalId: 1, runId: seventh });
    expect(await move(3)).toEqual({ principalId: 1, runId: seventh });
    await pruneUpTo(3);
    expect(await mismatches()).toEqual([]);
    await pruneUpTo(30);
    expect(await read(`select 1 as one from rollcall.runs where id = ${failed.id}`)).toHaveLength(1);
    expect(await mismatches()).toEqual([]);
  });

  test('goes on: nights, verification and the next pruning, also of whoever came back', async () => {
    await pruneUpTo(8);
    const roll = [aMembership({ organizationName: 'Acme again' })];
    await takeNight(database.db, roll, { at: night(20) });
    await takeNight(database.db, roll, { at: night(21) });
    expect(await mismatches()).toEqual([]);
    await pruneUpTo(21);
    expect(await mismatches()).toEqual([]);
    expect(await read(`select count(*)::int as runs from rollcall.runs where principal_id = 1`)).toEqual([
      { runs: 2 },
    ]);
  });

  test('finds what somebody altered at its beginning, and after', async () => {
    await pruneUpTo(8);
    const altered = [
      `update rollcall.memberships set valid_from = valid_from + interval '1 second' where first_run_id = ${seventh}`,
      `update rollcall.memberships set roles = '{}' where first_run_id = ${seventh}`,
      `update rollcall.checkpoints set previous_chain = 'x'`,
      `update rollcall.checkpoints set baseline_run_id = 1`,
      `update rollcall.runs set requests = 99 where id = ${seventh}`,
      `update rollcall.runs set baseline_run_id = 1 where id = ${seventh}`,
      `update rollcall.runs set changes = changes + 1 where id = 9`,
      `update rollcall.memberships set previous_valid_to = '2026-08-07T12:00:00Z' where id = (
         select min(id) from rollcall.memberships where first_run_id = 9)`,
      `delete from rollcall.checkpoints`,
    ];
    for (const statement of altered) {
      const undone = new Error('undone');
      await expect(
        database.db.transaction(async (tx) => {
          await tx.execute(sql`set local session_replication_role = replica`);
          await tx.execute(sql.raw(statement));
          const { principals } = await verifyRecorded(tx);
          expect(
            principals.map(({ mismatch }) => mismatch),
            statement,
          ).not.toEqual([null, null]);
          throw undone;
        }),
      ).rejects.toThrow(undone);
    }
  });

  test.for(['pending', 'unknown'])(
    'keeps what is still owed (%s), and all that hangs on it',
    async (state) => {
      await database.db.execute(sql`
      update rollcall.deliveries set state = ${state}, sent_at = null
      where report_id = (select id from rollcall.reports where kind = 'baseline')`);
      const before = await whatStays(0);
      await pruneUpTo(8);
      expect(await whatStays(0)).toEqual(before);
    },
  );

  test.for([
    ['pending', `kind = 'baseline'`],
    ['unknown', `kind = 'failure' and run_id is null`],
  ])('keeps a report that is owed again meanwhile (%s), and what it is about', async ([state, which]) => {
    const checkpoint = await database.db.transaction((tx) =>
      moveCheckpoint(tx, 1, { before: night(8), now: night(31) }),
    );
    if (checkpoint === null) throw new Error('expected a checkpoint');
    const isMeant = sql.raw(`(select id from rollcall.reports where ${which})`);
    await database.db.execute(
      sql`update rollcall.deliveries set state = ${state}, sent_at = null where report_id = ${isMeant}`,
    );
    await pruneBefore(database.db, checkpoint, { rowsAtOnce: 1 });
    const kept = `select 1 as one from rollcall.reports where principal_id = 1 and linked_by <= ${seventh}`;
    expect(await read(`${kept} and ${which}`)).toHaveLength(1);
    expect(await read(kept)).toHaveLength(1);
    expect(await mismatches()).toEqual([]);
    await database.db.execute(sql`update rollcall.deliveries set state = 'sent', sent_at = now()`);
    await pruneBefore(database.db, checkpoint);
    expect(
      await read(`select 1 as one from rollcall.runs where principal_id = 1 and id < ${seventh}`),
    ).toEqual([]);
    expect(await mismatches()).toEqual([]);
  });

  test.runIf(databaseKind() === 'postgres')(
    'keeps a report that somebody sends again at the same time, and waits for a night that is being stored',
    async () => {
      const [baseline] = await read(`select id::int from rollcall.reports where kind = 'baseline'`);
      const reportId = Number(baseline?.['id']);
      const another = await database.connectAgain();
      let pruning: Promise<unknown> = Promise.resolve();
      /** Whether it comes to wait for a lock, rather than to an end. */
      const isWaiting = async () => {
        const settled: unknown[] = [];
        void pruning.then((outcome) => settled.push(outcome));
        const waiting = `select 1 as one from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
        for (;;) {
          if ((await read(waiting)).length > 0) return true;
          if (settled.length > 0) return false;
        }
      };
      const checkpoint = { principalId: 1, runId: seventh };
      await database.db.transaction((tx) => moveCheckpoint(tx, 1, { before: night(8), now: night(31) }));
      await database.db.transaction(async (tx) => {
        await resendReport(tx, resending, { reportId, to: ['security@example.com'], now: night(31) });
        pruning = pruneBefore(another, checkpoint);
        expect(await isWaiting()).toBe(true);
      });
      await pruning;
      expect(await read(`select state from rollcall.deliveries where report_id = ${reportId}`)).toEqual([
        { state: 'pending' },
      ]);
      await database.db.execute(sql`update rollcall.deliveries set state = 'sent', sent_at = now()`);
      for (const act of [
        () => pruneBefore(another, checkpoint),
        () => another.transaction((tx) => moveCheckpoint(tx, 1, { before: night(9), now: night(31) })),
      ]) {
        await database.db.transaction(async (tx) => {
          await lockPrincipal(tx, 1);
          pruning = act();
          expect(await isWaiting()).toBe(true);
        });
        await pruning;
      }
      expect(await mismatches()).toEqual([]);
    },
  );

  test('leaves others alone: their runs, rows and invitations', async () => {
    // At the same instant, in the same organization.
    await takeNight(database.db, [aMembership()], { principal: 'legacy', at: night(11) });
    for (const day of [11, 12]) await takeNight(database.db, [aMembership()], { at: night(day) });
    for (const statement of [
      `insert into rollcall.invitations (principal_id, invite_id, organization_id, last_run_id)
       values (2, 'i-2', '${globex}', 2)`,
      `insert into rollcall.departures (principal_id, organization_id, requested_at) values (2, 'x', '2026-08-02')`,
      `insert into rollcall.reports (run_id, principal_id, kind, subject, text, html, linked_by)
       values (2, 2, 'baseline', '', '', '', 13)`,
    ])
      await database.db.execute(sql.raw(statement));
    const ofLegacy = () =>
      Promise.all(
        ['runs', 'memberships', 'changes', 'reports', 'invitations', 'departures'].map((table) =>
          read(`select * from rollcall.${table} where principal_id = 2 order by id`),
        ),
      );
    const before = await ofLegacy();
    for (const rows of before) expect(rows).not.toEqual([]);
    const checkpoint = await database.db.transaction((tx) =>
      moveCheckpoint(tx, 1, { before: night(13), now: night(31) }),
    );
    if (checkpoint === null) throw new Error('expected a checkpoint');
    expect(await pruneBefore(database.db, checkpoint)).toBeGreaterThan(0);
    expect(await ofLegacy()).toEqual(before);
  });

  test('keeps invitations that are pending still, and departures that a later night may tell of', async () => {
    const roll = [aMembership({ organizationId: globex, status: 'invited' }), aMembership()];
    const pending = {
      id: 'i-3',
      organizationId: globex,
      invitedBy: 'b',
      invitedOn: null,
      expiresOn: null,
      status: 'pending',
    };
    const later = aMembership({ organizationId: 'd'.repeat(32), status: 'invited' });
    const gone = { ...pending, id: 'i-4', organizationId: 'e'.repeat(32) };
    const accepted = { ...pending, id: 'i-5', organizationId: acme };
    const goneLater = { ...pending, id: 'i-6', organizationId: later.organizationId };
    await store(database.db, await claim(database.db, { at: night(11) }), {
      memberships: [...roll, later],
      invitations: [pending, gone, accepted, goneLater],
    });
    await takeNight(database.db, [...roll, later], { at: night(12) });
    await takeNight(database.db, roll, { at: night(13) });
    for (const day of [5, 12])
      await database.db.execute(sql`
        insert into rollcall.departures (principal_id, organization_id, requested_at)
        values (1, ${`day ${day}`}, ${night(day).toISOString()}::timestamptz)`);
    await pruneUpTo(13);
    expect(
      await read(`select invite_id from rollcall.invitations where principal_id = 1 order by id`),
    ).toEqual([{ invite_id: 'i-1' }, { invite_id: 'i-3' }]);
    expect(await read(`select organization_id from rollcall.departures`)).toEqual([
      { organization_id: 'day 12' },
    ]);
  });

  test('keeps what is held, which can be decided still', async () => {
    const held = await holdNight(database.db, [], { at: night(11) });
    await pruneUpTo(30);
    expect(
      await read(`select baseline_run_id is not null as known from rollcall.runs where id = ${held.id}`),
    ).toEqual([{ known: true }]);
    expect(
      await read(`select count(*)::int > 0 as kept from rollcall.held_memberships where run_id = ${held.id}`),
    ).toEqual([{ kept: true }]);
    expect(await mismatches()).toEqual([]);
  });

  test('is pruned to the end by the next call, wherever the one before was killed, and matches all the while', async () => {
    const [principal] = await database.db.select().from(principals).orderBy(principals.id);
    const principalId = principal?.id ?? 0;
    let transactions = 0;
    for (let isDone = false; !isDone; transactions += 1) {
      const db = mortal(database.db);
      isDone = await (async () => {
        const checkpoint = await db.transaction((tx) =>
          moveCheckpoint(tx, principalId, { before: night(8), now: night(31) }),
        );
        if (checkpoint !== null) await pruneBefore(db, checkpoint, { rowsAtOnce: 1 });
        return true;
      })().catch((error: unknown) => {
        if (error !== killed) throw error;
        return false;
      });
      expect(await mismatches(), `after ${transactions} transactions`).toEqual([]);
    }
    expect(transactions).toBeGreaterThan(20);
    expect(
      await read(
        `select count(*)::int as runs from rollcall.runs where principal_id = 1 and id < ${seventh}`,
      ),
    ).toEqual([{ runs: 0 }]);
  });

  test('loses the digests of then, but none that is owed, and none of later', async () => {
    const isKept = async () => (await read(`select from rollcall.reports where kind = 'digest'`)).length > 0;
    await pruneUpTo(9);
    expect(await isKept()).toBe(true);
    const ofDigest = sql`report_id = (select id from rollcall.reports where kind = 'digest')`;
    await database.db.execute(
      sql`update rollcall.deliveries set state = 'unknown', sent_at = null where ${ofDigest}`,
    );
    await pruneUpTo(31);
    expect(await isKept()).toBe(true);
    await database.db.execute(sql`update rollcall.deliveries set state = 'failed' where ${ofDigest}`);
    await pruneUpTo(31);
    expect(await isKept()).toBe(false);
  });

  test('is pruned of each principal, whether that of another can be or not', async () => {
    await database.db.execute(sql`
      update rollcall.deliveries set state = 'pending', sent_at = null
      where report_id = (select id from rollcall.reports where kind = 'baseline')`);
    await pruneUpTo(12);
    expect(await read('select principal_id::int, run_id::int from rollcall.checkpoints')).toEqual([
      { principal_id: 2, run_id: 13 },
    ]);
  });

  test('is left as it is by who is told to stop', async () => {
    const before = await whatStays(0);
    const retentionMs = 23 * dayMs;
    const signal = AbortSignal.abort(new Error('stopped'));
    await expect(prune({ ...context, signal, config: { ...context.config, retentionMs } })).rejects.toThrow(
      'stopped',
    );
    expect((await whatStays(0)).reports).toEqual(before.reports);
  });
});

const killed = new Error('killed');

/** The database of a process that dies after the first transaction that deletes something. */
function mortal(db: Database): Database {
  let worked = 0;
  return new Proxy(db, {
    get(target, name) {
      if (name !== 'transaction') return Reflect.get(target, name, target) as unknown;
      return async (work: (tx: Database) => Promise<unknown>) => {
        if (worked > 0) throw killed;
        const done = await db.transaction(work);
        if (typeof done === 'number') worked += done;
        return done;
      };
    },
  });
}

const resending = {
  enqueue: () => Promise.resolve(),
  reserve: () => Promise.resolve(() => Promise.resolve()),
};

test('is kept for ever unless it is said for how long', async () => {
  const before = await whatStays(0);
  expect(await prune({ ...context, config: { ...context.config, retentionMs: null } })).toBe('done');
  expect(await whatStays(0)).toEqual(before);
  const ofDefaults = { ...context.config, retentionMs: null };
  expect(pruneJob.clock?.schedule(ofDefaults)).toBeNull();
  expect(pruneJob.clock?.schedule({ ...context.config, retentionMs: dayMs })).not.toBeNull();
});
