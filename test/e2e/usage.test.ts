import { expect, it, onTestFinished, vi } from 'vitest';
import { readCommandLine } from '../../src/cli/program.ts';
import { type Database } from '../../src/database/database.ts';
import { endRunShort } from '../../src/schedule/claim.ts';
import { tellStory } from '../history/story.ts';
import { databaseEnvironment, lookInto } from '../support/database-environment.ts';
import {
  acme,
  aMembership,
  claim,
  evidence,
  globex,
  night,
  organizationId,
  takeNight,
  tryToClaim,
} from '../support/nights.ts';
import { onPaper } from '../support/paper.ts';

const namesake = organizationId(7);

/** The real command line in this process, on a history of its own. */
async function onHistory(tell: (db: Database) => Promise<void>) {
  const database = await databaseEnvironment();
  await lookInto(database, tell);
  const variables = { ...database, CLOUDFLARE_API_TOKEN: 'cfut_t', ROLLCALL_PRINCIPAL: 'new-bot' };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  return async (line: string, width: number | null = null) => {
    const paper = onPaper(width);
    const words = Array.from(line.matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, bare]) => quoted ?? bare ?? '');
    const status = await readCommandLine(words, paper.terminal);
    return { status, stdout: paper.printed(), stderr: paper.warned() };
  };
}

/** A night of that day in August that fails. */
async function failNight(db: Database, day: number, principal = 'legacy'): Promise<void> {
  const run = await claim(db, { principal, at: night(day) });
  await endRunShort(db, run, { state: 'failed', error: 'no answer', evidence, now: night(day) });
}

/** Two principals at Acme and Globex over five nights, and another organization called Acme. */
async function tell(db: Database): Promise<void> {
  await tellStory(db);
  const atNamesake = aMembership({ organizationId: namesake, organizationName: 'ACME', roles: ['Billing'] });
  await takeNight(db, [atNamesake], { principal: 'legacy', at: night(6) });
}

