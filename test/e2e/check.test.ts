import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'drizzle-orm';
import { simpleParser } from 'mailparser';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { type Check } from '../../src/checks/check.ts';
import { type Database, openPostgres, queryRows } from '../../src/database/database.ts';
import { Secret } from '../../src/domain/secret.ts';
import { startMailServer } from '../deliver/mail-server.ts';
import { type Ended, scratchFolder } from '../support/command-line.ts';
import { databaseKind } from '../support/database.ts';
import { lookInto } from '../support/database-environment.ts';
import { deploy } from '../support/deployment.ts';
import { createDatabase, dropDatabase, executeOn, urlOf } from '../support/postgres-databases.ts';

/** Everything that the database holds, of the queue too: a hash for each table. */
async function hashTables(db: Database): Promise<Record<string, unknown>[]> {
  const tables = await queryRows<{ name: string }>(
    db,
    sql`select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('rollcall', 'pgboss') order by 1`,
  );
  const hashes = tables.map(async ({ name }) => {
    const content = sql`select md5(coalesce(string_agg(t::text, ' ' order by t::text), '')) as hash from ${sql.raw(name)} as t`;
    return { name, ...(await queryRows(db, content))[0] };
  });
  return Promise.all(hashes);
}

/** What is said of one thing: its line without the name. */
function lineOf({ stdout }: Ended, name: string): string {
  const line = stdout.split('\n').find((one) => one.slice(6).startsWith(`${name} `));
  return line === undefined ? '' : line.replace(name, '').replace(/\s+/, ' ');
}

/** The names of the lines in that state. */
function namesIn({ stdout }: Ended, state: 'ok' | 'warn' | 'FAIL'): string[] {
  const lines = stdout.split('\n').filter((line) => line.startsWith(`${state} `));
  return lines.map((line) => line.slice(6).split(/ {2,}/)[0] ?? '');
}

const allNames = [
  'configuration',
  'database',
  'clock',
  'migrations',
  'queue',
  'credentials default',
  'identity default',
  'runs default',
  'ping default',
  'reports',
  'workers',
  'routes',
  'mail',
  'schedule',
];

/** What has nothing to do with the kind of database is asked of one of them. */
const onOne = it.runIf(databaseKind() === 'postgres');

