import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'drizzle-orm';
import { simpleParser } from 'mailparser';
import { type SMTPServerOptions } from 'smtp-server';
import { expect, inject, it, onTestFinished, vi } from 'vitest';
import { type Database, queryRows } from '../../src/database/database.ts';
import { folderWith } from '../config/folder.ts';
import { startWebhookServer } from '../deliver/webhook/webhook-server.ts';
import { letBackoffPass } from '../support/clock.ts';
import { scratchFolder, startRollcall, type Variables } from '../support/command-line.ts';
import { databaseKind } from '../support/database.ts';
import { lookInto } from '../support/database-environment.ts';
import { deploy } from '../support/deployment.ts';
import { executeOn } from '../support/postgres-databases.ts';

/** The passwords with what the ways to write them differ in. */
const secrets = {
  token: 'cfut_Quokka-4f9b-Token-0123456789abcdefghijkl_z',
  smtpPassword: 'Zebra "smtp\\pass/w0rd@%',
  databasePassword: 'Narwhal "db\\pass/w0rd@%',
  ping: 'xerus-5f0c2b9d-announce',
  webhook: 'Lemur-7d1e-hook-0123456789',
  webhookKey: 'TGVtdXItN2QxZS1rZXktMDEyMzQ1Njc4OUFC',
};
const { token, smtpPassword, databasePassword, ping, webhook, webhookKey } = secrets;

const base64 = (text: string) => Buffer.from(text).toString('base64');
const plainLogin = (password: string) => base64(`\0ops\0${password}`);

/** How a secret may be written. */
function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  return [
    secret,
    json,
    JSON.stringify(json).slice(1, -1),
    secret.replaceAll('"', '&quot;'),
    encodeURIComponent(secret),
    base64(secret),
    plainLogin(secret),
    Buffer.from(secret).toString('hex'),
  ];
}

/** What repeats a secret in the ways in which a server might. */
function echo(secret: string): string {
  return `no: ${[secret, encodeURIComponent(secret), base64(secret), plainLogin(secret)].join(' ')}`;
}

/** Where a secret stands that should be nowhere. */
function findLeaks(places: Readonly<Record<string, string>>): string[] {
  return Object.entries(places).flatMap(([place, text]) =>
    Object.entries(secrets).flatMap(([name, secret]) =>
      formsOf(secret).flatMap((form) => (text.includes(form) ? [`${name} in ${place}, as ${form}`] : [])),
    ),
  );
}

/** A mail server that lets in whoever logs in, until it is told not to; then it repeats the password. */
function suspiciousServer() {
  const server = { letsIn: true };
  const options: SMTPServerOptions = {
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) => {
      if (server.letsIn) done(null, { user: username });
      else done(Object.assign(new Error(echo(password ?? '')), { responseCode: 535 }));
    },
  };
  return { server, options };
}

/** On PostgreSQL: what makes the database's URL that of a user with the secret password, gone with the test. */
async function withSecretUser(): Promise<(url: string) => string> {
  if (databaseKind() === 'pglite') return (url) => url;
  const serverUrl = inject('postgresUrl');
  const name = `secretive_${randomUUID().replaceAll('-', '')}`;
  await executeOn(serverUrl, `create role ${name} superuser login password '${databasePassword}'`);
  onTestFinished(() => executeOn(serverUrl, `drop role ${name}`));
  return (url) =>
    Object.assign(new URL(url), { username: name, password: encodeURIComponent(databasePassword) }).href;
}