it('what is not known is wrong usage, and the nearest that is known is named', async () => {
  const call = await onHistory(async (db) => {
    await tell(db);
    await tryToClaim(db, { principal: 'ops-bot', at: night(7) });
  });
  const refusals: Record<string, RegExp> = {
    'runs --principal ops-bt': /No principal is called ops-bt\. Did you mean ops-bot\?/,
    'members --principal LEGACY': /Did you mean legacy\?/,
    'changes --principal nobody': /No principal is called nobody\. There are: legacy, ops-bot, new-bot\./,
    'audit - --principal legasy': /Did you mean legacy\?/,
    'export --principal ops-bt': /Did you mean ops-bot\?/,
    'export --format cvs': /Did you mean csv\? Allowed are ndjson, csv/,
    'reports --principal nwe-bot': /Did you mean new-bot\?/,
    'run --principal new-bt': /configured: new-bot\. Did you mean new-bot\?/,
    'principals retire legasy': /Did you mean legacy\?/,
    'members --organization Globx':
      /No organization is known by the name or id Globx\. Did you mean Globex\?/,
    'changes --organization "Acme Ltd"': /No organization .* Acme Ltd/,
    [`members --organization ${acme.slice(1)}`]: /No organization/,
    'changes --organization nothing-like-it': /`rollcall members` lists/,
    'members --role Admin': /role Admin\. Did you mean Administrator\?/,
    'members --role "super administrator"': /No membership has had the role super administrator\./,
    'members --status membre': /status membre\. Did you mean member\?/,
    'changes --kind lefft': /Did you mean left\? Allowed are left, /,
    'runs --state hold': /Did you mean held\? Allowed are running, /,
    'reports --kind basline': /Did you mean baseline\?/,
    'reports --state snt': /Did you mean sent\?/,
    'organizations list --order nmae': /Did you mean name\?/,
    'organizations list --order acount.name': /Did you mean account\.name\?/,
    'organizations list --source membership': /Did you mean memberships\?/,
    'organizations list --source memberships --match any':
      /\/memberships has no --match: it takes --name, --status, --order, --direction, --page, --per-page\./,
    'organizations list --source memberships --status member':
      /\/memberships takes no --status member\. Did you mean accepted\? Allowed are accepted, pending, rejected\./,
    'organizations list --source memberships --status invited': /Did you mean pending\?/,
    'organizations list --source memberships --order name': /Did you mean account\.name\?/,
    'organizations list --status pending':
      /\/user\/organizations takes no --status pending\. Did you mean invited\? Allowed are member, invited\./,
    'organizations list --status rejected':
      /\/user\/organizations takes no --status rejected\. Allowed are member, invited\./,
    'organizations list --order account.name --page 1': /Did you mean name\? Allowed are id, name, status\./,
    'reports show 99': /There is no report 99; there is none yet\./,
    'reports resend 99': /There is no report 99/,
    'reports preview --sample --kind hold': /Did you mean held\?/,
    'reports preview --principal new-bt': /configured: new-bot\. Did you mean new-bot\?/,
    'reports prevew': /unknown command 'prevew'\. Did you mean preview\?/,
    'check --to a@example.com': /--send-test-mail sends, which is not given/,
    'check --send-test-mail --to outbox@locahost': /Did you mean outbox@localhost\?/,
    'approve 99': /There is no run 99; no run is held\./,
    'reject 99': /There is no run 99; no run is held\./,
    'history Globx': /No organization is known by the name or id Globx\. Did you mean Globex\?/,
    'history globex --principal legasy': /Did you mean legacy\?/,
    'history globex --until 2026-08-01': /Nothing was observed before 2026-08-01T02:00:00\.000Z/,
    history: /missing required argument 'organization'/,
    'diff 1 99': /There is no run 99\. The nearest that is complete: 7 \(legacy\)\./,
    'diff 99 1': /There is no run 99\./,
    'diff 8 1': /Run 8 of ops-bot saw no snapshot that counts: it is running\. .* complete: 6 \(ops-bot\)\./,
    'diff 1 2':
      /Run 1 is of ops-bot and run 2 of legacy: .* nearest that are complete: 1 \(ops-bot\) and 3 \(ops-bot\)\./,
    'diff 1': /missing required argument 'other'/,
    'diff 1 2 3': /too many arguments/,
    rnus: /unknown command 'rnus'\s+\(Did you mean runs\?\)/,
    'organizations lst': /\(Did you mean list\?\)/,
    'reports shwo 7': /unknown command 'shwo'\. Did you mean show\?/,
    'principals renam a b': /unknown command 'renam'\. Did you mean rename\?/,
    'runs --principals legacy':
      /unknown option '--principals'\s+\(Did you mean --principal\?\)\s+Run it with --help/,
    'reports show 7 --jsn': /\(Did you mean --json\?\)/,
  };
  for (const [line, told] of Object.entries(refusals)) {
    const ended = await call(line);
    expect(ended, line).toEqual({ status: 2, stdout: '', stderr: expect.stringMatching(told) as string });
  }
});

