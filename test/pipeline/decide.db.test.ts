import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { type Context } from '../../src/context.ts';
import { queryRows } from '../../src/database/database.ts';
import { reports } from '../../src/database/schema.ts';
import { listChanges } from '../../src/history/changes.ts';
import { listMembers } from '../../src/history/members.ts';
import { listRuns } from '../../src/history/runs.ts';
import { runPrincipal, type RunResult } from '../../src/pipeline.ts';
import { approveRun, rejectRun } from '../../src/pipeline/decide.ts';
import { lockPrincipal } from '../../src/snapshot/lock.ts';
import { type Simulator } from '../../src/simulator/server.ts';
import { startedSimulator } from '../simulator/calls.ts';
import { aContext } from '../support/context.ts';
import { databaseKind, useDatabase } from '../support/database.ts';
import { aMembership, holdNight, night as at, takeNight } from '../support/nights.ts';

const database = useDatabase();

interface Stage {
  simulator: Simulator;
  context: Context;
  night: (given?: Partial<Context>) => Promise<RunResult>;
}

/** Sixty organizations, of which the first principal is a member; `later` lets hours pass. */
async function stage(principals = 1): Promise<Stage & { later: (hours: number) => void }> {
  const simulator = await startedSimulator({ organizations: 60, principals });
  let time = Date.UTC(2026, 0, 1);
  const context = aContext({
    db: database.db,
    queue: database.queue,
    simulator,
    now: () => new Date((time += 1_000)),
  });
  const [principal] = context.config.principals;
  if (principal === undefined) throw new Error('expected a principal');
  const night = (given: Partial<Context> = {}) =>
    runPrincipal({ ...context, ...given }, { principal, trigger: 'manual', slot: null });
  return { simulator, context, night, later: (hours) => (time += hours * 3_600_000) };
}

function removeSome(simulator: Simulator, count: number): void {
  const principal = simulator.world.principal();
  for (const { id } of principal.memberships.slice(0, count)) principal.remove(id);
}

/** A night that is held, of which 20 organizations are gone. */
async function heldNight({ simulator, night }: Stage): Promise<void> {
  await night();
  removeSome(simulator, 20);
  expect(await night()).toMatchObject({ outcome: 'held', run: { id: 2 } });
}

/** Whose client does something before it asks for the first page of a listing. */
function interrupted(context: Context, act: () => Promise<unknown>): Pick<Context, 'connect'> {
  let isDone = false;
  return {
    connect(principal, signal) {
      const client = context.connect(principal, signal);
      return {
        ...client,
        async ask(question, options) {
          if (!isDone && question.path === '/user/organizations') {
            isDone = true;
            await act();
          }
          return client.ask(question, options);
        },
      };
    },
  };
}

async function statesInOrder() {
  const found = await listRuns(database.db, { limit: 20 });
  return found.toReversed().map(({ state }) => state);
}

async function kindsOfReports() {
  const all = await database.db.select().from(reports).orderBy(reports.id);
  return all.map(({ kind }) => kind);
}

/** The complete runs, each after the one before, as the chain has them. */
async function expectOneChain(): Promise<void> {
  const complete = (await listRuns(database.db, { state: 'complete', limit: 20 })).toReversed();
  const earlier = [null, ...complete.map(({ id }) => id)];
  expect(complete.map(({ baselineRunId }) => baselineRunId)).toEqual(earlier.slice(0, -1));
}

