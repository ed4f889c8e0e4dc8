import { describe, expect, it } from 'vitest';
import { type Context } from '../../src/context.ts';
import { RollcallError } from '../../src/domain/errors.ts';
import { listChanges } from '../../src/history/changes.ts';
import { listMembers } from '../../src/history/members.ts';
import { runPrincipal, type RunResult } from '../../src/pipeline.ts';
import { callTheRoll } from '../../src/pipeline/roll-call.ts';
import { endRunShort } from '../../src/schedule/claim.ts';
import { type Endpoint } from '../../src/simulator/endpoints.ts';
import { type Fault } from '../../src/simulator/faults.ts';
import { type Simulator } from '../../src/simulator/server.ts';
import { type WorldOptions } from '../../src/simulator/world.ts';
import { startedSimulator } from '../simulator/calls.ts';
import { aContext } from '../support/context.ts';
import { useDatabase } from '../support/database.ts';
import { claim } from '../support/nights.ts';
import { expectSettled } from '../support/settled.ts';

const database = useDatabase();

interface Stage {
  simulator: Simulator;
  context: Context;
  night: () => Promise<RunResult>;
  /** Puts what the function makes of each of an endpoint's rows in their place, for ever. */
  rewriteRows: (path: Endpoint, rewrite: (row: object) => unknown) => void;
}

async function stage(world: WorldOptions = {}): Promise<Stage> {
  const simulator = await startedSimulator({ organizations: 3, ...world });
  const context = aContext({ db: database.db, queue: database.queue, simulator });
  const [principal] = context.config.principals;
  if (principal === undefined) throw new Error('expected a principal');
  return {
    simulator,
    context,
    night: () => runPrincipal(context, { principal, trigger: 'manual', slot: null }),
    rewriteRows(path, rewrite) {
      const inEnvelope = (json: unknown) => {
        const { result, ...rest } = json as { result: object[] };
        return { ...rest, result: result.map(rewrite) };
      };
      const fault: Fault = { kind: 'rewrite', rewrite: inEnvelope };
      simulator.faults.add({ on: { path, times: Infinity }, fault });
    },
  };
}

const hidden = [
  'ends in NUL\0',
  'nul \0 within',
  'an \u001B[2J escape',
  '\u202Egnp.exe',
  'half \uD83D',
  '\uFEFFmark',
  'two\r\nlines',
];

describe('text that cannot be stored or shown', () => {
  it.each(['ends in NUL\0', '\u001B[2J \u202E', 'half \uD83D', '', 'x'.repeat(1_000_000)])(
    'as the id of the user: the run is recorded as failed and mailed, or goes on without one: %.30j',
    async (id) => {
      const { simulator, night } = await stage();
      const { userId } = simulator.world.principal();
      simulator.world.principal().userId = id;
      const isNone = id === '';
      expect(await night()).toMatchObject(
        isNone ? { outcome: 'complete' } : { outcome: 'short', state: 'failed' },
      );
      const { runs, reports } = await expectSettled(database.db);
      expect(reports.map(({ kind }) => kind)).toEqual([isNone ? 'baseline' : 'failure']);
      if (!isNone) expect(runs[0]?.error).toContain('GET /user');
      simulator.world.principal().userId = userId;
      expect(await night()).toMatchObject({ outcome: 'complete' });
    },
  );

  it('as names, roles, permissions and who invited, costs no night', async () => {
    const { simulator, night, rewriteRows } = await stage({ organizations: 0 });
    await night();
    for (const text of hidden) {
      const { id } = simulator.world.principal().put({ status: 'invited' });
      simulator.world.principal().setRaw(id, { name: text, roles: [text], permissions: [text] });
    }
    let told = 0;
    rewriteRows('invites', (row) => ({ ...row, invited_by: hidden[told++ % hidden.length] }));
    expect(await night()).toMatchObject({ outcome: 'complete' });
    const { reports } = await expectSettled(database.db);
    expect(reports.map(({ kind }) => kind)).toEqual(['baseline', 'changes']);
    expect(await listChanges(database.db, {})).toHaveLength(hidden.length);
  });

  it('as a status, which says nothing of access, costs no night', async () => {
    const { simulator, night } = await stage({ organizations: 0 });
    const ids = hidden.map((status) => {
      const { id } = simulator.world.principal().put();
      simulator.world.principal().setRaw(id, { status });
      return id;
    });
    expect(await night()).toMatchObject({ outcome: 'complete', snapshot: { counts: { members: 0 } } });
    for (const id of ids) simulator.world.principal().setRaw(id, {});
    expect(await night()).toMatchObject({ outcome: 'complete' });
    await expectSettled(database.db);
  });

  it.each(['list', 'user'] as const)(
    "in the API's own words about %s: the run is recorded as failed, and mailed",
    async (path) => {
      const { simulator, night } = await stage();
      const message = hidden.join(' ') + 'x'.repeat(1_000_000);
      simulator.faults.add({
        on: { path, times: Infinity },
        fault: { kind: 'answer', status: 400, code: 6003, message },
      });
      expect(await night()).toMatchObject({ outcome: 'short', state: 'failed' });
      const { runs, reports } = await expectSettled(database.db);
      expect(runs[0]?.error).toContain('6003 ends in NUL<U+0000>');
      expect(reports).toHaveLength(1);
    },
  );

  it('as what an ending says, from wherever: the run ends all the same', async () => {
    const run = await claim(database.db, {});
    const evidence = { requests: 0, retries: 0, listings: 0, pages: 0, proof: [] };
    const end = { state: 'failed', error: hidden.join(' '), evidence, now: run.startedAt } as const;
    expect(await endRunShort(database.db, run, end)).toBe(true);
    const { runs } = await expectSettled(database.db);
    expect(runs[0]).toMatchObject({ state: 'failed', error: expect.stringContaining('<U+0000>') as string });
  });
});

