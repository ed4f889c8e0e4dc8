import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, inject, onTestFinished } from 'vitest';
import { type Database, openPostgres } from '../../src/database/database.ts';
import { migrate } from '../../src/database/migrate.ts';
import { openQueue } from '../../src/queue/pg-boss.ts';
import { type Queue } from '../../src/queue/queue.ts';
import { Secret } from '../../src/domain/secret.ts';
import { sharedPglite, sharedQueue, throwError } from './pglite.ts';
import { createDatabase, dropDatabase } from './postgres-databases.ts';

/** A `*.db.test.ts` runs on both kinds, each a project of its own in vitest.config.ts. */
export const databaseKind = () => inject('databaseKind');

export interface TestDatabase {
  /** Empty at the beginning of each test. */
  readonly db: Database;
  /** The queue beside it, as empty. */
  readonly queue: Queue;
  /** Another process's view of the same database, closed after the test. Only on PostgreSQL: PGlite has one connection. */
  readonly connectAgain: () => Promise<Database>;
}

/** The migrated database of the file that calls it, once, at its top: empty at the beginning of each test. */
export function useDatabase(): TestDatabase {
  return provideDatabase(async (db) => {
    await migrate(db);
    await db.execute(sql`delete from pgboss.job`);
    await db.execute(sql`
      do $$ begin
        execute (
          select 'truncate ' || string_agg(format('%I.%I', schemaname, tablename), ', ') || ' restart identity'
          from pg_tables where schemaname = 'rollcall' and tablename <> 'migrations'
        );
      end $$`);
  });
}

/** As `useDatabase`, but as an administrator hands it over: without anything of ours. */
export function useBareDatabase(): TestDatabase {
  return provideDatabase(async (db) => {
    await db.execute(sql`drop schema if exists rollcall cascade`);
    await db.execute(sql`drop extension if exists btree_gist`);
  });
}

function provideDatabase(reset: (db: Database) => Promise<void>): TestDatabase {
  let opened: TestDatabase & { close: () => Promise<void> };
  beforeAll(async () => {
    opened = databaseKind() === 'pglite' ? await borrowPglite() : await openOnServer();
  });
  beforeEach(() => reset(opened.db));
  afterAll(() => opened.close());
  return {
    get db() {
      return opened.db;
    },
    get queue() {
      return opened.queue;
    },
    connectAgain: () => opened.connectAgain(),
  };
}

async function borrowPglite() {
  const { db } = await sharedPglite();
  return {
    db,
    queue: await sharedQueue(),
    connectAgain: () => Promise.reject(new Error('PGlite has one connection.')),
    close: () => Promise.resolve(),
  };
}

async function openOnServer() {
  const serverUrl = inject('postgresUrl');
  const url = await createDatabase(serverUrl);
  const first = await openPostgres(new Secret(url));
  let isClosing = false;
  // A connection of the queue's that is still open when its database goes says so, to nobody's harm: a test that had
  // passed was red for it.
  const onError = (error: unknown) => (isClosing ? undefined : throwError(error));
  const queue = await openQueue(first, { onError });
  return {
    db: first.db,
    queue,
    connectAgain: async () => {
      const another = await openPostgres(new Secret(url));
      onTestFinished(() => another.close());
      return another.db;
    },
    close: async () => {
      isClosing = true;
      await queue.close();
      await first.close();
      await dropDatabase(serverUrl, url);
    },
  };
}

declare module 'vitest' {
  interface ProvidedContext {
    /** The command line, bundled. */
    commandEntry: string;
    databaseKind: 'pglite' | 'postgres';
    /** Only in the project `postgres`. */
    postgresUrl: string;
    /** Only in the project `pglite`. */
    scratchFolder: string;
  }
}
