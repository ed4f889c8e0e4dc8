import { rm } from 'node:fs/promises';
import path from 'node:path';
import { inject, onTestFinished } from 'vitest';
import { type Database, openEmbedded, openPostgres } from '../../src/database/database.ts';
import { Secret } from '../../src/domain/secret.ts';
import { databaseKind } from './database.ts';
import { createDataFolder } from './pglite.ts';
import { createDatabase, dropDatabase } from './postgres-databases.ts';

/** What the command line reads to find its database. */
export type DatabaseEnvironment = { DATABASE_URL: string } | { ROLLCALL_DATA_DIR: string };

/** A migrated, empty database of the project's kind for the command line; gone after the test that calls it. */
export async function databaseEnvironment(): Promise<DatabaseEnvironment> {
  if (databaseKind() === 'pglite') {
    const folder = await createDataFolder();
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    return { ROLLCALL_DATA_DIR: folder };
  }
  const serverUrl = inject('postgresUrl');
  const url = await createDatabase(serverUrl);
  onTestFinished(() => dropDatabase(serverUrl, url));
  return { DATABASE_URL: url };
}

/** Looks into what `databaseEnvironment` named. On PGlite: while no command has it open. */
export async function lookInto<T>(
  environment: DatabaseEnvironment,
  look: (db: Database) => Promise<T>,
): Promise<T> {
  const opened =
    'DATABASE_URL' in environment
      ? await openPostgres(new Secret(environment.DATABASE_URL))
      : await openEmbedded(path.join(environment.ROLLCALL_DATA_DIR, 'pglite'));
  try {
    return await look(opened.db);
  } finally {
    await opened.close();
  }
}
