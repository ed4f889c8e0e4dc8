import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'drizzle-orm';
import pLimit from 'p-limit';
import { describe, expect, it } from 'vitest';
import { queryRows } from '../../src/database/database.ts';
import { rollcall, scratchFolder } from '../support/command-line.ts';
import { databaseKind } from '../support/database.ts';
import { databaseEnvironment, lookInto } from '../support/database-environment.ts';
import { deploy } from '../support/deployment.ts';

const readers = [
  ['runs'],
  ['members'],
  ['changes'],
  ['history', 'Acme'],
  ['diff', '1', '2'],
  ['reports'],
  ['reports', 'show', '1'],
  ['verify'],
  ['audit', '-'],
  ['export'],
  ['sql', 'select 1 as one'],
];

/** They write, and need a history for that. */
const deciders = [
  ['approve', '1'],
  ['reject', '1'],
  ['reports', 'resend', '1'],
];

/** One that reads and one that writes, where a test is about the database and not about the command. */
const oneOfEach = [['runs'], ['approve', '1']];

/** Runs the commands, one at a time where the database serves one process at a time. */
async function runEach(commands: readonly string[][], variables: Record<string, string>) {
  const limit = pLimit('DATABASE_URL' in variables ? 3 : 1);
  return Promise.all(
    commands.map((command) => limit(async () => ({ command, ...(await rollcall(command, variables)) }))),
  );
}

/** What has nothing to do with the kind of database is asked of one of them. */
const onOne = it.runIf(databaseKind() === 'postgres');

describe('what only reads', () => {
  it('refuses a database that is empty, naming what makes it, and leaves it empty', async () => {
    const database = await databaseEnvironment();
    await lookInto(database, async (db) => {
      await db.execute(sql`drop schema rollcall cascade`);
      await db.execute(sql`drop schema pgboss cascade`);
    });
    const commands = databaseKind() === 'pglite' ? oneOfEach : [...readers, ...deciders];
    for (const { command, ...ended } of await runEach(commands, database)) {
      expect(ended, command.join(' ')).toMatchObject({ status: 2, stdout: '' });
      expect(ended.stderr).toMatch(/^rollcall: There is no history yet in .*`rollcall migrate`.*\n$/);
    }
    const schemas = sql`select nspname from pg_namespace where nspname in ('rollcall', 'pgboss')`;
    expect(await lookInto(database, (db) => queryRows(db, schemas))).toEqual([]);
  });

  onOne('refuses an older database and a newer one, and leaves them as they are', async () => {
    const database = await databaseEnvironment();
    const tags = sql`select tag from rollcall.migrations order by tag`;
    await lookInto(database, (db) =>
      db.execute(sql`
        delete from rollcall.migrations where tag = (select max(tag) from rollcall.migrations)`),
    );
    const older = await lookInto(database, (db) => queryRows(db, tags));
    for (const { command, ...ended } of await runEach(oneOfEach, database)) {
      expect(ended, command.join(' ')).toMatchObject({ status: 2, stdout: '' });
      expect(ended.stderr).toMatch(/older than this version.*`rollcall migrate`/);
    }
    expect(await lookInto(database, (db) => queryRows(db, tags))).toEqual(older);

    await lookInto(database, (db) =>
      db.execute(sql`insert into rollcall.migrations (tag, hash) values ('9999_future', 'f00d')`),
    );
    const newer = await rollcall(['runs'], database);
    expect(newer).toMatchObject({ status: 2, stdout: '' });
    expect(newer.stderr).toMatch(/9999_future.*newer/);
  });

  onOne('needs no queue and installs none, while what sends refuses without one', async () => {
    const { database, rollcall: call } = await deploy();
    await call(['run'], { SMTP_URL: 'smtp://127.0.0.1:1' });
    const waiting = await call(['reports', 'show', '1', '--json']);
    expect(JSON.parse(waiting.stdout)).toMatchObject({
      deliveries: [{ state: 'pending', next_attempt_at: expect.any(String) as unknown }],
    });
    await lookInto(database, (db) => db.execute(sql`drop schema pgboss cascade`));

    expect(await call(['runs'])).toMatchObject({ status: 0, stderr: '' });
    const shown = await call(['reports', 'show', '1', '--json']);
    expect(JSON.parse(shown.stdout)).toMatchObject({ deliveries: [{ next_attempt_at: null }] });
    const resent = await call(['reports', 'resend', '1']);
    expect(resent).toMatchObject({ status: 2, stdout: '' });
    expect(resent.stderr).toMatch(/The queue in .* is missing: `rollcall migrate`/);
    const found = await lookInto(database, (db) =>
      queryRows(db, sql`select to_regnamespace('pgboss') is null as "hasNone"`),
    );
    expect(found).toEqual([{ hasNone: true }]);
  });

  onOne('leaves run to bring the database to this version, which says so in one line', async () => {
    const { database, rollcall: call } = await deploy();
    await lookInto(database, (db) => db.execute(sql`drop schema rollcall cascade`));
    const first = await call(['run']);
    expect(first.status).toBe(0);
    expect(first.stderr).toMatch(/^.*: applied 0000_tables, .*; the database is at this version\.\n$/);
    expect(await call(['run'])).toMatchObject({ status: 0, stderr: '' });
  });
});

describe.runIf(databaseKind() === 'pglite')('what only reads, of an embedded database', () => {
  it('says that there is no history in a folder that is not there, and makes none', async () => {
    const folder = scratchFolder();
    const nowhere = { ROLLCALL_DATA_DIR: path.join(folder, 'data') };
    for (const { command, ...ended } of await runEach([...readers, ...deciders], nowhere)) {
      expect(ended, command.join(' ')).toMatchObject({ status: 2, stdout: '' });
      expect(ended.stderr).toMatch(/There is no history yet in the embedded database in .*data\/pglite\./);
    }
    expect(existsSync(nowhere.ROLLCALL_DATA_DIR)).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
  });
});
