import { cpSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import { inject } from 'vitest';
import { openEmbedded, openInMemory } from '../../src/database/database.ts';
import { migrate } from '../../src/database/migrate.ts';
import { openQueue } from '../../src/queue/pg-boss.ts';

/** The one PGlite of this worker: starting one takes seconds, emptying it milliseconds. */
export const sharedPglite = once(openInMemory);

/** The queue in it. */
export const sharedQueue = once(async () => openQueue(await sharedPglite(), { onError: throwError }));

/** Nothing goes wrong in the background of a test unnoticed. */
export function throwError(error: unknown): never {
  throw error;
}

const migratedFolder = once(async () => {
  const folder = await makeFolder();
  const database = await openEmbedded(path.join(folder, 'pglite'));
  await migrate(database.db);
  await (await openQueue(database, { onError: throwError })).close();
  await database.close();
  return folder;
});

/** A data folder as `ROLLCALL_DATA_DIR` names it, with a migrated embedded database in it. */
export async function createDataFolder(): Promise<string> {
  const folder = await makeFolder();
  cpSync(await migratedFolder(), folder, { recursive: true });
  return folder;
}

function makeFolder(): Promise<string> {
  return mkdtemp(path.join(inject('scratchFolder'), 'data-'));
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
