import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { findDatabaseUrlFault } from '../../src/config/rules.ts';
import { parsePostgresUrl } from '../../src/database/postgres-url.ts';
import { Secret } from '../../src/domain/secret.ts';

function parse(url: string) {
  return parsePostgresUrl(new Secret(url));
}

const verified = { verify: 'name', ca: null, client: null };

describe('TLS', () => {
  test.each([
    'postgres://db.example.com/rollcall',
    'postgresql://10.0.0.5/rollcall',
    'postgres://[2001:db8::1]/rollcall',
    'postgres://localhost.example.com/rollcall',
    'postgres://127.0.0.1.example.com/rollcall',
    'postgres://localhost/rollcall?host=db.example.com',
    'postgres://db.example.com/rollcall?host=localhost&host=127.0.0.1&sslmode=verify-full',
  ])('%s is reached with TLS, by a certificate that is verified', (url) => {
    expect(parse(url).tls).toEqual(verified);
  });

  test.each([
    'postgres://localhost/rollcall',
    'postgres://LOCALHOST/rollcall',
    'postgres://127.0.0.53:5433/rollcall',
    'postgres://[::1]/rollcall',
    'postgres:///rollcall',
    'postgres:///rollcall?host=/var/run/postgresql',
    'postgres://rollcall@/rollcall?host=/var/run/postgresql',
    'postgres://rollcall:password@%2Fvar%2Frun%2Fpostgresql/rollcall',
    'postgres://%2Fvar%2Frun%2Fpostgresql/rollcall?sslmode=disable',
    'postgres://db.example.com/rollcall?sslmode=disable',
  ])('%s is reached in the clear', (url) => {
    expect(parse(url).tls).toBe('off');
  });

  test.each([
    ['sslmode=require', { ...verified, verify: 'nothing' }],
    ['sslmode=verify-full', verified],
    ['sslrootcert=/etc/ca.pem', { ...verified, ca: '/etc/ca.pem' }],
    ['sslmode=verify-full&sslrootcert=/etc/ca.pem', { ...verified, ca: '/etc/ca.pem' }],
    [
      'sslmode=verify-ca&sslrootcert=/etc/ca%20of%20ours.pem',
      { ...verified, verify: 'chain', ca: '/etc/ca of ours.pem' },
    ],
    ['sslmode=require&sslrootcert=/etc/ca.pem', { ...verified, verify: 'chain', ca: '/etc/ca.pem' }],
    ['sslrootcert=system', verified],
    ['sslmode=require&sslrootcert=system', verified],
    [
      'sslmode=require&sslcert=a&sslkey=b',
      { verify: 'nothing', ca: null, client: { certificate: 'a', key: 'b' } },
    ],
  ])('of this machine, too, %s asks for it', (parameters, tls) => {
    expect(parse(`postgres://localhost/rollcall?${parameters}`).tls).toEqual(tls);
  });
});

test.each([
  [
    'postgres://u%2F:p%40ss@db:6432/x?sslmode=require&application_name=audit',
    { host: 'db', port: 6432, user: 'u/', database: 'x', applicationName: 'audit' },
    'p@ss',
  ],
  [
    'postgres://db/x?sslrootcert=a.pem&sslmode=verify-full&sslcert=b&sslkey=c',
    { host: 'db', port: 5432, user: null, database: 'x', applicationName: 'rollcall' },
    undefined,
  ],
  ['postgres://u@[::1]/a%20b', { host: '::1', user: 'u', database: 'a b' }, undefined],
  ['postgres:///', { host: 'localhost', database: null, options: null }, undefined],
  ['postgres://db/x?host=/run/pg', { host: '/run/pg', port: 5432 }, undefined],
  ['postgres://u:p@/x?host=::1&options=-c%20jit%3Doff', { host: '::1', options: '-c jit=off' }, 'p'],
])('%s says where, as whom and to what', (url, place, password) => {
  const { password: found, ...server } = parse(url);
  expect(server).toMatchObject(place);
  expect(found?.reveal()).toBe(password);
});

test.each([
  ['Prisma', 'schema=public&pgbouncer=true&connection_limit=1&pool_timeout=10&statement_cache_size=0'],
  ['Supabase', 'pgbouncer=true&workaround=supabase-pooler.vercel&supa=base-pooler.x'],
  ['libpq', 'connect_timeout=10&keepalives=1&keepalives_idle=30&target_session_attrs=read-write'],
  ['JDBC', 'prepareThreshold=0&reWriteBatchedInserts=true&currentSchema=public'],
  ['Rails and Doctrine', 'pool=5&prepared_statements=false&encoding=utf8&serverVersion=15&charset=utf8'],
  ['pgx', 'pool_max_conns=4&default_query_exec_mode=simple_protocol'],
])('the words that %s and its providers print beside others change nothing', (_whose, words) => {
  const plain = parse('postgres://u:p@db.example.com/x');
  expect(parse(`postgres://u:p@db.example.com/x?${words}`)).toEqual(plain);
});

test('channel_binding=require, as Neon prints it, asks who the server is', () => {
  expect(parse('postgres://u:p@db/x?sslmode=require&channel_binding=require').tls).toEqual(verified);
  expect(parse('postgres://u:p@db/x?sslmode=require&channel_binding=prefer').tls).toMatchObject({
    verify: 'nothing',
  });
});

