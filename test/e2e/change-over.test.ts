import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { expect, it, onTestFinished, vi } from 'vitest';
import { type PageData } from '../../src/audit/data.ts';
import { readCommandLine } from '../../src/cli/program.ts';
import { type Database } from '../../src/database/database.ts';
import { type Membership } from '../../src/domain/membership.ts';
import { policyLine } from '../../src/domain/policy.ts';
import { scratchFolder } from '../support/command-line.ts';
import { databaseEnvironment, lookInto } from '../support/database-environment.ts';
import { acme, aMembership, aWholeMembership, globex, organizationId, takeNight } from '../support/nights.ts';
import { onPaper } from '../support/paper.ts';

const nights = 365;
const seam = 184;
const [umbra, hooli] = [organizationId(1), organizationId(2)];
const superAdministrator = policyLine({
  access: 'allow',
  groups: ['Super Administrator - All Privileges', 'DNS'],
  resources: [{ name: '', key: 'com.cloudflare.api.account.1', objects: ['*'] }],
});

/**
 * The roll of a night: a role changes in the fiftieth, another in the very night in which the source does, two factors are no
 * longer enforced from the 250th on, and a policy comes in the 300th. Umbra's policy was always there, and could not be seen.
 */
function rollOf(night: number): Membership[] {
  const isWhole = night >= seam;
  const one = (given: Partial<Membership>, known: Partial<Membership> = {}) =>
    isWhole
      ? aWholeMembership({ permissions: ['#dns:edit', '#dns:read'], ...given, ...known })
      : aMembership(given);
  return [
    one(
      { organizationId: acme, roles: [night < 50 ? 'Administrator' : 'Billing'] },
      { twoFactorEnforced: night < 250 },
    ),
    one({ organizationId: globex, organizationName: 'Globex', roles: [isWhole ? 'DNS' : 'Billing'] }),
    one(
      { organizationId: umbra, organizationName: 'Umbra', roles: [] },
      { policies: [superAdministrator], apiAccess: null },
    ),
    one(
      { organizationId: hooli, organizationName: 'Hooli', status: 'member' },
      night < 300 ? {} : { policies: [superAdministrator] },
    ),
  ];
}

/** A night a day, the last of them an hour ago. */
async function takeYear(db: Database): Promise<void> {
  const last = Date.now() - 3_600_000;
  for (let night = 1; night <= nights; night += 1)
    await takeNight(db, rollOf(night), {
      source: night < seam ? 'organizations' : 'memberships',
      trigger: 'schedule',
      slot: new Date(last - (nights - night) * 86_400_000),
      at: new Date(last - (nights - night) * 86_400_000),
    });
}

async function ask(command: readonly string[], width: number | null = null) {
  const paper = onPaper(width);
  const status = await readCommandLine(command, paper.terminal);
  return { status, stdout: paper.printed(), stderr: paper.warned() };
}

async function askRows(...command: string[]): Promise<Record<string, unknown>[]> {
  return JSON.parse((await ask([...command, '--json'])).stdout) as Record<string, unknown>[];
}

async function headerOf(...command: string[]): Promise<string[]> {
  const [header = []] = parse((await ask([...command, '--csv'])).stdout);
  return header;
}

it('a year that changes over in the middle tells what changed, and nothing that is only first known', async () => {
  const environment = await databaseEnvironment();
  await lookInto(environment, takeYear);
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());

  const changes = await askRows('changes');
  expect(
    changes.map((one) => [one['run_id'], one['organization_id'], one['kind'], one['super_administrator']]),
  ).toEqual([
    [50, acme, 'roles_changed', null],
    [seam, globex, 'roles_changed', null],
    [250, acme, 'two_factor_changed', null],
    [300, hooli, 'policies_changed', 'gained'],
  ]);
  expect((await ask(['changes'])).stdout).toContain('enforced → not enforced');
  expect(await ask(['verify'])).toMatchObject({
    status: 0,
    stdout: expect.stringContaining(`${nights}`) as string,
  });

  await expectRuns();
  await expectMembers();
  await expectDiff();
  await expectHistory();
  await expectPage();
  const folder = path.join(scratchFolder(), 'export');
  expect(await ask(['export', '--out', folder])).toMatchObject({ status: 0 });
  expect(await ask(['verify', '--file', folder])).toMatchObject({ status: 0 });
});