describe('rollcall check', () => {
  it('says line by line that it would work tonight, and leaves everything as it was', async () => {
    const { simulator, mailServer, database, rollcall, variables } = await deploy();
    await rollcall(['run']);
    const [before, mails, asked] = [
      await lookInto(database, hashTables),
      mailServer.messages.length,
      simulator.requests.length,
    ];
    expect(before.length).toBeGreaterThan(10);

    const check = await rollcall(['check'], {
      ROLLCALL_TIMEZONE: 'Europe/Madrid',
      ROLLCALL_PING_URL: 'http://127.0.0.1:1/ping-secret',
    });

    expect(check).toMatchObject({ status: 0, stderr: '' });
    expect(namesIn(check, 'ok')).toEqual(allNames.filter((name) => name !== 'workers'));
    expect(lineOf(check, 'workers')).toMatch(
      /^warn none was ever seen on this database\. Start `rollcall worker`/,
    );
    expect(check.stdout).toMatch(/\n\nIt would work tonight, with one warning\.\n$/);
    expect(lineOf(check, 'configuration')).toMatch(
      /^ok 1 principal, 1 recipient; no file read, set .*CLOUDFLARE_API_TOKEN.*ROLLCALL_PING_URL/,
    );
    expect(lineOf(check, 'migrations')).toContain('at this version');
    expect(lineOf(check, 'credentials default')).toContain('API token; 60 organizations');
    expect(lineOf(check, 'identity default')).toContain('as at the last complete run');
    expect(lineOf(check, 'routes')).toMatch(
      /^ok route 1 \(.*@.*\): 1 report of changes, 0 of trouble in the last 30 nights, and the digest$/,
    );
    expect(lineOf(check, 'schedule')).toMatch(
      /"0 2 \* \* \*" in Europe\/Madrid; next (?:[\d-]+ 02:00 \([\d-]+ 0[01]:00 UTC\)(?:, )?){3}$/,
    );
    for (const secret of [variables['CLOUDFLARE_API_TOKEN'], 'ping-secret']) {
      expect(check.stdout).not.toContain(secret);
    }
    expect(await lookInto(database, hashTables)).toEqual(before);
    expect(mailServer.messages).toHaveLength(mails);
    expect(simulator.requests.slice(asked).map(({ method, path: at }) => `${method} ${at}`)).toEqual([
      'GET /client/v4/user',
      'GET /client/v4/user/organizations',
    ]);
  });

  onOne('tells a token that is wrong in one line with its remedy, and looks at everything else', async () => {
    const { rollcall, variables } = await deploy();
    const wrong = 'wrong-token-0123456789';
    const check = await rollcall(['check'], { CLOUDFLARE_API_TOKEN: wrong });
    expect(check).toMatchObject({
      status: 1,
      stderr: 'rollcall: It would not work tonight: credentials default failed.\n',
    });
    expect(namesIn(check, 'FAIL')).toEqual(['credentials default']);
    expect(namesIn(check, 'warn')).toEqual(['identity default', 'workers']);
    expect(lineOf(check, 'credentials default')).toMatch(/GET \/user with 4\d\d \(.*\)\. .* copy it again/);
    expect(namesIn(check, 'ok')).toEqual(
      allNames.filter((name) => !/^(?:credentials|identity|ping|workers)/.test(name)),
    );
    expect(check.stdout).not.toContain(wrong);
    expect(check.stdout).not.toContain(variables['CLOUDFLARE_API_TOKEN']);
  });

  onOne('tells when the credentials belong to another Cloudflare user than last time', async () => {
    const { simulator, rollcall } = await deploy();
    await rollcall(['run']);
    const { userId } = simulator.world.principal();
    simulator.world.principal().userId = 'f'.repeat(32);
    const check = await rollcall(['check', '--json']);
    expect(check.status).toBe(1);
    const { ok, checks } = JSON.parse(check.stdout) as { ok: boolean; checks: Check[] };
    expect(ok).toBe(false);
    expect(checks.filter(({ state }) => state === 'fail')).toEqual([
      {
        check: 'identity',
        principal: 'default',
        state: 'fail',
        found: `these credentials belong to the Cloudflare user ${'f'.repeat(32)}, the last complete run was of ${userId}`,
        remedy: expect.stringContaining("its own user's credentials") as string,
      },
    ]);
    expect(checks.map(({ check: name }) => name)).toEqual(
      expect.arrayContaining(['database', 'queue', 'reports', 'mail', 'schedule']),
    );
  });

  onOne(
    'warns of what a person has to decide or to mend, with the command, and still exits with 0',
    async () => {
      const { simulator, rollcall } = await deploy();
      const dead = { SMTP_URL: 'smtp://127.0.0.1:1' };
      await rollcall(['run'], dead);
      simulator.world.principal().removeAll();
      await rollcall(['run'], dead);
      simulator.world.principal().tokenMay.user = false;
      const check = await rollcall(['check']);
      expect(check.status).toBe(0);
      expect(namesIn(check, 'warn')).toEqual(['identity default', 'held default', 'reports', 'workers']);
      expect(check.stdout).toMatch(/It would work tonight, with 4 warnings\.\n$/);
      expect(lineOf(check, 'identity default')).toContain('permission User Details Read');
      expect(lineOf(check, 'held default')).toContain('`rollcall approve 2` believes it');
      expect(lineOf(check, 'reports')).toMatch(/2 owed.*`rollcall reports`/);
    },
  );

  onOne('takes a faulty configuration for one, as every command does', async () => {
    const { rollcall, simulator } = await deploy();
    const check = await rollcall(['check'], { ROLLCALL_TIMEZONE: 'Mars/Olympus' });
    expect(check).toMatchObject({ status: 2, stdout: '' });
    expect(check.stderr).toContain('ROLLCALL_TIMEZONE: expected an IANA time zone');
    expect(await rollcall(['check', '--principal', 'nobody'])).toMatchObject({ status: 2, stdout: '' });
    expect(simulator.requests).toHaveLength(0);
  });
});