test.each([
  ['postgres://ops:hunter2@db.example.com:6432/rollcall', 'db.example.com:6432/rollcall'],
  ['postgres://ops:hunter2@db.example.com/rollcall', 'db.example.com/rollcall'],
  ['postgres://localhost/rollcall?host=db.example.com', 'db.example.com/rollcall'],
  ['postgres:///rollcall', 'localhost/rollcall'],
  ['postgres://[::1]:5433/rollcall', '[::1]:5433/rollcall'],
  ['postgres://ops:hunter2@%2Frun%2Fpg/rollcall', '/run/pg/rollcall'],
])('%s is told without user and password', (url, place) => {
  expect(parse(url).description).toBe(`PostgreSQL at ${place}`);
});

test.each([
  ['mysql://ops:hunter2@db/rollcall', 'a URL such as'],
  ['hunter2', 'a URL such as'],
  ['postgres:hunter2', 'a URL such as'],
  ['postgres:/hunter2', 'a URL such as'],
  ['postgres://ops:5/hunter2@db/rollcall', '%2F'],
  ['postgres://ops:hunter2/@db/rollcall', 'a URL such as'],
  ['postgres://ops:hunter2@/x@db/rollcall', '%40'],
  ['postgres://ops:5#hunter2@db/rollcall', '%23'],
  ['postgres://ops:5?hunter2@db/rollcall', '%3F'],
  ['postgres://ops:hunter2%zz@db/rollcall', '%25'],
  ['postgres://ops:hunter2@one,two/rollcall', 'one host'],
  [
    'postgres://ops:hunter2@db/x?sslmode=prefer',
    'sslmode to be require or disable: prefer falls back to clear text',
  ],
  [
    'postgres://ops:hunter2@localhost/x?sslmode=allow',
    'sslmode to be disable or require: allow leaves the choice',
  ],
  [
    'postgres://ops:hunter2@db/x?sslmode=no-verify',
    'sslmode to be require, which encrypts without verifying',
  ],
  ['postgres://ops:hunter2@db/x?sslmode=hunter2', 'sslmode to be disable, require, verify-ca or verify-full'],
  ['postgres://ops:hunter2@db/x?sslmode=', 'sslmode to be disable, require, verify-ca or verify-full'],
  [
    'postgres://ops:hunter2@db/x?sslmode=constructor',
    'sslmode to be disable, require, verify-ca or verify-full',
  ],
  ['postgres://ops:hunter2@db/x?sslmode=verify-full&sslmode=disable', 'each word on TLS once'],
  ['postgres://ops:hunter2@db/x?ssl=true', 'sslmode=verify-full, require or disable'],
  ['postgres://ops:hunter2@db/x?ssl=false', 'sslmode=verify-full, require or disable'],
  ['postgres://ops:hunter2@db/x?tls=off', 'sslmode=verify-full, require or disable'],
  ['postgres://ops:hunter2@db/x?SSLMODE=disable', 'sslmode=verify-full, require or disable'],
  ['postgres://ops:hunter2@db/x?sslnegotiation=direct', 'sslmode=verify-full, require or disable'],
  ['postgres://ops:hunter2@db/x?uselibpqcompat=true&sslmode=require', 'no other word on TLS'],
  ['postgres://ops:hunter2@db/x?sslmode=verify-ca', 'sslrootcert, the path of your own CA'],
  ['postgres://ops:hunter2@db/x?sslrootcert=', 'sslrootcert to be the path of a file'],
  ['postgres://ops:hunter2@db/x?sslmode=disable&sslrootcert=/ca.pem', 'no certificates'],
  [
    'postgres://ops:hunter2@localhost/x?sslcert=/a.pem&sslkey=/a.key',
    'sslmode=verify-full beside certificates',
  ],
  ['postgres://ops:hunter2@db/x?sslcert=/a.pem', 'both sslcert and sslkey'],
  ['postgres://ops:hunter2@%2Frun%2Fpg/x?sslmode=require', 'which has no TLS'],
  ['postgres://ops:hunter2@localhost/x?channel_binding=require', 'channel_binding to be disable'],
  ['postgres://ops:hunter2@db/x?hostaddr=10.0.0.1', 'no hostaddr=…'],
  ['postgres://ops:hunter2@db/x?pgbouncer=true&bgbouncer=hunter2', 'no bgbouncer=…'],
  ['postgres://db/x?user=ops&password=hunter2', 'no user=…'],
  ['postgres://ops:hunter2@db/x?target_session_attrs=standby', 'no target_session_attrs=…'],
  ['postgres://ops:hunter2@db/x?Options=-c', 'no Options=…'],
])('%s is refused, saying what was expected and not what was given', (url, expected) => {
  const failure = failureOf(() => parse(url));
  expect(failure).toMatchObject({
    code: 'configuration',
    message: expect.stringMatching(/^DATABASE_URL: expected /) as string,
  });
  expect(findDatabaseUrlFault(url)).toContain(expected);
  expect(inspect(failure)).not.toContain('hunter2');
});

function failureOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