describe('a name of a megabyte', () => {
  it('is kept whole, and takes a line of the mail', async () => {
    const { simulator, night } = await stage();
    await night();
    const name = 'A'.repeat(1_000_000);
    simulator.world.principal().put({ name, roles: [name], permissions: [name] });
    expect(await night()).toMatchObject({ outcome: 'complete' });
    const { reports } = await expectSettled(database.db);
    expect(reports.at(-1)?.text).toContain(`${'A'.repeat(200)}…`);
    const members = await listMembers(database.db, {});
    expect(members.map(({ organizationName }) => organizationName)).toContain(name);
  });
});

const dates = ['+099999-01-01T00:00:00Z', '0000-01-01T00:00:00Z', 'infinity', 1e9, '\0'];

describe('a detail that is not worth a night', () => {
  it.each(dates)('is left out where it is no time: an invitation of %.40j', async (date) => {
    const { simulator, night, rewriteRows } = await stage({ organizations: 0 });
    await night();
    simulator.world.principal().put({ status: 'invited' });
    rewriteRows('invites', (row) => ({ ...row, invited_on: date, expires_on: date }));
    expect(await night()).toMatchObject({ outcome: 'complete' });
    const [change] = await listChanges(database.db, {});
    expect(change).toMatchObject({ kind: 'invited', invitedBy: expect.stringContaining('@') as string });
    expect(change).toMatchObject({ invitedOn: null, expiresOn: null });
    await expectSettled(database.db);
  });

  it.each([
    ['who invited is a number', { invited_by: 7 }],
    ['the status is a list', { status: ['pending'] }],
    ['the id is missing', { id: undefined }],
    ['the id ends in NUL', { id: 'x\0' }],
    ['the id is longer than an index takes', { id: 'x'.repeat(100_000) }],
    ['the organization is none', { organization_id: '\u202E' }],
    ['the organization is an object', { organization_id: {} }],
    ['it is deep', { invited_by: deepList(1_000) }],
  ])('is left out where %s', async (_, fields) => {
    const { simulator, night, rewriteRows } = await stage({ organizations: 0 });
    await night();
    const { id } = simulator.world.principal().put({ status: 'invited' });
    rewriteRows('invites', (row) => ({ ...row, ...fields }));
    expect(await night()).toMatchObject({ outcome: 'complete' });
    simulator.world.principal().remove(id);
    expect(await night()).toMatchObject({ outcome: 'complete' });
    const changes = await listChanges(database.db, {});
    expect(changes.map(({ kind }) => kind)).toEqual(['invited', 'invitation_gone']);
    await expectSettled(database.db);
  });

  it.each([7, { toString: 'x' }])('is left out where a name is %j', async (name) => {
    const { simulator, night, rewriteRows } = await stage();
    await night();
    rewriteRows('list', (row) => ({ ...row, name }));
    expect(await night()).toMatchObject({ outcome: 'complete', snapshot: { changes: [] } });
    simulator.faults.clear();
  });
});

function deepList(depth: number): unknown {
  return Array.from({ length: depth }).reduce<unknown>((inner) => [inner], 'x');
}

function said(rewrite: (json: Record<string, unknown>) => unknown): Fault {
  return { kind: 'rewrite', rewrite: (json) => rewrite(json as Record<string, unknown>) };
}

const tooMuch: readonly (readonly [what: string, fault: Fault])[] = [
  ['five billion organizations', { kind: 'total-count', add: 5e9 }],
  [
    'more than numbers can tell',
    said((json) => ({ ...json, result_info: { total_count: 1e300, page: 1, per_page: 50 } })),
  ],
  ['fewer than none', said((json) => ({ ...json, result_info: { total_count: -1, page: 1, per_page: 50 } }))],
  [
    'pages of a billion',
    said((json) => ({ ...json, result_info: { total_count: 3, page: 1, per_page: 1e9 } })),
  ],
  ['ten thousand on a page', said((json) => ({ ...json, result: Array(10_000).fill({ id: 'x' }) }))],
  ['a list within lists', said((json) => ({ ...json, result: deepList(1_000) }))],
];

describe('one principal whose server tells too much', () => {
  it.each(tooMuch)(
    '%s: its run ends short and says so, and the other principal goes on',
    async (_, fault) => {
      const { simulator, context } = await stage({ principals: ['hostile', 'honest'] });
      simulator.faults.add({ on: { path: 'list', principal: 'hostile', times: Infinity }, fault });
      const order = { principals: context.config.principals, trigger: 'manual', slot: null } as const;
      const calls = await callTheRoll(context, order);
      expect(calls).toMatchObject([
        { principal: 'hostile', outcome: 'short' },
        { principal: 'honest', outcome: 'complete' },
      ]);
      const [hostile] = calls;
      expect(hostile !== undefined && 'error' in hostile && hostile.error).toBeInstanceOf(RollcallError);
      const { reports } = await expectSettled(database.db);
      expect(reports.map(({ kind }) => kind).sort()).toEqual(['baseline', 'failure']);
    },
  );
});
