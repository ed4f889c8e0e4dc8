import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { openPostgres, queryRows } from '../../src/database/database.ts';
import { migrate } from '../../src/database/migrate.ts';
import { Secret } from '../../src/domain/secret.ts';
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