it('a number or a time that means nothing is wrong usage', async () => {
  const call = await onHistory(tell);
  const refusals: Record<string, RegExp> = {
    'runs --limit 0': /whole number of at least 1/,
    'changes --limit abc': /whole number of at least 1/,
    'members --limit -1': /whole number of at least 1/,
    'reports --limit 1.5': /whole number of at least 1/,
    'history globex --since 2126-01-01': /is yet to come/,
    'history globex --since 2026-08-02 --until 2026-08-01': /is not before --until/,
    'diff 0 1': /whole number of at least 1/,
    'diff one two': /whole number of at least 1/,
    'runs --since 2126-01-01': /--since 2126-01-01T00:00:00\.000Z is yet to come/,
    'changes --since 2126-01-01': /is yet to come/,
    'members --at 2126-01-01': /--at .* is yet to come/,
    'export --since 2126-01-01': /is yet to come/,
    'export --since 2026-08-02 --until 2026-08-01': /is not before --until/,
    'changes --since 2026-08-02 --until 2026-08-01': /--since 2026-08-02.* is not before --until 2026-08-01/,
    'changes --since 2026-08-02 --until 2026-08-02': /there is nothing in between/,
    'changes --since yesterday': /Expected a time such as/,
    'members --at 2026-07-01': /Nothing was observed before 2026-08-01T02:00:00\.000Z/,
    'members --at 2026-07-01 --principal legacy': /Nothing was observed of legacy before 2026-08-01/,
    'audit - --since 2126-01-01': /is yet to come/,
    'audit - --since 2026-08-02 --until 2026-08-01': /is not before --until/,
    'audit - --until 2026-07-01': /Nothing was observed before 2026-07-01/,
    'audit - --principal new-bot': /Nothing was observed of new-bot yet/,
    'audit package.json': /package\.json is there already: --force/,
    'members --at 1d --principal new-bot': /Nothing was observed of new-bot yet/,
  };
  for (const [line, told] of Object.entries(refusals)) {
    const ended = await call(line);
    expect(ended, line).toEqual({ status: 2, stdout: '', stderr: expect.stringMatching(told) as string });
  }
});

it('that there is nothing to print is said in the words of the question', async () => {
  const call = await onHistory(async (db) => {
    await tell(db);
    await tryToClaim(db, { principal: 'late-bot', at: night(9) });
  });
  const answers: Record<string, RegExp> = {
    'runs --state held': /^No run is held\.\n$/,
    'runs --state failed --principal legacy': /^No run of legacy failed\.\n$/,
    'runs --principal new-bot': /^No run of new-bot was begun\.\n$/,
    'runs --since 2026-09-01': /^No run was begun, of those begun since 2026-09-01/,
    'changes --principal legacy --kind joined --since 2026-08-01 --until 2026-08-02':
      /^No changes of kind joined of legacy since 2026-08-01.* before 2026-08-02/,
    [`changes --organization ${namesake} --kind left`]: /^No changes of kind left in 0+7\.\n/,
    'changes --until 2026-08-01': /^No changes before 2026-08-01T00:00:00\.000Z\.\n$/,
    'history globex --principal late-bot': /^Nothing was observed of late-bot yet: no run is complete\.\n$/,
    'history globex --principal new-bot': /^Nothing was observed of new-bot yet: no run is complete\.\n$/,
    [`history ${acme} --principal legacy`]:
      /^legacy was not seen in 0\w+: it is observed since 2026-08-01T02:00:00\.000Z\.\n$/,
    'reports --kind held --state failed': /^No report of kind held with a delivery that is failed\.\n$/,
    'diff 1 1': /^Nothing differs: both are run 1 \(complete 2026-08-01T02:00:00\.000Z\) of ops-bot\.\n$/,

    'members --principal late-bot': /^Nothing was observed of late-bot yet/,
    'members --status invited --role DNS': /^No such memberships\.\n$/,
  };
  for (const [line, told] of Object.entries(answers)) {
    const ended = await call(line);
    expect(ended, line).toEqual({ status: 0, stdout: '', stderr: expect.stringMatching(told) as string });
    expect(await call(`${line} --json`), line).toMatchObject({ status: 0, stdout: '[]\n' });
    expect((await call(`${line} --csv`)).stdout, line).toMatch(/^[a-z_0-9,]+\r\n$/);
  }
  await call('principals retire legacy');
  expect((await call('members --principal legacy')).stderr).toMatch(/^legacy is retired since .*--at shows/);
});

