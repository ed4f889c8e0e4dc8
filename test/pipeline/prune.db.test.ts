import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { pruneJob } from '../../jobs/prune.ts';
import { type Context } from '../../src/context.ts';
import { type Database, queryRows } from '../../src/database/database.ts';
import { principals } from '../../src/database/schema.ts';
import { listObserved } from '../../src/history/known.ts';
import { verifyRecorded } from '../../src/history/verify/recorded.ts';
import { prune } from '../../src/pipeline/prune.ts';
import { moveCheckpoint } from '../../src/snapshot/checkpoint.ts';
import { pruneBefore } from '../../src/snapshot/prune.ts';
import { startedSimulator } from '../simulator/calls.ts';
import { aContext } from '../support/context.ts';
import { useDatabase } from '../support/database.ts';
import { holdNight, night, takeNight, aMembership } from '../support/nights.ts';
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
      `update rollcall.runs set changes = changes + 1 where id = 9`,
      `delete from rollcall.checkpoints`,
    ];
    for (const statement of altered) {
      const undone = new Error('undone');
      await expect(
        database.db.transaction(async (tx) => {
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

  test('keeps what is still owed, and all that hangs on it', async () => {
    await database.db.execute(sql`
      update rollcall.deliveries set state = 'pending', sent_at = null
      where report_id = (select id from rollcall.reports where kind = 'baseline')`);
    const before = await whatStays(0);
    await pruneUpTo(8);
    expect(await whatStays(0)).toEqual(before);
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

  test('loses the digests of then, but none that is owed', async () => {
    await pruneUpTo(31);
    expect(await read(`select 1 as one from rollcall.reports where kind = 'digest'`)).toEqual([]);
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

test('is kept for ever unless it is said for how long', () => {
  const ofDefaults = { ...context.config, retentionMs: null };
  expect(pruneJob.clock?.schedule(ofDefaults)).toBeNull();
  expect(pruneJob.clock?.schedule({ ...context.config, retentionMs: dayMs })).not.toBeNull();
});
