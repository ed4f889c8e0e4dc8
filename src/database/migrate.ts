import { readFileSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'drizzle-orm';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { RollcallError } from '../domain/errors.ts';
import { projectFolder } from '../project.ts';
import { type Database, queryRows } from './database.ts';

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
 * Throws `configuration` when the database was made by a newer rollcall, or a migration was edited after it ran.
 */
export async function migrate(db: Database, migrations = readMigrations()): Promise<string[]> {
  return db.transaction(async (tx) => {
    // A migration may take longer than any other statement.
    await tx.execute(sql`set local statement_timeout = 0`);
    await tx.execute(sql`select pg_advisory_xact_lock(${advisoryLock})`);
    await createJournal(tx);
    const pending = await findPending(tx, migrations);
    for (const migration of pending) await apply(tx, migration);
    return pending.map((migration) => migration.tag);
  });
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
  await db.execute(sql`create schema if not exists rollcall`);
  await db.execute(sql`
    create table rollcall.migrations (
      tag text primary key,
      hash text not null,
      applied_at timestamptz not null default now()
    )`);
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
 * Statements that a later migration takes back. They are left out, so that nobody needs what they ask for: an extension,
 * and the right to make it.
 */
const takenBack = ['CREATE EXTENSION IF NOT EXISTS btree_gist', 'ADD CONSTRAINT memberships_never_overlap'];

async function apply(db: Database, migration: Migration): Promise<void> {
  const statements = migration.statements.filter((text) => !takenBack.some((part) => text.includes(part)));
  for (const statement of statements) await db.execute(sql.raw(statement));
  await db.execute(
    sql`insert into rollcall.migrations (tag, hash) values (${migration.tag}, ${migration.hash})`,
  );
}
