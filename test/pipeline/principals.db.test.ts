import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, it } from 'vitest';
import { watchdogJob } from '../../jobs/watchdog.ts';
import { type Context } from '../../src/context.ts';
import { queryRows } from '../../src/database/database.ts';
import { departures, principals, reports, runs } from '../../src/database/schema.ts';
import { listChanges } from '../../src/history/changes.ts';
import { listMembers } from '../../src/history/members.ts';
import { listPrincipals } from '../../src/history/principals.ts';
import { listRuns } from '../../src/history/runs.ts';
import { previewRun, runPrincipal, type RunResult } from '../../src/pipeline.ts';
import { approveRun } from '../../src/pipeline/decide.ts';
import { renamePrincipal, restorePrincipal, retirePrincipal } from '../../src/pipeline/principals.ts';
import { type Simulator } from '../../src/simulator/server.ts';
import { recordDeparture } from '../../src/snapshot/departures.ts';
import { lockPrincipal } from '../../src/snapshot/lock.ts';
import { workOff } from '../jobs/working.ts';
import { startedSimulator } from '../simulator/calls.ts';
import { letDie } from '../support/clock.ts';
import { aContext } from '../support/context.ts';
import { databaseKind, useDatabase } from '../support/database.ts';
import {
  aMembership,
  claim,
  holdNight,
  night as nightOf,
  store,
  takeNight,
  tryToClaim,
} from '../support/nights.ts';

const database = useDatabase();

let simulator: Simulator;
let now: Date;
let context: Context;
beforeEach(async () => {
  simulator = await startedSimulator({ organizations: 5, principals: ['legacy'] });
  context = aContext({ db: database.db, queue: database.queue, simulator, now: () => now });
});

/** The one principal of the configuration has this name from now on; its credentials stay. */
function configure(name: string): void {
  const [principal] = context.config.principals;
  if (principal === undefined) throw new Error('expected a principal');
  context = { ...context, config: { ...context.config, principals: [{ ...principal, name }] } };
}

/** The night of that day in August 2026, as a worker takes it. */
function night(day: number): Promise<RunResult> {
  const [principal] = context.config.principals;
  if (principal === undefined) throw new Error('expected a principal');
  now = nightOf(day);
  return runPrincipal(context, { principal, trigger: 'schedule', slot: nightOf(day) });
}

async function reportsInOrder() {
  return database.db.select().from(reports).orderBy(reports.id);
}

/** What is in the history now: nothing of it may change where an act is refused. */
async function everything() {
  return [
    await database.db.select().from(principals).orderBy(principals.id),
    await listRuns(database.db, { limit: 100 }),
    await reportsInOrder(),
  ];
}

const refusal = expect.stringContaining('rollcall principals rename legacy legacy-2`') as string;

/** The user is audited as legacy, is called legacy-2 in the file, and becomes Super Administrator somewhere that night. */
async function renameInTheFile(): Promise<RunResult> {
  await night(1);
  configure('legacy-2');
  simulator.world.principal().put({ name: 'Acme', roles: ['Super Administrator - All Privileges'] });
  return night(2);
}

