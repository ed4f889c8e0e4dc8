import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type ConnectionOptions } from 'node:tls';
import { PGlite } from '@electric-sql/pglite';
import { btree_gist } from '@electric-sql/pglite/contrib/btree_gist';
import { type SQL } from 'drizzle-orm';
import { type PgDatabase, type PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite';
import { drizzle as drizzlePostgres } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { type Secret } from '../domain/secret.ts';
import { explainDatabaseError } from './explain.ts';
import { lockFolder } from './folder-lock.ts';
import * as schema from './schema.ts';

/** Drizzle over either driver; transactions have this type too. */
export type Database = PgDatabase<PgQueryResultHKT, typeof schema>;

export interface OpenDatabase {
  db: Database;
  /** Whether this process alone can use the database, as with the embedded one. */
  exclusive: boolean;
  /** For people: where the data lies, without credentials. */
  description: string;
  /** What is below Drizzle, for the queue: one connection that has to be shared, or where more can be had. */
  driver:
    { kind: 'pglite'; client: PGlite } | { kind: 'postgres'; url: Secret; ssl: boolean | ConnectionOptions };
  close(): Promise<void>;
}

/** How many connections one process opens at most. */
const poolSize = 10;

/** Opens PostgreSQL at `url` (15 or newer). Throws `configuration` or `database` when it cannot be reached. */
export async function openPostgres(url: Secret): Promise<OpenDatabase> {
  const client = connect(url);
  const { host, port, pathname } = new URL(url.reveal());
  const description = `PostgreSQL at ${host === '' ? 'localhost' : host}${port === '' || host.endsWith(port) ? '' : `:${port}`}${pathname}`;
  try {
    await client`select 1`;
  } catch (error) {
    await client.end({ timeout: 1 });
    throw explainDatabaseError(error, description);
  }
  return {
    db: drizzlePostgres(client, { schema, casing: 'snake_case' }),
    exclusive: false,
    description,
    driver: { kind: 'postgres', url, ssl: false },
    close: () => client.end({ timeout: 5 }),
  };
}

function connect(url: Secret): postgres.Sql {
  return postgres(url.reveal(), {
    max: poolSize,
    connect_timeout: 10,
    onnotice: () => undefined,
    connection: { application_name: 'rollcall', TimeZone: 'UTC' },
  });
}

/** Opens the embedded database in `folder`, making it if need be. Throws `busy` while another process has it. */
export async function openEmbedded(folder: string): Promise<OpenDatabase> {
  await mkdir(folder, { recursive: true });
  const lock = lockFolder(folder);
  try {
    const client = await PGlite.create(folder, { extensions: { btree_gist } });
    await client.exec(`set time zone 'UTC'`);
    return embedded(client, `embedded database in ${path.relative('.', folder) || '.'}`, () =>
      lock.release(),
    );
  } catch (error) {
    lock.release();
    throw explainDatabaseError(error, `embedded database in ${folder}`);
  }
}

/** An embedded database in memory alone: for tests. */
export async function openInMemory(): Promise<OpenDatabase> {
  return embedded(await PGlite.create({ extensions: { btree_gist } }), 'database in memory', () => undefined);
}

function embedded(client: PGlite, description: string, release: () => void): OpenDatabase {
  return {
    db: drizzlePglite(client, { schema, casing: 'snake_case' }),
    exclusive: true,
    description,
    driver: { kind: 'pglite', client },
    async close() {
      try {
        await client.close();
      } finally {
        release();
      }
    },
  };
}

/**
 * The rows of a hand-written query. Its columns come as the driver gives them: cast `bigint` to `int` or
 * `float8` and read times through Drizzle's query builder, since the drivers differ in both.
 */
export async function queryRows<Row extends Record<string, unknown>>(
  db: Database,
  query: SQL,
): Promise<Row[]> {
  const result: unknown = await db.execute(query);
  return (Array.isArray(result) ? result : (result as { rows: unknown[] }).rows) as Row[];
}