describe('history does not fork', () => {
  it('a night during which a held run is approved looks again, and goes on from that one', async () => {
    const staged = await stage();
    await heldNight(staged);
    const { context, night } = staged;

    const result = await night(interrupted(context, () => approveRun(context, 2)));

    expect(result).toMatchObject({ outcome: 'complete', snapshot: { baseline: { runId: 2 }, changes: [] } });
    expect(await statesInOrder()).toEqual(['complete', 'complete', 'complete']);
    await expectOneChain();
    expect(await kindsOfReports()).toEqual(['baseline', 'held', 'changes']);
    expect(await listChanges(database.db, {})).toHaveLength(20);
  });

  it('a night that says the same as its baseline looks again when that is another one by now', async () => {
    const staged = await stage();
    const { simulator, context, night } = staged;
    await night();
    const principal = simulator.world.principal();
    const gone = principal.memberships.slice(0, 20);
    removeSome(simulator, 20);
    await night();
    for (const membership of gone) principal.put(membership);

    const result = await night(interrupted(context, () => approveRun(context, 2)));

    expect(result).toMatchObject({ outcome: 'complete', snapshot: { baseline: { runId: 2 } } });
    const changes = await listChanges(database.db, {});
    expect(changes.map(({ runId }) => runId)).toEqual([
      ...Array<number>(20).fill(2),
      ...Array<number>(20).fill(3),
    ]);
    expect(changes.slice(20).every(({ returning }) => returning)).toBe(true);
    expect(await listMembers(database.db, {})).toHaveLength(60);
    await expectOneChain();
  });

  it('a held run cannot be approved once a later one is believed', async () => {
    await takeNight(database.db, [aMembership()], { at: at(1) });
    await holdNight(database.db, [], { at: at(2) });
    await takeNight(database.db, [aMembership()], { at: at(3) });
    const { context } = await stage();

    await expect(approveRun(context, 2)).rejects.toThrow('superseded by run 3, which is complete');
    // One that an earlier version left so.
    await database.db.execute(
      sql`update rollcall.runs set state = 'held', superseded_by = null where id = 2`,
    );
    await expect(approveRun(context, 2)).rejects.toThrow('Run 3 has been believed since run 2.');
    expect(await statesInOrder()).toEqual(['complete', 'held', 'complete']);
  });

  it.runIf(databaseKind() === 'postgres')(
    'a night waits for whoever decides about its principal, and sees what was decided',
    async () => {
      const staged = await stage();
      await heldNight(staged);
      const { context, night } = staged;
      const principalId = (await listRuns(database.db, { limit: 1 }))[0]?.principalId ?? 0;
      const ended = new AbortController();
      const another = await database.connectAgain();
      let deciding: Promise<unknown> = Promise.resolve();

      const result = await night(
        interrupted(context, async () => {
          const locked = Promise.withResolvers<undefined>();
          deciding = another.transaction(async (tx) => {
            await lockPrincipal(tx, principalId);
            locked.resolve(undefined);
            await untilSomebodyWaits(ended.signal);
            await approveRun({ ...context, db: tx }, 2);
          });
          await locked.promise;
        }),
      );
      ended.abort();
      await deciding;

      expect(result).toMatchObject({ outcome: 'complete', snapshot: { baseline: { runId: 2 } } });
      await expectOneChain();
    },
  );
});

/** Until somebody waits for a lock in this database, or `ended`. */
async function untilSomebodyWaits(ended: AbortSignal): Promise<void> {
  const looking = await database.connectAgain();
  const query = sql`
    select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  while (!ended.aborted && (await queryRows(looking, query)).length === 0);
}

describe('a hold that lasts', () => {
  it('is mailed once a day while the suspects are the same, and the first number decides', async () => {
    const staged = await stage();
    await heldNight(staged);
    const { context, night, later } = staged;
    later(1);
    expect(await night()).toMatchObject({ outcome: 'held', run: { id: 3 } });
    expect(await kindsOfReports()).toEqual(['baseline', 'held']);
    later(24);
    await night();

    expect(await statesInOrder()).toEqual(['complete', 'superseded', 'superseded', 'held']);
    const all = await database.db.select().from(reports).orderBy(reports.id);
    expect(all.map(({ kind }) => kind)).toEqual(['baseline', 'held', 'held']);
    for (const { text } of all.slice(1)) expect(text).toContain('rollcall approve 2');
    const { snapshot } = await approveRun(context, 2);
    expect(snapshot).toMatchObject({ run: { id: 4 }, baseline: { runId: 1 } });
    expect(snapshot.changes).toHaveLength(20);
  });

  it('is mailed at once when the suspects are others, and the number of the first decides nothing', async () => {
    const staged = await stage();
    await heldNight(staged);
    const { simulator, context, night, later } = staged;
    later(1);
    removeSome(simulator, 1);
    await night();

    expect(await kindsOfReports()).toEqual(['baseline', 'held', 'held']);
    await expect(approveRun(context, 2)).rejects.toThrow('held for other suspects');
    await expect(rejectRun(context, 2)).rejects.toThrow('held for other suspects');
    expect((await approveRun(context, 3)).snapshot.changes).toHaveLength(21);
  });

  it('can be rejected by the first number too, and comes again as a new one', async () => {
    const staged = await stage();
    await heldNight(staged);
    const { context, night } = staged;
    await night();
    await rejectRun(context, 2);

    expect(await statesInOrder()).toEqual(['complete', 'superseded', 'rejected']);
    expect(await night()).toMatchObject({ outcome: 'held', run: { id: 4 } });
    expect((await listMembers(database.db, {})).length).toBe(60);
  });
});

it('a good night of one principal ends its own holds alone', async () => {
  const simulator = await startedSimulator({ organizations: 60, principals: 2 });
  const context = aContext({ db: database.db, queue: database.queue, simulator });
  const everybody = async () => {
    for (const principal of context.config.principals)
      await runPrincipal(context, { principal, trigger: 'manual', slot: null });
  };
  await everybody();
  const gone = simulator.world.principals.map((principal) =>
    principal.memberships.slice(0, 20).map(({ id }) => principal.remove(id)),
  );
  await everybody();
  const [first] = simulator.world.principals;
  for (const membership of gone[0] ?? []) first?.put(membership);
  await everybody();

  const runs = (await listRuns(database.db, { limit: 20 })).toReversed();
  expect(runs.map(({ state }) => state)).toEqual([
    ...['complete', 'complete'],
    ...['superseded', 'superseded'],
    ...['complete', 'held'],
  ]);
  expect(runs[3]).toMatchObject({ supersededBy: runs[5]?.id });
});
