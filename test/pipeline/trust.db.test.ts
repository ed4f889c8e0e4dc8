import { describe, expect, it } from 'vitest';
import { approveRun, rejectRun } from '../../src/pipeline/decide.ts';
import { type Context } from '../../src/context.ts';
import { reports } from '../../src/database/schema.ts';
import { type RunSource } from '../../src/domain/run.ts';
import { inert } from '../../src/domain/inert.ts';
import { listChanges } from '../../src/history/changes.ts';
import { listMembers } from '../../src/history/members.ts';
import { listRuns } from '../../src/history/runs.ts';
import { runPrincipal, type RunResult } from '../../src/pipeline.ts';
import { type Simulator } from '../../src/simulator/server.ts';
import { type WorldOptions } from '../../src/simulator/world.ts';
import { startedSimulator } from '../simulator/calls.ts';
import { aContext, type Surroundings } from '../support/context.ts';
import { useDatabase } from '../support/database.ts';
import { endpointOf, sourcesHere } from '../support/either-source.ts';

const database = useDatabase();

interface Stage {
  simulator: Simulator;
  context: Context;
  night: () => Promise<RunResult>;
}

/** A deployment that reads from the source of {@link Surroundings.client}. */
async function stage(world: WorldOptions = {}, given: Partial<Surroundings> = {}): Promise<Stage> {
  const simulator = await startedSimulator({ organizations: 60, ...world });
  const context = aContext({ db: database.db, queue: database.queue, simulator, ...given });
  const [principal] = context.config.principals;
  if (principal === undefined) throw new Error('expected a principal');
  const night = () => runPrincipal(context, { principal, trigger: 'manual', slot: null });
  return { simulator, context, night };
}

async function reportsInOrder() {
  return database.db.select().from(reports).orderBy(reports.id);
}

function removeSome(simulator: Simulator, count: number): void {
  const principal = simulator.world.principal();
  for (const { id } of principal.memberships.slice(0, count)) principal.remove(id);
}

const pathOf: Readonly<Record<RunSource, string>> = {
  organizations: '/user/organizations',
  memberships: '/memberships',
};

/** What may be left out or null of a row. */
const leftOut: Readonly<Record<RunSource, Readonly<Record<string, unknown>>>> = {
  organizations: { roles: undefined, name: null },
  memberships: {
    roles: undefined,
    'account.name': null,
    'account.settings': null,
    'account.managed_by': undefined,
    policies: undefined,
    api_access_enabled: null,
  },
};

describe.each(sourcesHere())('seen twice, of %s', (source) => {
  const client = { source };

  it('a quiet night costs one listing, a night with changes two', async () => {
    const { simulator, night } = await stage({}, { client });
    await night();
    await night();
    simulator.world.principal().put();
    await night();
    const found = await listRuns(database.db, { limit: 9 });
    expect(found.map(({ listings, conclusion }) => [listings, conclusion])).toEqual([
      [2, 'listings 1 and 2 agree'],
      [1, 'listing 1 equals the baseline'],
      [2, 'listings 1 and 2 agree'],
    ]);
    expect(found[0]?.proof).toEqual([
      { pages: 2, perPage: 50, totalCount: 61, organizations: 61, problem: null },
      { pages: 2, perPage: 50, totalCount: 61, organizations: 61, problem: null },
    ]);
  });

  it('a world that never stands still ends the run as incomplete after five listings, and changes nothing', async () => {
    const { simulator, night } = await stage({ organizations: 10 }, { client });
    await night();
    simulator.onRequest = ({ query }) => {
      if (query['page'] === '1') simulator.world.principal().put();
    };
    expect(await night()).toMatchObject({ outcome: 'short', state: 'incomplete' });
    const [run] = await listRuns(database.db, { limit: 1 });
    expect(run).toMatchObject({
      listings: 5,
      error: expect.stringContaining('no two in a row agree') as string,
    });
    expect(await listChanges(database.db, {})).toEqual([]);
  });

  it('a field left out this night is no reason to look again', async () => {
    const { simulator, night } = await stage({ organizations: 10 }, { client });
    await night();
    const principal = simulator.world.principal();
    for (const { id } of principal.memberships) principal.setRaw(id, leftOut[source], endpointOf[source]);
    expect(await night()).toMatchObject({ outcome: 'complete', snapshot: { changes: [] } });
    expect((await listRuns(database.db, { limit: 1 }))[0]).toMatchObject({ listings: 1 });
  });
});

