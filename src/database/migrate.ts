import { readFileSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'drizzle-orm';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { describeError, RollcallError } from '../domain/errors.ts';
import { projectFolder } from '../project.ts';
import { type Database, queryRows } from './database.ts';
import { codeOf, explainDependents, notAllowed } from './explain.ts';
import { sealEarlierRows } from './seals.ts';

const migrationsFolder = path.join(projectFolder, 'migrations');

/** Any number, so long as every process that migrates asks for the same advisory lock. */
const advisoryLock = 724_655_255;

interface Migration {
  tag: string;
  hash: string;
  statements: readonly string[];
}

/**
 * Brings the database to this version and returns the names of the migrations applied: all of them or none, in one
 * transaction. Several processes may call it at once: one applies, the others wait and find nothing to do.
 *
 * Throws `configuration` when the database was made by a newer rollcall, a migration was edited after it ran, or something of
 * somebody else's hangs on what it makes anew.
 */
export async function migrate(db: Database, migrations = readMigrations()): Promise<string[]> {
  return db
    .transaction(async (tx) => {
      // A migration may take longer than any other statement.
      await tx.execute(sql`set local statement_timeout = 0`);
      await awaitOtherMigrators(tx);
      await createJournal(tx);
      const pending = await findPending(tx, migrations);
      for (const migration of pending) await apply(tx, migration);
      return pending.map((migration) => migration.tag);
    })
    .catch(async (error: unknown) => {
      throw codeOf(error) === notAllowed ? await noRight(db, migrations, error) : explainDependents(error);
    });
}

/** Waits until no other process changes what is in the schema; until this transaction ends, none does. */
export async function awaitOtherMigrators(tx: Database): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${advisoryLock})`);
}

async function noRight(db: Database, migrations: Migration[], cause: unknown): Promise<RollcallError> {
  const pending = await findPendingMigrations(db, migrations);
  return new RollcallError(
    'configuration',
    `${pending.join(', ')} to be applied, which this user may not do (${describeError(cause)}). ` +
      'Let `rollcall migrate` be run by the user who owns what is in the schema rollcall, or may make schemas; nothing was done.',
    { cause },
  );
}

/** The names of the migrations that {@link migrate} would apply; throws where that would. Changes nothing. */
export async function findPendingMigrations(db: Database, migrations = readMigrations()): Promise<string[]> {
  const pending = (await hasJournal(db)) ? await findPending(db, migrations) : migrations;
  return pending.map((migration) => migration.tag);
}

/** Drizzle Kit's journal and files, in order. */
export function readMigrations(): Migration[] {
  const journal = JSON.parse(readFileSync(path.join(migrationsFolder, 'meta/_journal.json'), 'utf8')) as {
    entries: { tag: string }[];
  };
  return readMigrationFiles({ migrationsFolder }).map((file, position) => ({
    tag: journal.entries[position]?.tag ?? String(position),
    hash: file.hash,
    statements: file.sql,
  }));
}

/** Only where it is missing: a role that may not create anything can use a database that is at this version. */
async function createJournal(db: Database): Promise<void> {
  if (await hasJournal(db)) return;
  await requireUtf8(db);
  if (!(await hasSchema(db, 'rollcall'))) await db.execute(sql`create schema rollcall`);
  await db.execute(sql`
    create table rollcall.migrations (
      tag text primary key,
      hash text not null,
      applied_at timestamptz not null default now()
    )`);
}

/** What to do about a database that cannot hold every text. */
export const useUtf8 =
  'Make another with `createdb --encoding UTF8 --template template0`, and name it in DATABASE_URL';

async function requireUtf8(db: Database): Promise<void> {
  const [server] = await queryRows<{ encoding: string }>(
    db,
    sql`select current_setting('server_encoding') as encoding`,
  );
  if (server?.encoding === 'UTF8') return;
  throw new RollcallError(
    'configuration',
    `The encoding of the database is ${server?.encoding}, which cannot hold the name of every organization. ${useUtf8}; nothing was done.`,
  );
}

/** Whether a schema is there. To make one where there is one already takes a right that is not needed to use it. */
export async function hasSchema(db: Database, name: string): Promise<boolean> {
  const [schema] = await queryRows<{ exists: boolean }>(
    db,
    sql`select to_regnamespace(${name}) is not null as exists`,
  );
  return schema?.exists === true;
}

async function hasJournal(db: Database): Promise<boolean> {
  const [journal] = await queryRows<{ exists: boolean }>(
    db,
    sql`select to_regclass('rollcall.migrations') is not null as exists`,
  );
  return journal?.exists === true;
}

async function findPending(db: Database, migrations: readonly Migration[]): Promise<Migration[]> {
  const applied = await queryRows<{ tag: string; hash: string }>(
    db,
    sql`select tag, hash from rollcall.migrations order by tag`,
  );
  for (const { tag, hash } of applied) {
    const known = migrations.find((migration) => migration.tag === tag);
    if (known === undefined) {
      throw new RollcallError(
        'configuration',
        `The database has the migration ${tag}, which this version of rollcall does not know: ` +
          'a newer one made it. Start that version; nothing was done.',
      );
    }
    if (known.hash !== hash) {
      throw new RollcallError(
        'configuration',
        `The migration ${tag} was edited after it was applied; nothing was done.`,
      );
    }
  }
  return migrations.filter((migration) => !applied.some(({ tag }) => tag === migration.tag));
}

/**
 * Statements that are left out, so that nobody needs the right to what they ask for: the schema, which is there by then,
 * and an extension, which a later migration takes back.
 */
const leftOut = [
  'CREATE SCHEMA IF NOT EXISTS',
  'CREATE EXTENSION IF NOT EXISTS btree_gist',
  'ADD CONSTRAINT memberships_never_overlap',
];

/** What a migration leaves to this program, which SQL cannot do. */
const leftToUs: Readonly<Record<string, (tx: Database) => Promise<unknown>>> = {
  '0008_provenance': sealEarlierRows,
};

async function apply(db: Database, migration: Migration): Promise<void> {
  const statements = migration.statements.filter((text) => !leftOut.some((part) => text.includes(part)));
  for (const statement of statements) await db.execute(sql.raw(statement));
  await leftToUs[migration.tag]?.(db);
  await db.execute(
    sql`insert into rollcall.migrations (tag, hash) values (${migration.tag}, ${migration.hash})`,
  );
}