it('an organization is found by its id and by its whole name, whatever the case, and a former one', async () => {
  const call = await onHistory(async (db) => {
    await tell(db);
    const renamed = aMembership({ organizationId: globex, organizationName: 'Globex \u202EHoldings' });
    await takeNight(db, [renamed], { principal: 'legacy', at: night(7) });
  });
  const idsOf = async (line: string) => {
    const { stdout } = await call(`${line} --json`);
    return [
      ...new Set((JSON.parse(stdout) as { organization_id: string }[]).map((row) => row.organization_id)),
    ];
  };

  for (const name of [globex, 'GLOBEX', 'globex ', 'Globex <U+202E>Holdings']) {
    expect(await idsOf(`members --organization "${name}"`), name).toEqual([globex]);
    expect(await idsOf(`changes --organization "${name}"`), name).toEqual([globex]);
    expect(await idsOf(`history "${name}"`), name).toEqual([globex]);
  }
  const both = await call('changes --organization acme --json');
  expect(both.stderr.split('\n')[0]).toBe(
    `2 organizations are or were called acme, and all are meant: ${namesake}, ${acme}.`,
  );
  expect(await idsOf('changes --organization acme')).toEqual([acme, namesake]);
  expect((await call('history acme --json')).stderr).toMatch(/^2 organizations are or were called acme, /);
  expect(await idsOf('history acme')).toEqual([namesake, acme]);
});

it('an answer that leaves out who was not observed yet says so', async () => {
  const call = await onHistory(async (db) => {
    await tell(db);
    await takeNight(db, [aMembership()], { principal: 'late-bot', at: night(9) });
  });
  const { status, stderr } = await call('members --at 2026-08-01T02:00:00Z');

  expect({ status, stderr }).toEqual({
    status: 0,
    stderr: 'Nothing was observed of late-bot before 2026-08-09T02:00:00.000Z.\n',
  });
});

it('an answer about a time that nobody observed says so, and an answer about another does not', async () => {
  const call = await onHistory(async (db) => {
    await tell(db);
    await failNight(db, 7);
    await takeNight(db, [], { principal: 'legacy', at: night(8) });
  });
  const [first, sixth, eighth] = [1, 6, 8].map((day) => night(day).toISOString());
  const noRun = `legacy: not observed from ${first} to ${sixth} (there was no run)`;
  const failed = `legacy: not observed from ${sixth} to ${eighth} (run 8 failed)`;
  const noLonger = `ops-bot: not observed since ${night(5).toISOString()} (there was no run)`;
  const before = '; the answer has what was known before';
  const answers: Record<string, string[]> = {
    'members --at 2026-08-04': [`${noRun}${before}.`],
    'members --at 2026-08-04 --principal ops-bot': [],
    'members --at 2026-08-01T02:00:00Z': [],
    'members --at 2026-08-07T12:00:00Z': [`${noLonger}${before}.`, `${failed}${before}.`],
    'changes --principal legacy --until 2026-08-08': [`${noRun}.`, `${failed}.`],
    'changes --principal legacy --since 2026-08-06T02:00:00Z --until 2026-08-08': [`${failed}.`],
    'changes --principal ops-bot --until 2026-08-05': [],
    'changes --principal legacy --limit 1 --until 2026-08-08': [`${noRun}.`, `${failed}.`],
  };
  for (const [line, told] of Object.entries(answers)) {
    const { status, stderr } = await call(line);
    expect({ status, told: stderr.split('\n').filter((one) => one !== '') }, line).toEqual({
      status: 0,
      told,
    });
  }
  await call('principals retire ops-bot');
  expect((await call('changes --principal ops-bot')).stderr).toBe('');
  expect((await call('history acme --principal ops-bot')).stdout).toMatch(/retired since/);
});

