import { sql } from 'drizzle-orm';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { openPostgres, queryRows } from '../../src/database/database.ts';
import { migrate } from '../../src/database/migrate.ts';
import { Secret } from '../../src/domain/secret.ts';
import { askHistory } from '../../src/history/query.ts';
import { listChanges } from '../../src/history/changes.ts';
import { listMembers } from '../../src/history/members.ts';
import { listRuns } from '../../src/history/runs.ts';
import { runPrincipal } from '../../src/pipeline.ts';
import { openQueue } from '../../src/queue/pg-boss.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { createWorld } from '../../src/simulator/world.ts';
import { aClock, aContext } from '../support/context.ts';
import { databaseKind } from '../support/database.ts';
import { createBareDatabase, dropDatabase, executeOn } from '../support/postgres-databases.ts';

/** What people ask, and what would be answered otherwise. */
const questions = [
  "select id, not_before::text, to_char(not_after, 'DD HH24'), not_after - not_before as width from changes order by id",
  "select date_trunc('day', started_at) from rollcall.runs order by id",
  "select 0.1::float8 + 0.2::float8 as float, '\\xff'::bytea::text as bytes, '{NULL}'::text[] as nothing, null = null as alike",
  // It fails on the way, and that must end no session.
  'show standard_conforming_strings',
];

/** What DBAs set on roles, databases and servers, and what each of it would change: what is written, read, allowed or kept. */
const settings: Record<string, readonly string[]> = {
  datestyle: ['German', 'SQL, DMY'],
  intervalstyle: ['sql_standard'],
  timezone: ['America/St_Johns'],
  search_path: ['', 'public, pg_catalog'],
  client_encoding: ['LATIN1', 'SQL_ASCII'],
  default_transaction_isolation: ['serializable'],
  default_transaction_read_only: ['on'],
  default_transaction_deferrable: ['on'],
  standard_conforming_strings: ['off'],
  bytea_output: ['escape'],
  extra_float_digits: ['-15'],
  array_nulls: ['off'],
  transform_null_equals: ['on'],
  row_security: ['off', 'on'],
  statement_timeout: ['400ms'],
  lock_timeout: ['1ms'],
  idle_in_transaction_session_timeout: ['1ms'],
  idle_session_timeout: ['50ms'],
  exit_on_error: ['on'],
  synchronous_commit: ['off'],
  lc_messages: ['C'],
  application_name: ['theirs'],
};

const cases = Object.entries(settings).flatMap(([name, values]) =>
  values.map((value) => [name, value] as const),
);