/** A deployment of secrets alone, in which the worst is done to them, and what has been seen of it so far. */
async function deployWithSecrets() {
  // Before the rest, so that it goes after the database that it owns.
  const urlFor = await withSecretUser();
  const { server, options } = suspiciousServer();
  const deployment = await deploy({ mailServer: options, world: { organizations: 5 } });
  const { simulator, variables, mailServer, database } = deployment;
  simulator.world.principal().apiToken = token;
  const hook = await startWebhookServer({
    respond: (response, { url = '' }) => {
      if (server.letsIn) response.writeHead(204).end();
      else response.writeHead(500).end(`${echo(webhook)} ${url} whsec_${webhookKey} ${webhookKey}`);
    },
  });
  const login = `ops:${encodeURIComponent(smtpPassword)}`;
  Object.assign(variables, {
    LOG_LEVEL: 'trace',
    ROLLCALL_HTTP: 'off',
    CLOUDFLARE_API_TOKEN: token,
    ROLLCALL_CONFIG: path.join(
      folderWith({
        'rollcall.yaml':
          'reports: [{ to: [security@example.com] }, { webhook: "${HOOK_URL}", secret: "${HOOK_SECRET}" }]',
      }),
      'rollcall.yaml',
    ),
    HOOK_URL: new URL(`/services/${webhook}`, hook.url).href,
    HOOK_SECRET: `whsec_${webhookKey}`,
    SMTP_URL: `smtp://${login}@127.0.0.1:${mailServer.port}`,
    ...('DATABASE_URL' in database && { DATABASE_URL: urlFor(database.DATABASE_URL) }),
  });
  const seen: Record<string, string> = {};
  const see = (what: string, text: string) => (seen[what] = `${seen[what] ?? ''}${text}\n`);
  const rollcall = async (what: string, args: readonly string[], more: Variables = {}) => {
    const { status, stdout, stderr } = await deployment.rollcall(args, more);
    see(`standard output of ${what}`, stdout);
    see(`standard error of ${what}`, stderr);
    return { status, isRedacted: stderr.includes('[secret]') };
  };
  return { ...deployment, seen, see, rollcall, server, unreachable: `smtp://${login}@127.0.0.1:1` };
}

type Secretive = Awaited<ReturnType<typeof deployWithSecrets>>;

const refusal = { kind: 'answer', status: 403, code: 10000, message: echo(token) } as const;
const pings = { ROLLCALL_PING_URL: `http://127.0.0.1:1/${ping}` };

/** Runs that fail at Cloudflare, at the mail server and at the database. */
async function failAtEveryEnd({ simulator, server, rollcall, variables, unreachable }: Secretive) {
  expect(await rollcall('a good run', ['run'])).toMatchObject({ status: 0 });
  const fault = simulator.faults.add({ on: { times: Infinity }, fault: refusal });
  expect(await rollcall('a refused token', ['run'])).toEqual({ status: 1, isRedacted: true });
  fault.remove();
  server.letsIn = false;
  expect(await rollcall('a refused login', ['run'])).toEqual({ status: 1, isRedacted: true });
  const away = await rollcall('a mail server that is away', ['run'], { SMTP_URL: unreachable });
  expect(away.status).toBe(1);
  const { DATABASE_URL } = variables;
  if (DATABASE_URL === undefined) return;
  const refused = { DATABASE_URL: DATABASE_URL.replace('secretive_', 'unknown_') };
  expect((await rollcall('a refused database user', ['run'], refused)).status).toBe(2);
  const unavailable = { DATABASE_URL: DATABASE_URL.replace(/:\d+\//, ':1/') };
  expect((await rollcall('a database that is away', ['runs'], unavailable)).status).toBe(1);
}

/** Secrets where they do not belong, or with what cannot be in them. */
async function misplaceSecrets({ rollcall, variables }: Secretive) {
  const faulty = {
    CLOUDFLARE_API_TOKEN: `${token} ${token}`,
    SMTP_URL: `smtp://ops:${smtpPassword}@127.0.0.1`,
    DATABASE_URL: `postgres://ops:5/${ping}@127.0.0.1/rollcall`,
    ROLLCALL_PING_URL: `http://${ping}:${ping}@127.0.0.1/`,
    HOOK_URL: `http://hooks.example.com/services/${webhook}`,
    HOOK_SECRET: `whsec${webhookKey}`,
  };
  for (const [name, value] of Object.entries(faulty)) {
    expect((await rollcall(`a faulty ${name}`, ['run'], { [name]: value })).status).toBe(2);
  }
  for (const misplaced of [token, variables['SMTP_URL'] ?? '', `http://127.0.0.1/${ping}`]) {
    const file = { CLOUDFLARE_API_TOKEN: '', CLOUDFLARE_API_TOKEN_FILE: misplaced };
    expect((await rollcall('a secret in place of its file', ['run'], file)).status).toBe(2);
  }
  const command = await rollcall('a secret in place of a command', [token]);
  expect(command).toEqual({ status: 2, isRedacted: true });
}

/** A worker for which everything fails, until it is told to stop. */
async function workInVain({ simulator, database, variables, see }: Secretive) {
  simulator.faults.add({ on: { times: Infinity }, fault: refusal });
  await lookInto(database, letBackoffPass);
  const worker = startRollcall(['worker'], { ...variables, ...pings, ROLLCALL_SCHEDULE: '*/5 * * * * *' });
  const said = { stdout: '', stderr: '' };
  worker.stdout.on('data', (chunk) => (said.stdout += String(chunk)));
  worker.stderr.on('data', (chunk) => (said.stderr += String(chunk)));
  const failures = ['run ended short', 'ping failed', 'report not sent'];
  const isAllSaid = () =>
    expect(
      failures.filter((failure) => !said.stderr.includes(failure)),
      said.stderr,
    ).toEqual([]);
  await vi.waitFor(isAllSaid, { timeout: 60_000, interval: 100 });
  see('title of the worker', execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(worker.pid)]).toString());
  worker.kill('SIGTERM');
  await once(worker, 'close');
  expect(worker.exitCode).toBe(0);
  expect(said.stderr).toContain('[secret]');
  see('standard output of the worker', said.stdout);
  see('log of the worker', said.stderr);
}

