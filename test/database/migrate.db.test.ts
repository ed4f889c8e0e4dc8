import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { type Database, queryRows } from '../../src/database/database.ts';
import { findPendingMigrations, migrate, readMigrations } from '../../src/database/migrate.ts';
import { databaseKind, useBareDatabase } from '../support/database.ts';

const database = useBareDatabase();

const migrations = readMigrations();
const tags = migrations.map(({ tag }) => tag);

test('a database is brought from nothing to this version, and a second time nothing is done', async () => {
  expect(await migrate(database.db)).toEqual(tags);
  expect(await readApplied()).toEqual(tags);
  expect(await migrate(database.db)).toEqual([]);
});

test('a database of every older version is brought to this one', async () => {
  for (const [index] of migrations.entries()) {
    expect(await migrate(database.db, migrations.slice(0, index + 1))).toEqual([tags[index]]);
  }
  expect(await migrate(database.db)).toEqual([]);
});

test('when several processes begin at once, one migrates and the others find nothing to do', async () => {
  const processes = await Promise.all([1, 2, 3, 4].map(() => anotherProcess()));
  const applied = await Promise.all(processes.map((db) => migrate(db)));

  expect(applied.toSorted((left, right) => right.length - left.length)).toEqual([tags, [], [], []]);
  expect(await readApplied()).toEqual(tags);
});

/** PGlite has one connection, on which transactions take turns. */
function anotherProcess(): Promise<Database> {
  return databaseKind() === 'postgres' ? database.connectAgain() : Promise.resolve(database.db);
}

test('a database that a newer rollcall made is refused, and nothing is changed', async () => {
  const oldest = migrations.slice(0, 1);
  const fromTheFuture = { tag: '9999_future', hash: 'f00d', statements: ['create table rollcall.future ()'] };
  await migrate(database.db, [...oldest, fromTheFuture]);

  await expect(migrate(database.db)).rejects.toMatchObject({
    code: 'configuration',
    message: expect.stringMatching(/9999_future.*newer/) as unknown,
  });
  expect(await readApplied()).toEqual([tags[0], '9999_future']);
});

test('what somebody made upon the history is named where it is in the way, and how to bring it along', async () => {
  const asOf = migrations.findIndex(({ tag }) => tag === '0011_as_of');
  await migrate(database.db, migrations.slice(0, asOf + 1));
  const views = ['our_roll', 'our "other" roll'];
  for (const view of views) await database.db.execute(makeView(view));

  const refused: unknown = await migrate(database.db).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'configuration' });
  const { message } = refused as Error;
  expect(message).toMatch(/view our_roll depends on function (?:rollcall\.)?memberships_as_of/);
  expect(message).toContain('view "our ""other"" roll" depends on');
  expect(message).toMatch(/drop it, let `rollcall migrate` run, and make it again; nothing was done/);
  expect(message).not.toContain('\n');
  expect(await readApplied()).toEqual(tags.slice(0, asOf + 1));

  for (const view of views) await database.db.execute(sql`drop view ${sql.identifier(view)}`);
  expect(await migrate(database.db)).toEqual(tags.slice(asOf + 1));
  for (const view of views) await database.db.execute(makeView(view));
});

function makeView(name: string) {
  return sql`
    create view ${sql.identifier(name)} as
    select organization_id from rollcall.memberships_as_of('2026-01-01 00:00Z'::timestamptz)`;
}

test('what is pending can be asked without changing anything', async () => {
  expect(await findPendingMigrations(database.db)).toEqual(tags);
  expect(await readSchema()).toBeNull();

  await migrate(database.db, migrations.slice(0, 2));
  expect(await findPendingMigrations(database.db)).toEqual(tags.slice(2));
  expect(await readApplied()).toEqual(tags.slice(0, 2));
  await expect(findPendingMigrations(database.db, migrations.slice(1))).rejects.toMatchObject({
    code: 'configuration',
  });
});

test('a migration that was edited after it was applied is refused', async () => {
  await migrate(database.db, migrations);
  const edited = migrations.with(0, { tag: tags[0] ?? '', hash: 'edited', statements: [] });

  await expect(migrate(database.db, edited)).rejects.toMatchObject({
    code: 'configuration',
    message: expect.stringMatching(`${tags[0]} was edited`) as unknown,
  });
});

test('a migration that fails leaves nothing behind, and the next attempt does it all', async () => {
  const broken = {
    tag: '9999_broken',
    hash: 'bad',
    statements: ['create table rollcall.half ()', 'select 1 / 0'],
  };

  await expect(migrate(database.db, [...migrations, broken])).rejects.toThrow();
  expect(await readSchema()).toBeNull();
  expect(await migrate(database.db)).toEqual(tags);
});

async function readSchema(): Promise<string | null> {
  const [found] = await queryRows<{ schema: string | null }>(
    database.db,
    sql`select to_regnamespace('rollcall')::text as schema`,
  );
  return found?.schema ?? null;
}

async function readApplied(): Promise<string[]> {
  const applied = await queryRows<{ tag: string }>(
    database.db,
    sql`select tag from rollcall.migrations order by tag`,
  );
  return applied.map(({ tag }) => tag);
}