it('the whole story of an organization is told in order of time, with the gaps', async () => {
  const call = await onHistory(async (db) => {
    const invited = aMembership({ organizationId: globex, organizationName: 'Globex', status: 'invited' });
    await takeNight(db, [aMembership()], { at: night(1) });
    await takeNight(db, [aMembership(), invited], { at: night(2) });
    await failNight(db, 3, 'ops-bot');
    await takeNight(db, [aMembership()], { at: night(4) });
  });
  const { status, stdout } = await call('history globex --until 2026-08-05');
  expect(status).toBe(0);
  expect(stdout.split('\n').map((line) => line.trim().replaceAll(/ {2,}/g, ' | '))).toEqual([
    `ops-bot in Globex (${globex})`,
    'from | to | what',
    '2026-08-01 02:00Z | 2026-08-02 02:00Z | absent',
    'when first observed',
    '2026-08-01 02:00Z | 2026-08-02 02:00Z | invited',
    'offer: Administrator',
    '2026-08-02 02:00Z | 2026-08-04 02:00Z | invited',
    'offer: Administrator, permissions: 1',
    '2026-08-02 02:00Z | 2026-08-04 02:00Z | gap',
    'not observed from 2026-08-02T02:00:00.000Z to 2026-08-04T02:00:00.000Z (run 3 failed)',
    '2026-08-02 02:00Z | 2026-08-04 02:00Z | invitation_gone',
    'offer: Administrator',
    '2026-08-04 02:00Z | absent',
    'last seen so 2026-08-04T02:00:00.000Z',
    expect.stringMatching(/^2026-08-04 02:00Z \| gap$/),
    expect.stringMatching(/^not observed since 2026-08-04T02:00:00\.000Z \(there was no run\)$/),
    '',
  ]);
  const rows = JSON.parse((await call('history globex --json --until 2026-08-03')).stdout) as unknown[];
  expect(rows).toMatchObject([
    { event: 'absence', what: 'absent', run_id: 1, ended_run_id: 2, change_id: null },
    {
      event: 'change',
      what: 'invited',
      kind: 'invited',
      run_id: 2,
      change_id: 1,
      offered: ['Administrator'],
    },
    { event: 'interval', status: 'invited', roles: ['Administrator'], run_id: 2, ended_run_id: 4 },
    {
      event: 'gap',
      from: night(2).toISOString(),
      to: night(4).toISOString(),
      run_id: 4,
      reason: 'run 3 failed',
    },
  ]);
  const kept = (await call('history globex --since 2026-08-04T02:00:00Z --csv')).stdout;
  expect(kept.split('\r\n').map((line) => line.split(',')[4])).toEqual([
    'what',
    'invitation_gone',
    'absent',
    'gap',
    undefined,
  ]);
});

it('what strangers chose harms no terminal and no spreadsheet, in stories and diffs too', async () => {
  const hostile = '=HYPERLINK("http://x") \u001B]0;pwned\u0007\u202E\u2066\u009B31m\nops-bot in Acme';
  const call = await onHistory(async (db) => {
    await takeNight(db, [aMembership({ organizationName: hostile, roles: [hostile] })], { at: night(1) });
    const other = `${hostile} Ltd`;
    await takeNight(db, [aMembership({ organizationName: other, roles: [other] })], { at: night(2) });
    await takeNight(db, [aMembership({ organizationName: other, status: hostile })], { at: night(3) });
  });
  for (const line of [`history ${acme}`, 'diff 1 2', 'diff 1 3', 'diff 3 1']) {
    for (const form of ['', ' --json', ' --csv']) {
      const shown = (await call(`${line}${form}`, 80)).stdout;
      expect(shown.replaceAll(/\r?\n/g, ''), line + form).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(shown, line + form).toMatch(/202E/i);
    }
    const [row] = JSON.parse((await call(`${line} --json`)).stdout) as { organization_name: string }[];
    expect(row?.organization_name).toContain(hostile);
    expect((await call(`${line} --csv`)).stdout).toContain(`"'${hostile.replaceAll('"', '""')}`);
    const lines = (await call(line, 80)).stdout.split('\n');
    expect(lines.filter((one) => one.startsWith('ops-bot in Acme'))).toEqual([]);
  }
});