describe('another name in the configuration', () => {
  it('is refused with the remedy, and once renamed the change is told and nothing counts twice', async () => {
    expect(await renameInTheFile()).toMatchObject({ outcome: 'short', state: 'failed' });
    const [, failure] = await reportsInOrder();
    expect(failure).toMatchObject({ kind: 'failure', text: refusal });
    expect(await listMembers(database.db, {})).toHaveLength(5);

    expect(await renamePrincipal(context, 'legacy', 'legacy-2')).toEqual({ movedRuns: 1, retiredAt: null });
    expect(await night(2)).toMatchObject({
      outcome: 'complete',
      snapshot: { baseline: { runId: 1 }, changes: [{ kind: 'joined', superAdministrator: 'gained' }] },
    });

    const members = await listMembers(database.db, {});
    expect([members.length, new Set(members.map(({ principal }) => principal))]).toEqual([
      6,
      new Set(['legacy-2']),
    ]);
    expect(await listPrincipals(database.db)).toMatchObject([{ principal: 'legacy-2' }]);
    expect(await listRuns(database.db, { limit: 9 })).toMatchObject([
      { id: 3, principal: 'legacy-2', state: 'complete', baselineRunId: 1 },
      { id: 2, principal: 'legacy-2', state: 'failed', error: refusal, abandoned: true },
      { id: 1, principal: 'legacy-2', state: 'complete' },
    ]);
    const told = (await reportsInOrder()).map(({ kind, runId, principalId }) => [kind, runId, principalId]);
    expect(told).toEqual([
      ['baseline', 1, 1],
      ['failure', 2, 1],
      ['recovery', 3, 1],
      ['changes', 3, 1],
    ]);
  });

  it('that is renamed in the history first needs nothing more', async () => {
    await night(1);
    await renamePrincipal(context, 'legacy', 'legacy-2');
    configure('legacy-2');
    simulator.world.principal().put();

    expect(await night(2)).toMatchObject({
      outcome: 'complete',
      snapshot: { changes: [{ kind: 'joined' }] },
    });
    expect(await listChanges(database.db, { principal: 'legacy-2' })).toHaveLength(1);
    expect(await listPrincipals(database.db)).toHaveLength(1);
  });

  it('gives the refused slot back, so that the watchdog catches it up', async () => {
    await renameInTheFile();
    await renamePrincipal(context, 'legacy', 'legacy-2');
    now = new Date(nightOf(2).getTime() + 3_600_000);
    await watchdogJob.clock?.tick(context, now);

    expect(await workOff(context)).toEqual(['done']);
    expect(await listRuns(database.db, { limit: 1 })).toMatchObject([
      { slot: nightOf(2), trigger: 'catch_up', state: 'complete', changes: 1 },
    ]);
  });

  it('is refused as long as nothing is done, told once a day, and is refused in a dry run too', async () => {
    await renameInTheFile();
    await night(3);
    const [principal] = context.config.principals;
    if (principal === undefined) throw new Error('expected a principal');
    await expect(previewRun(context, { principal, trigger: 'manual', slot: null })).rejects.toThrow(
      'principals rename',
    );

    expect((await reportsInOrder()).map(({ kind }) => kind)).toEqual(['baseline', 'failure', 'failure']);
    expect(await renamePrincipal(context, 'legacy', 'legacy-2')).toMatchObject({ movedRuns: 2 });
  });

  it('of a retired principal is refused with both commands that it takes', async () => {
    await night(1);
    now = nightOf(2);
    await retirePrincipal(context, 'legacy');
    configure('legacy-2');
    expect(await night(2)).toMatchObject({
      outcome: 'short',
      error: {
        message: expect.stringMatching(
          /rename legacy legacy-2`, then `rollcall principals restore legacy-2`/,
        ) as string,
      },
    });
    expect(await renamePrincipal(context, 'legacy', 'legacy-2')).toMatchObject({ retiredAt: nightOf(2) });
    await restorePrincipal(context, 'legacy-2');

    expect(await night(3)).toMatchObject({ outcome: 'complete', snapshot: { baseline: { runId: 1 } } });
  });

  it('of a user with two histories is refused with the name that is still audited', async () => {
    const cloudflareUserId = simulator.world.principal().userId;
    for (const principal of ['legacy', 'older']) {
      const run = await claim(database.db, { principal, at: nightOf(1) });
      await store(database.db, run, { memberships: [aMembership()], cloudflareUserId });
    }
    now = nightOf(2);
    await retirePrincipal(context, 'older');
    configure('legacy-2');

    await night(2);
    expect((await reportsInOrder()).at(-1)).toMatchObject({ text: refusal });
  });

  it('is refused also when the first run of the other name ends while this one reads', async () => {
    const [principal] = context.config.principals;
    if (principal === undefined) throw new Error('expected a principal');
    now = nightOf(1);
    const as = (name: string, given: Partial<Context> = {}) =>
      runPrincipal(
        { ...context, ...given },
        { principal: { ...principal, name }, trigger: 'manual', slot: null },
      );
    const meanwhile: Pick<Context, 'connect'> = {
      connect(whom, signal) {
        const client = context.connect(whom, signal);
        let isDone = false;
        return {
          ...client,
          async ask(question, options) {
            if (!isDone && question.path === '/user/organizations') {
              isDone = true;
              await as('legacy');
            }
            return client.ask(question, options);
          },
        };
      },
    };

    expect(await as('legacy-2', meanwhile)).toMatchObject({ outcome: 'short', state: 'failed' });
    const runs = await listRuns(database.db, { limit: 10 });
    expect(runs.map(({ principal: name, state }) => [name, state]).sort()).toEqual([
      ['legacy', 'complete'],
      ['legacy-2', 'failed'],
    ]);
  });

  it('of another Cloudflare user is a first run like any', async () => {
    await night(1);
    configure('legacy-2');
    simulator.world.principal().userId = 'f'.repeat(32);

    expect(await night(2)).toMatchObject({ outcome: 'complete', snapshot: { baseline: null } });
  });

  it('is not refused where nobody can tell whose the credentials are, nor where the history was never complete', async () => {
    simulator.world.principal().tokenMay.list = false;
    await night(1);
    simulator.world.principal().tokenMay.list = true;
    configure('legacy-2');
    expect(await night(2)).toMatchObject({ outcome: 'complete' });
    simulator.world.principal().tokenMay.user = false;
    configure('legacy-3');
    expect(await night(3)).toMatchObject({ outcome: 'complete' });
  });

  it('does not refuse the second of two that have been run side by side before', async () => {
    simulator.world.principal().tokenMay.user = false;
    await night(1);
    configure('legacy-2');
    await night(2);
    simulator.world.principal().tokenMay.user = true;
    expect(await night(3)).toMatchObject({ outcome: 'complete' });
    configure('legacy');
    expect(await night(4)).toMatchObject({ outcome: 'complete' });
  });
});

/** Around an act of somebody on the ninth. */
const acts = () => ({ db: database.db, now: () => nightOf(9) });

describe('rename', () => {
  it('takes everything along: memberships, changes, runs, a held run and departures', async () => {
    await takeNight(database.db, [aMembership()], { at: nightOf(1) });
    await takeNight(database.db, [aMembership(), aMembership({ organizationId: 'b' })], { at: nightOf(2) });
    const held = await holdNight(database.db, [], { at: nightOf(3) });
    const left = { principal: 'ops-bot', organizationId: 'b', organizationName: null };
    await recordDeparture(database.db, left, nightOf(3));
    await renamePrincipal(acts(), 'ops-bot', 'bot');

    expect(await listMembers(database.db, { principal: 'bot' })).toHaveLength(2);
    expect(await listChanges(database.db, { principal: 'bot' })).toHaveLength(1);
    expect(await listRuns(database.db, { principal: 'bot', limit: 9 })).toHaveLength(3);
    const { snapshot } = await approveRun({ ...context, now: () => nightOf(9) }, held.id);
    expect(snapshot).toMatchObject({ run: { principal: 'bot' }, changes: [{ byUs: false }, { byUs: true }] });
  });

  it('takes what first runs under the new name left: their reports and departures', async () => {
    await renameInTheFile();
    const left = { principal: 'legacy-2', organizationId: 'b', organizationName: null };
    await recordDeparture(database.db, left, nightOf(2));
    await renamePrincipal(context, 'legacy', 'legacy-2');

    expect(await database.db.select().from(departures)).toMatchObject([{ principalId: 1 }]);
    expect(await reportsInOrder()).toMatchObject([{ principalId: 1 }, { principalId: 1, runId: 2 }]);
  });

  it('does not let two runs of one slot clash', async () => {
    const scheduled = { trigger: 'schedule', slot: nightOf(1), at: nightOf(1) } as const;
    await takeNight(database.db, [], { ...scheduled, principal: 'legacy' });
    const failed = await claim(database.db, { ...scheduled, principal: 'legacy-2' });
    await letDie(database.db, failed.id);
    await renamePrincipal(acts(), 'legacy', 'legacy-2');

    const again = { ...scheduled, principal: 'legacy-2' };
    expect(await tryToClaim(database.db, again)).toEqual({ outcome: 'slot_taken', runId: 1 });
  });

  it.each([
    ['legacy', 'legacy', 'its name already'],
    ['legacy', 'ops-bot', 'ops-bot has a history of its own (its newest complete run is 2)'],
    ['nobody', 'legacy-2', 'knows no principal called nobody; there are: legacy, ops-bot'],
  ])('from %s to %s is wrong usage that says why, and does nothing', async (from, to, why) => {
    await takeNight(database.db, [aMembership()], { principal: 'legacy' });
    await takeNight(database.db, [aMembership()], { principal: 'ops-bot' });
    const before = await everything();

    const message = expect.stringContaining(why) as string;
    await expect(renamePrincipal(acts(), from, to)).rejects.toMatchObject({ code: 'usage', message });
    expect(await everything()).toEqual(before);
  });

  it.each(['legacy', 'legacy-2'])(
    'waits until the run of %s that is under way has ended',
    async (principal) => {
      await takeNight(database.db, [aMembership()], { principal: 'legacy' });
      await claim(database.db, { principal, worker: 'host:7:abc' });
      const before = await everything();

      const message = expect.stringMatching(/run 2 is under way by host:7:abc/) as string;
      await expect(renamePrincipal(acts(), 'legacy', 'legacy-2')).rejects.toMatchObject({
        code: 'busy',
        message,
      });
      expect(await everything()).toEqual(before);
      await letDie(database.db, 2);
      await renamePrincipal(acts(), 'legacy', 'legacy-2');
    },
  );
});

describe('retire and restore', () => {
  it('take a principal out of what is current and back, and say when there is nothing to do', async () => {
    await takeNight(database.db, [aMembership()], { principal: 'legacy' });
    const later = { ...acts(), now: () => nightOf(10) };

    expect(await restorePrincipal(acts(), 'legacy')).toBeNull();
    expect(await retirePrincipal(acts(), 'legacy')).toEqual({ isNew: true, since: nightOf(9) });
    expect(await retirePrincipal(later, 'legacy')).toEqual({ isNew: false, since: nightOf(9) });
    expect(await listMembers(database.db, {})).toEqual([]);
    expect(await listMembers(database.db, { at: nightOf(8) })).toHaveLength(1);

    expect(await restorePrincipal(acts(), 'legacy')).toEqual(nightOf(9));
    expect(await listMembers(database.db, {})).toHaveLength(1);
  });

  it('of a name that nobody has are wrong usage that names those that are there', async () => {
    const unknown = {
      code: 'usage',
      message: 'The database knows no principal called nobody; there is none yet.',
    };
    await expect(retirePrincipal(acts(), 'nobody')).rejects.toMatchObject(unknown);
    await expect(restorePrincipal(acts(), 'nobody')).rejects.toMatchObject(unknown);
  });
});

describe.runIf(databaseKind() === 'postgres')('at the same time', () => {
  /** Resolves once somebody waits for a lock. */
  async function untilSomebodyWaits(): Promise<void> {
    for (;;) {
      const waiting = await queryRows(
        database.db,
        sql`select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
      );
      if (waiting.length > 0) return;
    }
  }

  it('a run that is just being claimed is seen by a rename, which waits for it', async () => {
    await takeNight(database.db, [aMembership()], { principal: 'legacy' });
    const another = await database.connectAgain();
    const renamed = Promise.withResolvers<unknown>();
    await another.transaction(async (tx) => {
      await tryToClaim(tx, { principal: 'legacy', at: nightOf(2) });
      renamePrincipal(acts(), 'legacy', 'legacy-2').then(renamed.reject, renamed.resolve);
      await untilSomebodyWaits();
    });

    expect(await renamed.promise).toMatchObject({ code: 'busy' });
    expect(await listPrincipals(database.db)).toMatchObject([{ principal: 'legacy' }]);
  });

  it('a claim that waits for a rename is of a name that is free again', async () => {
    await takeNight(database.db, [aMembership()], { principal: 'legacy' });
    const another = await database.connectAgain();
    let claiming: ReturnType<typeof tryToClaim> | undefined;
    await another.transaction(async (tx) => {
      await lockPrincipal(tx, 1);
      claiming = tryToClaim(database.db, { principal: 'legacy', at: nightOf(2) });
      await untilSomebodyWaits();
      await renamePrincipal({ ...acts(), db: tx }, 'legacy', 'legacy-2');
    });

    const claimed = await claiming;
    expect(claimed).toMatchObject({ outcome: 'claimed', run: { principal: 'legacy' } });
    expect(await database.db.select().from(runs)).toHaveLength(2);
    expect((await listPrincipals(database.db)).map(({ principal }) => principal)).toEqual([
      'legacy',
      'legacy-2',
    ]);
  });

  it('two renames to each other’s names do not wait for each other for ever', async () => {
    await takeNight(database.db, [aMembership()], { principal: 'legacy' });
    await claim(database.db, { principal: 'legacy-2' }).then(({ id }) => letDie(database.db, id));
    const another = await database.connectAgain();
    const there = renamePrincipal(acts(), 'legacy', 'legacy-2');
    const back = renamePrincipal({ ...acts(), db: another }, 'legacy-2', 'legacy');
    const outcomes = await Promise.allSettled([there, back]);

    const refusals = outcomes
      .filter((outcome) => outcome.status === 'rejected')
      .map(({ reason }) => reason as unknown);
    for (const reason of refusals) expect(reason).toMatchObject({ code: 'usage' });
    expect(await listPrincipals(database.db)).toHaveLength(1);
  });
});