describe.runIf(databaseKind() === 'postgres')('rollcall check, of the mail', () => {
  it('tells a wrong password and a dead server, without the password', async () => {
    const { rollcall } = await deploy();
    await using strict = await startMailServer({
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      onAuth: ({ password = '' }, _session, done) =>
        done(Object.assign(new Error(`not with ${password}`), { responseCode: 535 })),
    });
    const refused = await rollcall(['check'], {
      SMTP_URL: `smtp://ops:hunter2hunter2@127.0.0.1:${strict.port}`,
    });
    expect([refused.status, namesIn(refused, 'FAIL')]).toEqual([1, ['mail']]);
    expect(lineOf(refused, 'mail')).toMatch(/535.*\. Check the user and the password in SMTP_URL\.$/);
    expect(refused.stdout + refused.stderr).not.toContain('hunter2');

    const dead = await rollcall(['check'], { SMTP_URL: 'smtp://127.0.0.1:1' });
    expect([dead.status, namesIn(dead, 'FAIL')]).toEqual([1, ['mail']]);
    expect(lineOf(dead, 'mail')).toMatch(/127\.0\.0\.1:1: .*ECONNREFUSED.*correct SMTP_URL\.$/);
  });

  it('sends everybody a sample that says it is a test, when asked, and tells who was refused', async () => {
    const { rollcall, mailServer, readHistory } = await deploy({
      mailServer: {
        onRcptTo: ({ address }, _session, done) => {
          const isRefused = address.startsWith('gone@');
          done(isRefused ? Object.assign(new Error('no such user'), { responseCode: 550 }) : null);
        },
      },
    });
    const check = await rollcall(['check', '--send-test-mail'], {
      MAIL_TO: 'a@example.com,A@example.com,b@example.com,gone@example.com',
    });
    expect([check.status, namesIn(check, 'FAIL')]).toEqual([1, ['test mail']]);
    expect(check.stdout).toMatch(/ok +test mail +sent to b@example\.com: /);
    expect(check.stdout).toMatch(
      /FAIL +test mail +not sent to gone@example\.com: .*550 no such user\. Correct the address/,
    );
    const mails = await Promise.all(mailServer.messages.map((message) => simpleParser(message)));
    expect(mails.map(({ to }) => [to].flat()[0]?.text)).toEqual(['a@example.com', 'b@example.com']);
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(2);
    expect(mails[0]).toMatchObject({
      subject: expect.stringMatching(/^\[rollcall\] Test mail, not a report: /) as string,
      text: expect.stringMatching(/^This is a test.*about: default\./s) as string,
      html: expect.stringMatching(/<body[^>]*>\s*<p[^>]*><strong>This is a test/) as string,
      attachments: [{ filename: 'rollcall-default-2026-08-14.csv' }],
    });
    const headers = ['x-rollcall-kind', 'x-rollcall-principal', 'priority', 'auto-submitted'];
    expect(headers.map((name) => mails[0]?.headers.get(name))).toEqual([
      'changes',
      'default',
      'high',
      'auto-generated',
    ]);
    expect((await readHistory()).deliveries).toEqual([]);
  });

  onOne('sends a test to those of --to alone, who have to get reports', async () => {
    const { rollcall, readMails, variables } = await deploy();
    variables['MAIL_TO'] = 'a@example.com,b@example.com,c@example.com';
    const check = await rollcall([
      'check',
      '--send-test-mail',
      '--to',
      'B@example.com',
      '--to',
      'b@example.com',
    ]);
    expect(check.stdout.match(/test mail/g)).toHaveLength(1);
    expect((await readMails()).map(({ to }) => [to].flat()[0]?.text)).toEqual(['b@example.com']);
    const refusals: [words: string[], told: RegExp][] = [
      [
        ['--send-test-mail', '--to', 'd@example.com'],
        /d@example\.com gets no reports.*Did you mean a@example\.com/,
      ],
      [
        ['--send-test-mail', '--to', 'a@example.com', '--to', 'thief@example.net'],
        /thief@example\.net gets no/,
      ],
      [['--to', 'a@example.com'], /--send-test-mail sends, which is not given/],
    ];
    for (const [words, told] of refusals) {
      expect(await rollcall(['check', ...words])).toMatchObject({
        status: 2,
        stdout: '',
        stderr: expect.stringMatching(told) as string,
      });
    }
    expect(await readMails()).toHaveLength(1);
  });
});