describe('the same user', () => {
  it('another Cloudflare user behind the credentials fails the run, and nobody is said to have left', async () => {
    const { simulator, night } = await stage();
    await night();
    const principal = simulator.world.principal();
    const before = principal.userId;
    principal.userId = 'f'.repeat(32);
    removeSome(simulator, 3);
    expect(await night()).toMatchObject({ outcome: 'short', state: 'failed' });
    const [run] = await listRuns(database.db, { limit: 1 });
    expect(run?.error).toContain(
      `belong to the Cloudflare user ${'f'.repeat(32)}, the last complete run was of ${before}`,
    );
    expect(await listChanges(database.db, {})).toEqual([]);
    expect((await listMembers(database.db, {})).length).toBe(60);
  });

  it('where it may not be read, the night goes on and the report says that it was not checked', async () => {
    const { simulator, night } = await stage();
    simulator.world.principal().tokenMay.user = false;
    await night();
    simulator.world.principal().put();
    await night();
    const all = await reportsInOrder();
    expect(all.map(({ kind }) => kind)).toEqual(['baseline', 'changes']);
    for (const { text } of all) expect(text).toContain('Identity was not checked');
  });
});

describe.each(sourcesHere())('held, of %s', (source) => {
  const client = { source };

  it('more removals than both thresholds holds the run: the mail says so, the baseline stays', async () => {
    const { simulator, night } = await stage({}, { client });
    await night();
    removeSome(simulator, 16);
    const result = await night();
    expect(result).toMatchObject({ outcome: 'held', reason: expect.stringContaining('16 of 60') as string });
    expect(await listChanges(database.db, {})).toEqual([]);
    expect((await listMembers(database.db, {})).length).toBe(60);
    const report = (await reportsInOrder()).at(-1);
    expect(report).toMatchObject({ kind: 'held', subject: expect.stringContaining('HELD') as string });
    expect(report?.csv?.trimEnd().split('\r\n')).toHaveLength(17);
    expect((await listRuns(database.db, { limit: 1 }))[0]).toMatchObject({ state: 'held', chain: null });
  });

  it('as many removals as a threshold allows are believed', async () => {
    const { simulator, night } = await stage({}, { client });
    await night();
    removeSome(simulator, 15);
    expect(await night()).toMatchObject({ outcome: 'complete' });
  });

  it('a baseline of two that falls to none is held, small as it is', async () => {
    const { simulator, night } = await stage({ organizations: 2 });
    await night();
    removeSome(simulator, 2);
    expect(await night()).toMatchObject({ outcome: 'held', reason: 'all 2 organizations are gone' });
  });

  it('approve makes it the baseline and its changes history, with the window of the held run', async () => {
    const { simulator, context, night } = await stage({}, { client });
    await night();
    removeSome(simulator, 20);
    await night();
    const [held] = await listRuns(database.db, { limit: 1 });
    const { changes } = (await approveRun(context, 2)).snapshot;
    expect(changes).toHaveLength(20);
    expect(changes[0]).toMatchObject({ runId: 2, baselineRunId: 1, notAfter: held?.finishedAt });
    expect((await listMembers(database.db, {})).length).toBe(40);
    expect((await reportsInOrder()).map(({ kind }) => kind)).toEqual(['baseline', 'held', 'changes']);
    expect(await night()).toMatchObject({ outcome: 'complete', snapshot: { changes: [] } });
    await expect(approveRun(context, 2)).rejects.toThrow('Run 2 of default is not held: it is complete.');
  });

  it('what is approved says that identity was not checked, when it was not', async () => {
    const { simulator, context, night } = await stage({}, { client });
    simulator.world.principal().tokenMay.user = false;
    await night();
    removeSome(simulator, 20);
    await night();
    await approveRun(context, 2);
    expect((await reportsInOrder()).at(-1)).toMatchObject({
      kind: 'changes',
      text: expect.stringContaining('Identity was not checked') as string,
    });
  });

  it('reject drops it, and the next loss is held again', async () => {
    const { simulator, context, night } = await stage({}, { client });
    await night();
    removeSome(simulator, 20);
    await night();
    await rejectRun(context, 2);
    expect((await listRuns(database.db, { limit: 1 }))[0]).toMatchObject({ state: 'rejected' });
    await expect(approveRun(context, 2)).rejects.toThrow('not held: it is rejected');
    expect(await night()).toMatchObject({ outcome: 'held' });
  });

  it('a later listing within the thresholds releases it by itself, and the report says so', async () => {
    const { simulator, context, night } = await stage({}, { client });
    await night();
    const principal = simulator.world.principal();
    const gone = principal.memberships.slice(0, 20);
    removeSome(simulator, 20);
    await night();
    for (const membership of gone) principal.put(membership);
    principal.put({ name: 'Newcomer' });
    expect(await night()).toMatchObject({ outcome: 'complete', snapshot: { changes: [{ kind: 'joined' }] } });
    const [, , recovery, change] = await reportsInOrder();
    expect(recovery).toMatchObject({ kind: 'recovery' });
    expect(change).toMatchObject({ kind: 'changes' });
    for (const report of [recovery, change])
      expect(report?.text).toContain('Run 2 was held for losing too much');
    await expect(approveRun(context, 2)).rejects.toThrow('superseded by run 3, which is complete');
  });

  it('a second held night makes the first one pointless', async () => {
    const { simulator, context, night } = await stage({}, { client });
    await night();
    removeSome(simulator, 20);
    await night();
    removeSome(simulator, 1);
    await night();
    expect((await listRuns(database.db, { limit: 2 })).map(({ state }) => state)).toEqual([
      'held',
      'superseded',
    ]);
    await expect(approveRun(context, 2)).rejects.toThrow('superseded by run 3');
    expect((await approveRun(context, 3)).snapshot.changes).toHaveLength(21);
  });
});

