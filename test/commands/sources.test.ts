import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import stringWidth from 'string-width';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { readCommandLine } from '../../src/cli/program.ts';
import { type Fault } from '../../src/simulator/faults.ts';
import { type Simulator } from '../../src/simulator/server.ts';
import { startedSimulator } from '../simulator/calls.ts';
import { scratchFolder } from '../support/command-line.ts';
import { onPaper } from '../support/paper.ts';

afterEach(() => void vi.unstubAllEnvs());

const answer = (status: number): Fault => ({ kind: 'answer', status });
const strikes = { list: '/user/organizations', memberships: '/memberships' } as const;

/** A simulated Cloudflare that the environment names, a database that nobody can open, and the command line. */
async function ask(principals = 1) {
  const simulator = await startedSimulator({ organizations: 12, principals });
  vi.stubEnv('DATABASE_URL', 'postgres://nobody@127.0.0.1:1/nothing');
  vi.stubEnv('CLOUDFLARE_BASE_URL', simulator.url);
  vi.stubEnv('CLOUDFLARE_API_TOKEN', simulator.world.principal().apiToken);
  const fail = (fault: Fault, endpoint: keyof typeof strikes) =>
    simulator.faults.add({ on: { path: endpoint, times: Infinity }, fault });
  const sources = async (args: readonly string[] = [], width: number | null = null) => {
    const paper = onPaper(width);
    const progress: string[] = [];
    const terminal = { ...paper.terminal, progress: (text: string) => void progress.push(text) };
    const status = await readCommandLine(['sources', ...args], terminal);
    return { status, printed: paper.printed(), warned: paper.warned(), progress };
  };
  return { simulator, principal: simulator.world.principal(), fail, sources };
}

/** Makes one endpoint leave a row out, its total with it. */
function without(name: string): Fault {
  return {
    kind: 'rewrite',
    rewrite(json) {
      const {
        result,
        result_info: info,
        ...rest
      } = json as {
        result: { name?: string; account?: { name: string } }[];
        result_info: { total_count: number };
      };
      const left = result.filter((row) => (row.name ?? row.account?.name) !== name);
      return { ...rest, result: left, result_info: { ...info, total_count: info.total_count - 1 } };
    },
  };
}

function putFour({ world }: Simulator) {
  const principal = world.principal();
  const names = ['Only one', 'Only other', 'Renamed', 'Otherwise'];
  return names.map((name) => principal.put({ name, roles: ['Administrator'] }));
}