async function expectRuns(): Promise<void> {
  const runs = await askRows('runs', '--limit', '365');
  expect(runs.map(({ source }) => source).reverse()).toEqual(
    Array.from({ length: nights }, (_, index) => (index + 1 < seam ? 'organizations' : 'memberships')),
  );
  expect((await headerOf('runs')).at(-1)).toBe('source');
  expect((await ask(['runs', '--limit', '1'], 160)).stdout).toContain('memberships');
  expect((await ask(['runs', '--limit', '1'], 80)).stdout).not.toContain('source');
}

async function expectMembers(): Promise<void> {
  const held = await askRows('members', '--role', 'super administrator');
  expect(held).toMatchObject([
    { organization_id: hooli, policies: [superAdministrator], two_factor_enforced: true },
    { organization_id: umbra, roles: [], api_access: null },
  ]);
  const shown = (await ask(['members'], 80)).stdout.split('\n');
  expect(shown.filter((line) => line.includes('Super Administrator by policy'))).toHaveLength(2);
  const before = await askRows('members', '--at', '300d');
  expect(before).toMatchObject([1, 2, 3, 4].map(() => ({ policies: null, two_factor_enforced: null })));
}

async function expectDiff(): Promise<void> {
  const across = await ask(['diff', String(seam - 1), String(seam), '--json']);
  expect(JSON.parse(across.stdout)).toMatchObject([{ organization_id: globex, kind: 'roles_changed' }]);
  expect(across.stderr).toMatch(/name, status and roles.*183 was read from organizations.*184.*memberships/);
  expect(await askRows('diff', '1', '365')).toMatchObject([
    { organization_id: acme, kind: 'roles_changed' },
    { organization_id: globex, kind: 'roles_changed' },
  ]);
  const within = await ask(['diff', String(seam), '365', '--json']);
  expect(JSON.parse(within.stdout)).toMatchObject([
    { organization_id: hooli, kind: 'policies_changed', super_administrator: 'gained' },
    { organization_id: acme, kind: 'two_factor_changed', before: 'true', after: 'false' },
  ]);
  expect(within.stderr).toBe('');
}

async function expectHistory(): Promise<void> {
  const episodes = await askRows('history', acme);
  expect(episodes.map(({ what, run_id, source }) => [what, run_id, source])).toEqual([
    ['member', 1, 'organizations'],
    ['roles_changed', 50, null],
    ['member', 50, 'organizations'],
    ['member', seam, 'memberships'],
    ['two_factor_changed', 250, null],
    ['member', 250, 'memberships'],
  ]);
  const header = await headerOf('history', acme);
  expect(header.slice(header.indexOf('super_administrator') + 1)).toEqual([
    'membership_id',
    'two_factor_enforced',
    'api_access',
    'policies',
    'parent_organization',
    'source',
  ]);
  const told = (await ask(['history', acme])).stdout;
  expect(told.match(/first read from memberships: only name, status and roles are compared/g)).toHaveLength(
    1,
  );
  expect(told).toContain('two factors not enforced');
  expect((await ask(['history', umbra])).stdout).toContain('Super Administrator by policy');
}

async function expectPage(): Promise<void> {
  const file = path.join(scratchFolder(), 'audit.html');
  const made = await ask(['audit', file]);
  expect(made.stdout).toContain('4 memberships, 4 changes, 365 runs, 0 gaps');
  const [, json = ''] =
    /<script type="application\/json" id="data">(.*)<\/script>\n/.exec(readFileSync(file, 'utf8')) ?? [];
  const { principals, timelines } = JSON.parse(json) as PageData;
  expect(principals[0]?.seams).toHaveLength(1);
  expect(timelines.length).toBeGreaterThan(0);
}
