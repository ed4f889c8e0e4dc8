import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chownSync, copyFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { inspect } from 'node:util';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { partError } from '../../src/checks/failure.ts';
import { type OpenDatabase, openPostgres, queryRows } from '../../src/database/database.ts';
import { explainDatabaseError } from '../../src/database/explain.ts';
import { RollcallError } from '../../src/domain/errors.ts';
import { Secret } from '../../src/domain/secret.ts';
import { openQueue } from '../../src/queue/pg-boss.ts';
import { rollcall } from '../support/command-line.ts';
import { createDatabase, executeOn } from '../support/postgres-databases.ts';
import { type PostgresInstance, startPostgresInstance } from '../support/postgres-instance.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const password = 'hunter2';

let server: PostgresInstance;
let files: Awaited<ReturnType<typeof makeTemporaryFolder>>;
let database: URL;

beforeAll(async () => {
  [server, files] = await Promise.all([startPostgresInstance(), makeTemporaryFolder('tls')]);
  makeCertificates(files.folder);
  await executeOn(server.url, `create role ops superuser login password '${password}'`);
  database = new URL(await createDatabase(server.url));
  Object.assign(database, { username: 'ops', password, hostname: 'localhost' });
  await installCertificates();
  await turnTls('on');
});

afterAll(async () => {
  await server.stop();
  files.remove();
});

/** A CA of our own, and certificates of it: the server's, which names `localhost` alone, and a client's. */
function makeCertificates(folder: string): void {
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const make = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
  ];
  openssl(...make, '-subj', '/CN=Our CA', '-keyout', 'ca.key', '-out', 'ca.pem');
  const sign = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-addext', 'basicConstraints=critical,CA:FALSE'];
  const name = ['-addext', 'subjectAltName=DNS:localhost'];
  openssl(...make, ...sign, ...name, '-subj', '/CN=server', '-keyout', 'server.key', '-out', 'server.crt');
  openssl(...make, ...sign, '-subj', '/CN=audit', '-keyout', 'client.key', '-out', 'client.pem');
  writeFileSync(path.join(folder, 'none.pem'), 'no certificate');
  writeFileSync(path.join(folder, 'large.key'), 'k'.repeat(1024 * 1024 + 1));
  execFileSync('mkfifo', [path.join(folder, 'pipe.pem')]);
}

/** Gives the server its certificate, in its own folder and as its own user's, as it insists. */
async function installCertificates(): Promise<void> {
  const opened = await openPostgres(new Secret(server.url));
  const [row] = await queryRows<{ folder: string }>(
    opened.db,
    sql`select current_setting('data_directory') as folder`,
  ).finally(() => opened.close());
  const folder = row?.folder ?? '';
  const { uid, gid } = statSync(folder);
  for (const name of ['server.crt', 'server.key', 'ca.pem']) {
    copyFileSync(path.join(files.folder, name), path.join(folder, name));
    chownSync(path.join(folder, name), uid, gid);
  }
  await executeOn(server.url, `alter system set ssl_ca_file = 'ca.pem'`);
}

async function turnTls(state: 'on' | 'off'): Promise<void> {
  await executeOn(server.url, `alter system set ssl = ${state}`);
  await executeOn(server.url, 'select pg_reload_conf()');
  const isSo = `select 1 / (current_setting('ssl') = '${state}')::int`;
  await vi.waitFor(() => executeOn(server.url, isSo), { timeout: 10_000 });
}

/** The URL of the database with these parameters; `ca.pem` and the like are files of ours. */
function urlWith(parameters: string, host = 'localhost'): string {
  const url = new URL(database);
  url.hostname = host;
  url.search = parameters.replaceAll(/\w+\.(?:pem|key)/g, (name) => path.join(files.folder, name));
  return url.href;
}

/** Opened until the test is over, with the queue beside it. */
async function open(url: string): Promise<OpenDatabase> {
  const named = new URL(url);
  // The server may still know those of the test before.
  named.searchParams.set('application_name', randomUUID());
  const opened = await openPostgres(new Secret(named.href));
  onTestFinished(() => opened.close());
  const queue = await openQueue(opened, { onError: (error) => expect.fail(String(error)) });
  onTestFinished(() => queue.close());
  return opened;
}

/** Every connection that we have to the database, the queue's with them. */
function connectionsOf({ db }: OpenDatabase) {
  return queryRows(
    db,
    sql`
      select distinct ssl, client_dn as client
      from pg_stat_ssl join pg_stat_activity using (pid)
      where application_name = current_setting('application_name')`,
  );
}

function all(connection: { ssl: boolean; client?: string | null }) {
  return [{ client: null, ...connection }];
}

test.each([
  'sslmode=require',
  'sslmode=verify-full&sslrootcert=ca.pem',
  'sslrootcert=ca.pem',
  'sslmode=verify-ca&sslrootcert=ca.pem',
])('%s encrypts everything', async (parameters) => {
  expect(await connectionsOf(await open(urlWith(parameters)))).toEqual(all({ ssl: true }));
});

test('this machine is talked to in the clear unless told otherwise', async () => {
  expect(await connectionsOf(await open(urlWith('')))).toEqual(all({ ssl: false }));
});

test('the server is shown the certificate that sslcert names', async () => {
  const parameters = 'sslmode=verify-full&sslrootcert=ca.pem&sslcert=client.pem&sslkey=client.key';
  expect(await connectionsOf(await open(urlWith(parameters)))).toEqual(
    all({ ssl: true, client: '/CN=audit' }),
  );
});