describe.runIf(databaseKind() === 'postgres')('rollcall check, of a PostgreSQL', () => {
  async function bareDatabase(): Promise<string> {
    const serverUrl = inject('postgresUrl');
    const url = await createDatabase(serverUrl);
    onTestFinished(() => dropDatabase(serverUrl, url));
    await executeOn(url, 'drop schema rollcall cascade; drop schema pgboss cascade');
    return url;
  }

  it('tells which migrations are to come, and applies none', async () => {
    const { rollcall } = await deploy();
    const url = await bareDatabase();
    const check = await rollcall(['check'], { DATABASE_URL: url });
    expect(check).toMatchObject({ status: 0, stderr: '' });
    expect(lineOf(check, 'migrations')).toMatch(/ok \d+ migrations to be applied: .*`rollcall migrate`/);
    expect(lineOf(check, 'queue')).toContain('not installed yet');
    expect(lineOf(check, 'runs default')).toContain('none yet');
    const opened = await openPostgres(new Secret(url));
    onTestFinished(() => opened.close());
    expect(
      await queryRows(
        opened.db,
        sql`select nspname from pg_namespace where nspname in ('rollcall', 'pgboss')`,
      ),
    ).toEqual([]);
  });

  it('tells that the user may not migrate it, and that a newer version has', async () => {
    const { rollcall, database } = await deploy();
    const url = await bareDatabase();
    await executeOn(url, `create role visitor login password 'visitor'`);
    onTestFinished(() => executeOn(inject('postgresUrl'), 'drop role visitor'));
    const visitor = new URL(url);
    [visitor.username, visitor.password] = ['visitor', 'visitor'];
    const barred = await rollcall(['check'], { DATABASE_URL: visitor.href });
    expect([barred.status, namesIn(barred, 'FAIL')]).toEqual([1, ['migrations', 'queue']]);
    expect(lineOf(barred, 'migrations')).toContain('make schemas in the database');

    const ours = 'DATABASE_URL' in database ? database.DATABASE_URL : '';
    await executeOn(ours, `insert into rollcall.migrations (tag, hash) values ('9999_future', 'f00d')`);
    const newer = await rollcall(['check']);
    expect([newer.status, namesIn(newer, 'FAIL')]).toEqual([1, ['migrations']]);
    expect(lineOf(newer, 'migrations')).toMatch(/9999_future.*newer.*Start that version/);
    expect(lineOf(newer, 'history')).toMatch(/^warn.*not looked at/);
  });

  it('tells where there is none, and looks at Cloudflare and the mail all the same', async () => {
    const { rollcall } = await deploy();
    const nowhere = urlOf(inject('postgresUrl'), 'nowhere');
    const check = await rollcall(['check'], { DATABASE_URL: nowhere });
    expect([check.status, namesIn(check, 'FAIL')]).toEqual([1, ['database']]);
    expect(lineOf(check, 'database')).toMatch(/Create the database, or correct its name in DATABASE_URL\.$/);
    expect(namesIn(check, 'ok')).toEqual([
      'configuration',
      'credentials default',
      'routes',
      'mail',
      'schedule',
    ]);
  });
});

describe.runIf(databaseKind() === 'pglite')('rollcall check, of an embedded database', () => {
  it('makes none where there is none yet', async () => {
    const { rollcall } = await deploy();
    const folder = scratchFolder();
    const check = await rollcall(['check'], { ROLLCALL_DATA_DIR: folder, SMTP_URL: '' });
    expect(check).toMatchObject({ status: 0, stderr: '' });
    expect(lineOf(check, 'database')).toMatch(/none yet in .*pglite; .*`rollcall migrate`/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('names the process that has it', async () => {
    const { rollcall } = await deploy();
    const folder = scratchFolder();
    const holder = spawn(
      process.execPath,
      [path.join(import.meta.dirname, '../database/embedded-holder.ts'), path.join(folder, 'pglite')],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    onTestFinished(() => void holder.kill('SIGKILL'));
    await once(holder.stdout, 'data');
    const check = await rollcall(['check'], { ROLLCALL_DATA_DIR: folder });
    expect([check.status, namesIn(check, 'FAIL')]).toEqual([1, ['database']]);
    expect(lineOf(check, 'database')).toMatch(
      new RegExp(`FAIL .*is in use by process ${holder.pid} on .*\\. It serves one process at a time: `),
    );
  });
});
