import { cp, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { createDatabase, dropDatabase, executeOn } from '../../test/support/postgres-databases.ts';
import { startPostgresInstance } from '../../test/support/postgres-instance.ts';
import { makeTemporaryFolder } from '../../test/support/temporary-folder.ts';
import { type Place } from './work.ts';

/** Where migrated databases can be had. */
export interface Places extends AsyncDisposable {
  /** A new database, for nobody else. */
  make(): Promise<Place>;
  /** Leaves it as it would be by the next night. */
  settle(place: Place): Promise<void>;
  drop(place: Place): Promise<void>;
}

/** On a PostgreSQL of its own, which does not sync to the disk. */
export async function openPostgresPlaces(): Promise<Places> {
  const server = await startPostgresInstance();
  return {
    make: async () => ({ kind: 'postgres', url: await createDatabase(server.url) }),
    // PostgreSQL would do so by itself in the hours until the next night, or in the middle of what is measured.
    async settle(place) {
      if (place.kind !== 'postgres') return;
      await executeOn(place.url, 'vacuum (analyze)');
      await executeOn(place.url, 'checkpoint');
    },
    drop: async (place) => {
      if (place.kind === 'postgres') await dropDatabase(server.url, place.url);
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

/** In folders, each a copy of one that `open` has made and migrated. */
export async function openEmbeddedPlaces(open: (place: Place) => Promise<unknown>): Promise<Places> {
  const { folder, remove } = await makeTemporaryFolder('bench');
  const template = path.join(folder, 'template');
  await open({ kind: 'embedded', folder: template });
  return {
    async make() {
      const copy = await mkdtemp(path.join(folder, 'data-'));
      await cp(template, copy, { recursive: true });
      return { kind: 'embedded', folder: copy };
    },
    settle: () => Promise.resolve(),
    drop: async (place) => {
      if (place.kind === 'embedded') await rm(place.folder, { recursive: true });
    },
    [Symbol.asyncDispose]() {
      remove();
      return Promise.resolve();
    },
  };
}