test('sslmode=verify-ca and require let a certificate pass that names another host', async () => {
  for (const parameters of ['sslmode=verify-ca&sslrootcert=ca.pem', 'sslmode=require']) {
    expect(await connectionsOf(await open(urlWith(parameters, '127.0.0.1')))).toEqual(all({ ssl: true }));
  }
});

test('a Unix socket is found by its folder', async () => {
  const folder = files.folder;
  const port = Number(database.port);
  const socket = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    client.pipe(upstream).pipe(client);
    for (const end of [client, upstream])
      end.on('error', () => [client, upstream].forEach((each) => each.destroy()));
  });
  socket.listen(path.join(folder, `.s.PGSQL.${port}`));
  onTestFinished(() => void socket.close());

  const opened = await open(urlWith('', encodeURIComponent(folder)));

  expect(opened.description).toBe(`PostgreSQL at ${folder}:${port}${database.pathname}`);
  expect(await connectionsOf(opened)).toEqual(all({ ssl: false }));
});

/** What is said of a URL that cannot be opened; never with the password. */
async function failureOf(url: string): Promise<{ code: string; message: string }> {
  try {
    await open(url);
  } catch (error) {
    expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain(password);
    if (error instanceof RollcallError) return { code: error.code, message: error.message };
    throw error;
  }
  return expect.fail('It was opened.');
}

const configuration = (message: RegExp) => ({
  code: 'configuration',
  message: expect.stringMatching(message) as string,
});

describe('is not opened, and the remedy is named:', () => {
  test('a server whose certificate nobody known here has signed', async () => {
    expect(await failureOf(urlWith('sslmode=verify-full'))).toMatchObject(
      configuration(
        /^Cannot open the PostgreSQL at localhost:\d+\/\w+: self-signed certificate in certificate chain; correct DATABASE_URL: sslrootcert=\/path\/ca\.pem names .*, sslmode=require encrypts without verifying it\.$/,
      ),
    );
  });

  test('a server whose certificate names another host, though it be an address', async () => {
    expect(await failureOf(urlWith('sslrootcert=ca.pem', '127.0.0.1'))).toMatchObject(
      configuration(/IP: 127\.0\.0\.1 is not in .*; correct the host in DATABASE_URL .*sslmode=verify-ca/),
    );
  });

  test('a server that offers no TLS', async () => {
    await turnTls('off');
    onTestFinished(() => turnTls('on'));
    for (const mode of ['require', 'verify-full']) {
      expect(await failureOf(urlWith(`sslmode=${mode}`))).toMatchObject(
        configuration(
          /^Cannot open the PostgreSQL at \S+: it offers no TLS\. Turn it on there \(ssl = on\), or add \?sslmode=disable to DATABASE_URL if the network between is yours\.$/,
        ),
      );
    }
  });

  test.each([
    ['sslrootcert=missing.pem', 'sslrootcert to be a readable file: ENOENT'],
    ['sslrootcert=none.pem', 'sslrootcert to be a file of certificates in PEM'],
    ['sslrootcert=pipe.pem', 'sslrootcert to be a readable file: it is no plain file'],
    ['sslrootcert=/dev/zero', 'sslrootcert to be a readable file: it is no plain file'],
    ['sslrootcert=/tmp', 'sslrootcert to be a readable file: it is no plain file'],
    [
      'sslmode=require&sslcert=client.pem&sslkey=large.key',
      'sslkey to be a readable file: it is no plain file',
    ],
    ['sslmode=require&sslcert=missing.pem&sslkey=client.key', 'sslcert to be a readable file: ENOENT'],
    [
      'sslmode=require&sslcert=client.pem&sslkey=ca.key',
      'sslcert and sslkey to be a certificate in PEM and its key',
    ],
  ])('%s', async (parameters, expected) => {
    expect(await failureOf(urlWith(parameters))).toMatchObject(
      configuration(new RegExp(`^DATABASE_URL: expected ${expected}`)),
    );
  });
});

test('a server that hangs up in the middle is not taken for one without TLS', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined).once('data', () => socket.end('S'));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await vi.waitUntil(() => server.listening);
  const url = new URL(urlWith('sslmode=require', '127.0.0.1'));
  url.port = String((server.address() as { port: number }).port);

  expect(await failureOf(url.href)).toMatchObject({ code: 'database' });
});

test.each([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])('%s is a matter of configuration, with a remedy that `check` can tell from the rest', (code) => {
  const explained = explainDatabaseError(
    Object.assign(new Error('it said so'), { code }),
    'PostgreSQL at db',
  );

  expect(explained.code).toBe('configuration');
  expect(partError(explained.message)).toEqual({
    found: 'Cannot open the PostgreSQL at db: it said so',
    remedy: expect.stringMatching(/^(?:Correct|Check) /) as string,
  });
});

describe('the command line', () => {
  test('trusts the CAs of the system', async () => {
    const verified = { DATABASE_URL: urlWith('sslmode=verify-full') };
    const ours = { ...verified, SSL_CERT_FILE: path.join(files.folder, 'ca.pem') };
    expect(await rollcall(['runs'], ours)).toMatchObject({ status: 0 });
    expect(await rollcall(['runs'], verified)).toMatchObject({ status: 2 });
  });

  test('refuses what falls back to clear text, and does not show it', async () => {
    const { status, stderr } = await rollcall(['runs'], { DATABASE_URL: urlWith('sslmode=prefer') });
    expect(status).toBe(2);
    expect(stderr).toContain('DATABASE_URL: expected sslmode to be require or disable');
    expect(stderr).not.toContain(password);
  });
});