describe.each(sourcesHere())('evidence, of %s', (source) => {
  const client = { source };

  it('a failing night is reported the first time, then once a day, then comes the recovery', async () => {
    const hour = 3_600_000;
    let time = Date.UTC(2026, 0, 1);
    const { simulator, night } = await stage({ organizations: 10 }, { client, now: () => new Date(time) });
    await night();
    simulator.world.principal().tokenMay[endpointOf[source]] = false;
    for (const hours of [24, 1, 1, 22, 24]) {
      time += hours * hour;
      await night();
    }
    simulator.world.principal().tokenMay[endpointOf[source]] = true;
    time += 24 * hour;
    await night();
    expect((await reportsInOrder()).map(({ kind, runId }) => [kind, runId])).toEqual([
      ['baseline', 1],
      ['failure', 2],
      ['failure', 5],
      ['failure', 6],
      ['recovery', 7],
    ]);
    const failure = (await reportsInOrder())[1];
    expect(failure?.subject).toMatch(/^\[rollcall\] default: permission missing, no snapshot since /);
    expect(failure?.text).toContain(`GET ${pathOf[source]}`);
  });

  it('a failed night widens the window, and shows in history as a gap', async () => {
    const { simulator, night } = await stage({ organizations: 10 }, { client });
    await night();
    simulator.world.principal().put();
    simulator.world.principal().tokenMay[endpointOf[source]] = false;
    await night();
    simulator.world.principal().tokenMay[endpointOf[source]] = true;
    await night();
    const found = await listRuns(database.db, { limit: 9 });
    expect(found.map(({ state }) => state)).toEqual(['complete', 'failed', 'complete']);
    const [change] = await listChanges(database.db, {});
    expect(change).toMatchObject({
      baselineRunId: 1,
      notBefore: found[2]?.startedAt,
      notAfter: found[0]?.finishedAt,
    });
    expect((await reportsInOrder()).at(-1)?.text).toContain('One run in between did not complete');
  });
});

describe.each(sourcesHere())('invitations in full, of %s', (source) => {
  const client = { source };

  it('the change and the report tell who invited, when, and until when it holds', async () => {
    const { simulator, night } = await stage({ organizations: 10 }, { client });
    await night();
    const { id } = simulator.world.principal().put({ status: 'invited' });
    await night();
    const invitation = simulator.world.principal().invitations.find((one) => one.organizationId === id);
    const [change] = await listChanges(database.db, {});
    expect(change).toMatchObject({
      kind: 'invited',
      invitedBy: invitation?.invitedBy,
      invitedOn: invitation?.invitedOn,
      expiresOn: invitation?.expiresOn,
    });
    expect((await reportsInOrder()).at(-1)?.text).toContain(
      `invited by ${inert(invitation?.invitedBy ?? '')}`,
    );
  });

  it.each([
    ['expired', 'expired'],
    ['rejected', 'declined'],
    ['withdrawn', 'withdrawn'],
  ] as const)('an invitation that was %s is told as %s', async (fate, told) => {
    // Just before the world's own clock, in which invitations are good for days.
    const { simulator, night } = await stage(
      {
        organizations: 10,
        now: () => new Date(Date.UTC(2026, 0, 1)),
      },
      { client },
    );
    const { id } = simulator.world.principal().put({ status: 'invited' });
    await night();
    simulator.world.principal().remove(id, fate);
    await night();
    expect(await listChanges(database.db, {})).toMatchObject([
      { kind: 'invitation_gone', goneBecause: told },
    ]);
  });

  it('where they may not be read, everything else works as before', async () => {
    const { simulator, night } = await stage({ organizations: 10 }, { client });
    simulator.world.principal().tokenMay.invites = false;
    const { id } = simulator.world.principal().put({ status: 'invited' });
    await night();
    simulator.world.principal().remove(id);
    expect(await night()).toMatchObject({ outcome: 'complete' });
    expect(await listChanges(database.db, {})).toMatchObject([
      { kind: 'invitation_gone', goneBecause: null, invitedBy: null },
    ]);
  });
});