/** Every row of every table of ours and of the queue's, as JSON. */
async function dump(db: Database): Promise<string[]> {
  const tables = await queryRows<{ name: string }>(
    db,
    sql`
      select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema')`,
  );
  const rows = await Promise.all(
    tables.map(({ name }) =>
      queryRows(db, sql`select row_to_json(t)::text as row from ${sql.raw(name)} as t`),
    ),
  );
  return rows.flat().map(({ row }) => String(row));
}

/** A mail as it is sent, and as it is read. */
async function readMail(source: Buffer): Promise<string> {
  const { subject = '', text = '', html, attachments } = await simpleParser(source);
  const files = attachments.map(({ filename, content }) => `${filename ?? ''}\n${content.toString()}`);
  return [source.toString(), subject, text, String(html), ...files].join('\n');
}

it(
  'a secret is in nothing that is printed, logged, stored or sent, whatever goes wrong',
  { timeout: 120_000 },
  async () => {
    const deployment = await deployWithSecrets();
    const { seen, see, rollcall, database, mailServer } = deployment;
    await failAtEveryEnd(deployment);
    await misplaceSecrets(deployment);
    await workInVain(deployment);
    expect(await rollcall('a check', ['check'])).toMatchObject({ status: 1 });

    const rows = await lookInto(database, dump);
    for (const error of ['"error":"', '"last_error":"']) {
      expect(rows.some((row) => row.includes(error) && row.includes('[secret]'))).toBe(true);
    }
    see('database', rows.join('\n'));

    const folder = 'ROLLCALL_DATA_DIR' in database ? database.ROLLCALL_DATA_DIR : scratchFolder();
    await rollcall('the outbox', ['run'], { SMTP_URL: '', ROLLCALL_DATA_DIR: folder });
    const outbox = path.join(folder, 'outbox');
    const files = readdirSync(outbox).map((name) => readFileSync(path.join(outbox, name)));
    for (const [kind, sources] of [
      ['sent', mailServer.messages] as const,
      ['in the outbox', files] as const,
    ]) {
      const mails = await Promise.all(sources.map(readMail));
      expect(mails.some((mail) => mail.includes('[secret]'))).toBe(true);
      see(`mail ${kind}`, mails.join('\n'));
    }

    await rollcall('the list of runs', ['runs', '--json']);
    see('database at the end', (await lookInto(database, dump)).join('\n'));
    expect(findLeaks(seen)).toEqual([]);
  },
);
