/**
 * What a report takes: composed in all its forms, its CSV read back. Reproduce with `npm run bench:reports`, which takes a
 * minute; it ends with status 1 when a target is missed.
 *
 * | work | time | peak memory |
 * | --- | ---: | ---: |
 * | 20,000 changes, one route | 0.6 s (≤ 2) | 199 MB (≤ 200) |
 * | 20,000 changes, a hundred routes | 2.1 s (≤ 3) | 309 MB |
 *
 * Every kind of change that both sources tell occurs; half of them are equal but for the organization. Each route has two kinds and a pattern of
 * roles, and a quarter of them the same as another. Medians of three processes; the memory is all of the process, of which Node.js
 * with the modules takes what stands behind it.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { accessOf, stepOfSuperAdministrator } from '../src/domain/access.ts';
import { type Change, changeKinds, kinds } from '../src/domain/change.ts';
import { nothingKnown } from '../src/domain/membership.ts';
import { composeReports } from '../src/report/addressed.ts';
import { type Audience } from '../src/report/audience.ts';

const { values: chosen } = parseArgs({ options: { part: { type: 'string' } } });

const count = 20_000;
const at = new Date('2026-08-14T02:00:05Z');
const roles = [
  'Administrator',
  'Billing',
  'DNS',
  'Analytics',
  'Cache Purge',
  'Super Administrator - All Privileges',
];

/** The kinds of which patterns of roles may mean some: of what `/memberships` alone tells most are about no role. */
const kindsOfRoles = changeKinds.filter((kind) => !/^(?:policies|two_factor|api_access|parent)_/.test(kind));

function changeOf(index: number): Change {
  const kind = kindsOfRoles[index % kindsOfRoles.length] ?? 'left';
  const added =
    index % 2 === 0 ? ['Administrator', 'Billing'] : [roles[index % 5] ?? 'DNS', `Role ${index % 97}`];
  const removed = index % 401 === 0 ? [roles[5] ?? ''] : [];
  return {
    id: index + 1,
    runId: 812,
    baselineRunId: 811,
    principal: 'ops-bot',
    category: kinds[kind],
    kind,
    organizationId: index.toString(16).padStart(32, '0'),
    organizationName: `Organization ${index}`,
    before: null,
    after: null,
    added,
    removed,
    notBefore: at,
    notAfter: at,
    returning: false,
    byUs: false,
    invitedBy: null,
    invitedOn: null,
    expiresOn: null,
    goneBecause: null,
    offered: [],
    superAdministrator: stepOfSuperAdministrator(accessBy(removed), accessBy(added)),
  };
}

const accessBy = (roles: readonly string[]) =>
  accessOf({ ...nothingKnown, organizationId: '', status: 'member', roles });

const route = (index: number): Audience => ({
  to: [`route-${index}@example.com`],
  kinds: [kindsOfRoles[index % 11] ?? 'left', kindsOfRoles[(index % 75) % 7] ?? 'joined'],
  roles: [`*${roles[index % 5] ?? 'DNS'}*`, `Role ${index % 75}`],
});

/** Composes once, and prints milliseconds and megabytes. */
function compose(audiences: readonly Audience[]): void {
  const changes = Array.from({ length: count }, (_, index) => changeOf(index));
  const run = {
    runId: 812,
    principal: 'ops-bot',
    baselineRunId: 811,
    finishedAt: at,
    window: { notBefore: at, notAfter: at },
    members: count,
    invited: 0,
    other: 0,
    chain: '9f2c'.repeat(16),
    conclusion: 'listings 1 and 2 agree',
    identityChecked: true,
    missedRuns: 0,
    aheadUntil: null,
    releasedRunIds: [],
    sourceChange: null,
    recovered: false,
    isApproved: false,
  };
  const voice = { command: 'npx --no rollcall', timezone: 'Europe/Madrid' };
  const began = performance.now();
  const reports = composeReports(run, { changes }, { audiences, voice });
  const ms = performance.now() - began;
  console.log(JSON.stringify({ ms, megabytes: peakMegabytes(), reports: reports.length }));
}

function peakMegabytes(): number {
  const peak = /^VmHWM:\s*(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Number(peak ?? NaN) / 1024;
}

interface Figures {
  ms: number;
  megabytes: number;
  reports: number;
}

function measure(part: string): Figures {
  const runs = [1, 2, 3].map(() => {
    const said = execFileSync(
      process.execPath,
      ['--semi-space-growth-factor=1', import.meta.filename, '--part', part],
      {
        encoding: 'utf8',
      },
    );
    return JSON.parse(said) as Figures;
  });
  const medianOf = (figure: keyof Figures) => {
    const [, median = NaN] = runs.map((run) => run[figure]).toSorted((left, right) => left - right);
    return median;
  };
  return { ms: medianOf('ms'), megabytes: medianOf('megabytes'), reports: medianOf('reports') };
}

function tell(what: string, value: number, [most, unit]: readonly [number, string]): void {
  const isMissed = value > most;
  if (isMissed) process.exitCode = 1;
  console.log(
    `| ${what} | ${value.toFixed(value < 10 ? 2 : 0)} ${unit} (≤ ${most})${isMissed ? ' MISSED' : ''} |`,
  );
}

if (chosen.part === 'one') compose([{ to: ['security@example.com'] }]);
else if (chosen.part === 'routes') compose(Array.from({ length: 100 }, (_, index) => route(index)));
else {
  const one = measure('one');
  const routes = measure('routes');
  console.log('| work | |\n| --- | --- |');
  tell(`${count} changes, one route`, one.ms / 1000, [2, 's']);
  tell(`${count} changes, one route: peak memory`, one.megabytes, [200, 'MB']);
  tell(`${count} changes, 100 routes, ${routes.reports} reports`, routes.ms / 1000, [3, 's']);
  console.log(`| the same: peak memory | ${routes.megabytes.toFixed(0)} MB |`);
}