describe('sources', () => {
  it('says that there is no difference, and the two lines that change over, with no database', async () => {
    const { sources, simulator } = await ask();
    const { status, printed, warned, progress } = await sources();
    expect([status, warned]).toEqual([0, '']);
    expect(printed).toContain('12 of 12 ids match. No difference: ');
    expect(printed).toContain('tonight would report no change.');
    expect(printed).toMatch(/\n {4}source: memberships\n {4}rollcall run --principal default\n$/);
    expect(printed).toMatch(/of 12\): policies of \d+, two factors enforced by \d+/);
    expect(simulator.requests.map(({ endpoint }) => endpoint)).toEqual(['list', 'memberships']);
    expect(progress.at(-1)).toBe('default: request 2…');
  });

  it('names the way back where the roll is read from memberships', async () => {
    const { sources, simulator } = await ask();
    vi.stubEnv('ROLLCALL_SOURCE', 'memberships');
    const { printed } = await sources();
    expect(printed).toContain('whose roll is read from /memberships');
    expect(printed).toContain('Changing over to /user/organizations tonight');
    expect(printed).toContain('/user/organizations does not tell (of 12)');
    expect(printed).toContain('\n    source: organizations\n');
    expect(simulator.requests.map(({ endpoint }) => endpoint)).toEqual(['memberships', 'list']);
  });

  it('tells in every form what differs in every way, and what changing over would report', async () => {
    const { sources, simulator, principal, fail } = await ask();
    const [one, other, renamed, otherwise] = putFour(simulator).map(({ id }) => id) as [
      string,
      string,
      string,
      string,
    ];
    const declined = principal.put({ name: 'Declined', status: 'invited' }).id;
    principal.reject(declined);
    fail(without('Only one'), 'memberships');
    fail(without('Only other'), 'list');
    principal.setRaw(renamed, { 'account.name': '=Renamed\u202E' }, 'memberships');
    principal.setRaw(otherwise, { status: 'pending', roles: ['Super Administrator'] }, 'memberships');

    const csv = await sources(['--csv']);
    const rows: string[][] = parse(csv.printed);
    expect(rows[0]).toEqual([
      ...['principal', 'organization_id', 'organization_name', 'differs_in', 'organizations', 'memberships'],
    ]);
    const expected = [
      [one, 'Only one', 'presence', 'member', 'absent'],
      [other, 'Only other', 'presence', 'absent', 'member'],
      [renamed, 'Renamed', 'name', 'Renamed', "'=Renamed\u202E"],
      [otherwise, 'Otherwise', 'roles', 'Administrator', 'Super Administrator'],
      [otherwise, 'Otherwise', 'status', 'member', 'invited'],
      [declined, '', 'declined', 'absent', 'rejected'],
    ].map((row) => ['default', ...row]);
    expect(rows.slice(1).sort()).toEqual(expected.sort());

    const json = await sources(['--json']);
    const document = JSON.parse(json.printed) as { principals: Record<string, unknown>[] };
    const [told] = document.principals;
    expect(told).toMatchObject({
      principal: 'default',
      source: 'organizations',
      organizations: { endpoint: '/user/organizations', error: null, rejected: 0 },
      memberships: { endpoint: '/memberships', error: null, rejected: 1 },
      in_both: 14,
      changing_over: { to: 'memberships', held_because: null },
    });
    const { changes } = told?.['changing_over'] as { changes: { organization_id: string; kind: string }[] };
    expect(new Map(changes.map((change) => [change.organization_id, change.kind]))).toEqual(
      new Map([
        [one, 'left'],
        [other, 'joined'],
        [renamed, 'renamed'],
        [otherwise, 'invitation_replaced_membership'],
      ]),
    );

    const { printed, status, warned } = await sources([], 100);
    expect([status, warned]).toEqual([0, '']);
    expect(printed).toContain('5 differences');
    expect(printed).toContain('1 rejected invitation on neither roll');
    expect(printed).toContain('would report 4 changes:\n  left  Only one');
    expect(printed).not.toContain('\u202E');
    for (const width of [20, 40, 80]) {
      const lines = (await sources([], width)).printed.split('\n');
      expect(lines.filter((line) => stringWidth(line) > width)).toEqual([]);
    }
  });

  it('says that changing over would be held where the ids do not match', async () => {
    const { sources, principal } = await ask();
    for (const { id } of principal.memberships) {
      principal.setRaw(id, { 'account.id': id.split('').reverse().join('') }, 'memberships');
    }
    const { printed, status } = await sources();
    expect(status).toBe(0);
    expect(printed).toContain('0 of 12 ids match.');
    expect(printed).toContain('tonight would be held: ');
    expect(printed).toContain('fewer than nine in ten');
  });

  it.each([
    [
      'list',
      410,
      'Cloudflare has ended this endpoint, which says nothing about access.',
      /\n {4}source: memberships\n/,
    ],
    ['list', 404, 'CLOUDFLARE_BASE_URL', /\n {4}source: memberships\n/],
    ['memberships', 403, 'Memberships Read', /^It cannot change over: \/memberships could not be read/m],
  ] as const)('is no failure where %s alone answers %i, which is told with its remedy', async (...given) => {
    const [endpoint, status, remedy, onward] = given;
    const { sources, fail } = await ask();
    fail(answer(status), endpoint);
    const people = await sources();
    expect([people.status, people.warned]).toEqual([0, '']);
    expect(people.printed).toContain(
      `  ${strikes[endpoint]}: not read. Cloudflare answered GET ${strikes[endpoint]}`,
    );
    expect(people.printed).toContain(remedy);
    expect(people.printed).toMatch(onward);
    expect(people.printed).not.toContain('No difference');
    const csv = await sources(['--csv']);
    expect(csv.printed.trimEnd().split('\r\n')).toHaveLength(1);
    expect(csv.warned).toContain(remedy);
    const { principals } = JSON.parse((await sources(['--json'])).printed) as { principals: object[] };
    expect(principals).toMatchObject([{ in_both: null, differences: null, changing_over: null }]);
  });

  it.each<[endpoint: keyof typeof strikes, reads: string, fault: Fault]>([
    ['memberships', 'organizations', answer(410)],
    ['memberships', 'organizations', { ...answer(404), code: 7000 } as Fault],
    ['list', 'organizations', answer(410)],
    ['memberships', 'memberships', { ...answer(403), code: 1234, message: 'Not on your plan' } as Fault],
  ])('says of %s, which ended, nothing that contradicts the rest: for %s', async (...given) => {
    const [endpoint, source, fault] = given;
    const { sources, fail } = await ask();
    vi.stubEnv('ROLLCALL_SOURCE', source);
    fail(fault, endpoint);
    for (const form of [[], ['--json'], ['--csv']]) {
      const { printed, warned } = await sources(form);
      expect(printed + warned).toContain('which says nothing about access');
      expect(printed + warned).not.toMatch(/rollcall sources|Then write/);
    }
    const { printed } = await sources();
    const canChange = (endpoint === 'list') === (source === 'organizations');
    expect(printed.includes('To change over')).toBe(canChange);
    expect(printed.includes('It cannot change over')).toBe(!canChange);
  });

  it('fails for a principal of whom neither could be read, and tells the others all the same', async () => {
    const { sources, simulator, fail } = await ask(3);
    const [one, two, three] = simulator.world.principals;
    const file = path.join(scratchFolder(), 'rollcall.yaml');
    const listed = [one, two, three].map((principal, index) => ({
      name: `user ${index}`,
      apiToken: index === 1 ? `cfut_${'x'.repeat(48)}` : principal?.apiToken,
      source: index === 2 ? 'memberships' : 'organizations',
    }));
    writeFileSync(file, JSON.stringify({ principals: listed }));
    vi.stubEnv('CLOUDFLARE_API_TOKEN', '');
    vi.stubEnv('ROLLCALL_CONFIG', file);
    const { status, printed, warned } = await sources();
    expect(status).toBe(1);
    expect(warned).toBe('rollcall: Neither endpoint could be read for user 1.\n');
    expect(printed.match(/No difference: /g)).toHaveLength(2);
    expect(printed).toContain('does not know this API token');
    expect(printed).toContain("rollcall run --principal 'user 0'");
    const some = await sources(['--principal', 'user 0', '--principal', 'user 2', '--json']);
    expect(some.status).toBe(0);
    const document = JSON.parse(some.printed) as { principals: { principal: string }[] };
    expect(document.principals.map(({ principal }) => principal)).toEqual(['user 0', 'user 2']);
    fail(answer(403), 'list');
    fail(answer(403), 'memberships');
    expect((await sources(['--json'])).status).toBe(1);
  });

  it('refuses a principal that nobody knows, and asks nothing', async () => {
    const { sources, simulator } = await ask();
    const { status, warned } = await sources(['--principal', 'defalt']);
    expect([status, warned]).toEqual([2, expect.stringContaining('Did you mean default?')]);
    expect(simulator.requests).toEqual([]);
  });

  it('compares nothing that was not proven complete', async () => {
    const { sources, fail } = await ask();
    fail({ kind: 'total-count', add: 1 }, 'memberships');
    const { status, printed } = await sources();
    expect(status).toBe(0);
    expect(printed).toContain('/memberships: not read. the listing does not add up');
    expect(printed).not.toMatch(/No difference|ids match|would report/);
  }, 60_000);
});
