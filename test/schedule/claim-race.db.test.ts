import { type SQL, sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { queryRows } from '../../src/database/database.ts';
import { listRuns } from '../../src/history/runs.ts';
import { endRunShort } from '../../src/schedule/claim.ts';
import { lockPrincipal } from '../../src/snapshot/lock.ts';
import { letDie } from '../support/clock.ts';
import { databaseKind, useDatabase } from '../support/database.ts';
import {
  aMembership,
  claim,
  evidence,
  night,
  type Occasion,
  store,
  storeWithin,
  tryToClaim,
} from '../support/nights.ts';
import { countRows } from '../support/raw-rows.ts';

const database = useDatabase();

describe.runIf(databaseKind() === 'postgres')('several workers on one database', () => {
  /** What each of as many workers comes to that claim at the same time. */
  async function claimAtOnce(workers: number, occasion: Occasion): Promise<string[]> {
    const connections = await Promise.all(Array.from({ length: workers }, () => database.connectAgain()));
    const claims = await Promise.all(connections.map((db) => tryToClaim(db, occasion)));
    return claims.map(({ outcome }) => outcome).sort();
  }

  test('exactly one gets a slot of a principal that nobody has seen before', async () => {
    const slot = { trigger: 'schedule', slot: night(1) } as const;

    expect(await claimAtOnce(5, slot)).toEqual([...Array<string>(4).fill('busy'), 'claimed']);
    expect(await listRuns(database.db, { limit: 10 })).toHaveLength(1);
  });

  test('exactly one gets to run by hand', async () => {
    expect(await claimAtOnce(5, {})).toEqual([...Array<string>(4).fill('busy'), 'claimed']);
  });

  test('exactly one takes over from a dead worker, whose run is recorded once', async () => {
    const dead = await claim(database.db, { trigger: 'schedule', slot: night(1) });
    await letDie(database.db, dead.id);

    expect(await claimAtOnce(5, { trigger: 'schedule', slot: night(1) })).toEqual([
      ...Array<string>(4).fill('busy'),
      'claimed',
    ]);
    expect(await listRuns(database.db, { limit: 10 })).toHaveLength(2);
  });

  test('a worker thought dead that has begun to store ends before it is taken over, whole', async ({
    signal,
  }) => {
    const stale = await claim(database.db);
    await letDie(database.db, stale.id);
    const another = await database.connectAgain();

    const { claiming } = await database.db.transaction(async (tx) => {
      await lockPrincipal(tx, stale.principalId);
      const taking = tryToClaim(another);
      await waitForLock(signal);
      await storeWithin(tx, stale, { memberships: [aMembership()] });
      return { claiming: taking };
    });

    expect(await claiming).toMatchObject({ outcome: 'claimed' });
    expect(await statesOf()).toEqual([
      { state: 'complete', abandoned: false },
      { state: 'running', abandoned: false },
    ]);
    expect(await countRows(database.db)).toMatchObject({ memberships: 1 });
  });

  test('a worker that is taken over before it stores finds that it was, and stores nothing', async ({
    signal,
  }) => {
    const stale = await claim(database.db);
    await letDie(database.db, stale.id);
    const another = await database.connectAgain();

    const { storing } = await another.transaction(async (tx) => {
      await tryToClaim(tx);
      const tooLate = store(database.db, stale, { memberships: [aMembership()] }).catch(
        (error: unknown) => error,
      );
      await waitForLock(signal);
      return { storing: tooLate };
    });

    expect(await storing).toMatchObject({ code: 'busy' });
    expect(await statesOf()).toEqual([
      { state: 'failed', abandoned: true },
      { state: 'running', abandoned: false },
    ]);
    expect(await countRows(database.db)).toMatchObject({ memberships: 0 });
  });

  /** Of every run, oldest first. */
  async function statesOf() {
    const found = await listRuns(database.db, { limit: 10 });
    return found.toReversed().map(({ state, abandoned }) => ({ state, abandoned }));
  }

  /** Until somebody waits for a lock in this database; other tests have theirs in others, at the same time. */
  async function waitForLock(signal: AbortSignal): Promise<void> {
    await waitFor(
      signal,
      sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
  }

  test('a run that ends just as another is refused for it lets that one have the principal', async ({
    signal,
  }) => {
    const first = await claim(database.db);
    const gate = await holdGateAfterInserts();
    const second = tryToClaim(await database.connectAgain());
    await gate.reached(signal);
    const end = { state: 'failed', error: 'no answer', evidence, now: night(1) } as const;
    await endRunShort(database.db, first, end);
    await gate.open();

    expect(await second).toMatchObject({ outcome: 'claimed' });
  });

  test('a run that ends with a report just as another is claimed does not wait for that one, which waits for it', async ({
    signal,
  }) => {
    const first = await claim(database.db);
    const another = await database.connectAgain();
    const end = { state: 'failed', error: 'no answer', evidence, now: night(1) } as const;
    const second = await database.db.transaction(async (tx) => {
      await endRunShort(tx, first, end);
      const claiming = tryToClaim(another);
      await waitForLock(signal);
      await tx.execute(sql`
        insert into rollcall.reports (run_id, principal_id, kind, subject, text, html)
        values (${first.id}, ${first.principalId}, 'failure', '', '', '')`);
      return { claiming };
    });

    expect(await second.claiming).toMatchObject({ outcome: 'claimed' });
  });

  const gateLock = 4711;

  /** Stops everybody who inserts a run, right after the statement, until the gate is opened. */
  async function holdGateAfterInserts() {
    await database.db.execute(sql`
      create function rollcall.pass_gate() returns trigger language plpgsql as
        $$ begin perform pg_advisory_xact_lock(${sql.raw(String(gateLock))}); return null; end $$`);
    await database.db.execute(sql`
      create trigger gate after insert on rollcall.runs for each statement execute function rollcall.pass_gate()`);
    const opened = Promise.withResolvers<undefined>();
    const closed = Promise.withResolvers<undefined>();
    const keeping = (await database.connectAgain()).transaction(async (tx) => {
      await tx.execute(sql`select pg_advisory_xact_lock(${gateLock})`);
      closed.resolve(undefined);
      await opened.promise;
    });
    await closed.promise;
    return {
      reached: (signal: AbortSignal) =>
        waitFor(
          signal,
          sql`select 1 from pg_locks where locktype = 'advisory' and objid = ${gateLock} and not granted`,
        ),
      open: async () => {
        opened.resolve(undefined);
        await keeping;
        await database.db.execute(sql`drop function rollcall.pass_gate cascade`);
      },
    };
  }

  /** Looks until the query finds something. */
  async function waitFor(signal: AbortSignal, query: SQL): Promise<void> {
    const looking = await database.connectAgain();
    while (!signal.aborted && (await queryRows(looking, query)).length === 0);
  }
});