describe.runIf(databaseKind() === 'postgres')('nothing changes for a role with', () => {
  const serverUrl = () => inject('postgresUrl');
  const role = `audit_${process.pid}`;
  let usual: unknown;

  beforeAll(async () => {
    await executeOn(serverUrl(), `create role ${role} login password 'audit'`);
    usual = await playNights();
  });

  afterAll(() => executeOn(serverUrl(), `drop role ${role}`));

  /** Two nights from nothing, the second with changes, and all that can be read of them. */
  async function playNights() {
    const url = new URL(await createBareDatabase(serverUrl()));
    await executeOn(serverUrl(), `grant create on database ${url.pathname.slice(1)} to ${role}`);
    Object.assign(url, { username: role, password: 'audit' });
    await using parts = new AsyncDisposableStack();
    parts.defer(() => dropDatabase(serverUrl(), url.href));
    const opened = parts.adopt(await openPostgres(new Secret(url.href)), (part) => part.close());
    await migrate(opened.db);
    const onError = (error: unknown) => expect.fail(String(error));
    const queue = parts.adopt(await openQueue(opened, { onError }), (part) => part.close());
    const world = createWorld({ organizations: 60, seed: 7 });
    const simulator = parts.adopt(await startSimulator({ world }), (part) => part.close());
    // On a day that is no month.
    const context = aContext({ db: opened.db, queue, simulator, now: aClock(Date.UTC(2026, 0, 17)) });
    const outcomes = [];
    const user = world.principal();
    const [principal] = context.config.principals;
    if (principal === undefined) return expect.fail('There is a principal.');
    for (let night = 0; night < 2; night += 1) {
      outcomes.push(await runPrincipal(context, { principal, trigger: 'manual', slot: null }));
      for (const { id } of user.memberships.slice(0, 3)) user.remove(id);
    }
    return JSON.parse(
      JSON.stringify({
        outcomes,
        // The one time that the database's clock gives.
        runs: (await listRuns(opened.db, { limit: 10 })).map((run) => ({ ...run, heartbeatAt: null })),
        changes: await listChanges(opened.db, {}),
        members: await listMembers(opened.db, {}),
        reports: await queryRows(
          opened.db,
          sql`select kind, subject, text, csv from rollcall.reports order by id`,
        ),
        answers: await Promise.all(questions.map((question) => askHistory(opened.db, question))),
      }),
    ) as unknown;
  }

  test.each(cases)('%s = %s', async (name, value) => {
    await executeOn(
      serverUrl(),
      `alter role ${role} set ${name} = ${name === 'search_path' ? value || "''" : `'${value}'`}`,
    );
    try {
      expect(await playNights()).toEqual(usual);
    } finally {
      await executeOn(serverUrl(), `alter role ${role} reset all`);
    }
  });

  /** What comes of a statement of the role, for which a setting of its own would leave no time. */
  async function askAs(setting: string, statement: string): Promise<unknown> {
    await executeOn(serverUrl(), `alter role ${role} set ${setting}`);
    const url = Object.assign(new URL(serverUrl()), { username: role, password: 'audit' });
    const opened = await openPostgres(new Secret(url.href));
    try {
      return await opened.db.execute(sql.raw(statement));
    } finally {
      await opened.close();
      await executeOn(serverUrl(), `alter role ${role} reset all`);
    }
  }

  test('a deadline for statements that is shorter than ours', async () => {
    expect(await askAs("statement_timeout = '200ms'", 'select pg_sleep(0.4)')).toMatchObject({ rowCount: 1 });
  });

  test('an isolation by which transactions lose against each other', async () => {
    const setting = "default_transaction_isolation = 'serializable'";
    expect(await askAs(setting, 'show transaction_isolation')).toMatchObject({
      rows: [{ transaction_isolation: 'read committed' }],
    });
  });

  test('a commit that a crash may take back', async () => {
    expect(await askAs('synchronous_commit = off', 'show synchronous_commit')).toMatchObject({
      rows: [{ synchronous_commit: 'on' }],
    });
  });

  test('no patience for locks', async () => {
    const holder = new pg.Client({ connectionString: serverUrl() });
    await holder.connect();
    await holder.query('select pg_advisory_lock(7655)');
    const asking = askAs("lock_timeout = '1ms'", 'select pg_advisory_xact_lock(7655)');
    asking.catch(() => undefined);
    const waiting = `select from pg_locks where locktype = 'advisory' and objid = 7655 and not granted`;
    await Promise.race([asking, untilFound(holder, waiting)]);
    await holder.end();
    expect(await asking).toMatchObject({ rowCount: 1 });
  });

  test('a path on which somebody has planted functions of PostgreSQL’s names', async () => {
    await executeOn(serverUrl(), `create schema planted; grant usage on schema planted to ${role}`);
    for (const [name, type] of [
      ['now', 'timestamptz'],
      ['clock_timestamp', 'timestamptz'],
      ['pg_backend_pid', 'int'],
    ]) {
      const body = `begin raise 'planted'; end`;
      await executeOn(
        serverUrl(),
        `create function planted.${name}() returns ${type} language plpgsql as $$ ${body} $$`,
      );
    }
    try {
      const path = 'search_path = planted, pg_catalog';
      expect(await askAs(path, 'select now() > timestamptz $$2026-01-01$$ as is_real')).toMatchObject({
        rows: [{ is_real: true }],
      });
    } finally {
      await executeOn(serverUrl(), 'drop schema planted cascade');
    }
  });

  test('rows that a policy hides: a question that they are missing from fails, rather than to be answered without', async () => {
    await executeOn(
      serverUrl(),
      `create table policed (id int); insert into policed values (1); alter table policed enable row level security; grant select on policed to ${role}`,
    );
    try {
      await expect(askAs('row_security = on', 'select * from public.policed')).rejects.toMatchObject({
        cause: expect.objectContaining({ code: '42501' }) as Error,
      });
    } finally {
      await executeOn(serverUrl(), 'drop table policed');
    }
  });

  test('a setting that switches constraints off, and is not the role’s to set: it is refused', async () => {
    await executeOn(serverUrl(), `alter role ${role} set session_replication_role = 'replica'`);
    try {
      await expect(playNights()).rejects.toMatchObject({
        code: 'configuration',
        message: expect.stringMatching(/"session_replication_role"; .*alter role/) as string,
      });
    } finally {
      await executeOn(serverUrl(), `alter role ${role} reset all`);
    }
  });
});

async function untilFound(client: pg.Client, query: string): Promise<void> {
  while ((await client.query(query)).rowCount === 0);
}
