import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type ConnectionOptions } from 'node:tls';
// Of the types alone: `import { type … }` would load it.
import type { PGlite } from '@electric-sql/pglite';
import { type SQL } from 'drizzle-orm';
import { type PgDatabase, type PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { drizzle as drizzlePostgres } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { type Secret } from '../domain/secret.ts';
import { explainConnectError, explainDatabaseError } from './explain.ts';
import { lockFolder } from './folder-lock.ts';
import { readTlsOptions } from './postgres-tls.ts';
import { parsePostgresUrl, type PostgresServer } from './postgres-url.ts';
import * as schema from './schema.ts';

/** Drizzle over either driver; transactions have this type too. */
export type Database = PgDatabase<PgQueryResultHKT, typeof schema>;

/** An open database of either kind, for whoever opened it to close. */
export interface OpenDatabase {
  db: Database;
  /** Whether this process alone can use the database, as with the embedded one. */
  exclusive: boolean;
  /** For people: where the data lies, without credentials. */
  description: string;
  /** What is below Drizzle, for the queue: one connection that has to be shared, or where more can be had. */
  driver:
    { kind: 'pglite'; client: PGlite } | { kind: 'postgres'; url: Secret; ssl: ConnectionOptions | false };
  close(): Promise<void>;
}

/** How many connections one process opens at most. */
const poolSize = 10;

/** Milliseconds that a first answer may take. */
const openingMs = 30_000;

/** Milliseconds after which PostgreSQL ends a statement, be it for a lock that nobody gives back. */
const statementTimeoutMs = 5 * 60_000;

/** Opens PostgreSQL at `url` (15 or newer). Throws `configuration` or `database` when it cannot be reached. */
export async function openPostgres(url: Secret): Promise<OpenDatabase> {
  const server = parsePostgresUrl(url);
  const ssl = readTlsOptions(server);
  const client = connect(server, ssl);
  try {
    await withinOpeningTime(client`select 1`);
  } catch (error) {
    await client.end({ timeout: 1 });
    throw await explainConnectError(error, server);
  }
  return {
    db: drizzlePostgres(client, { schema, casing: 'snake_case' }),
    exclusive: false,
    description: server.description,
    driver: { kind: 'postgres', url: server.url, ssl },
    close: () => client.end({ timeout: 5 }),
  };
}

/** The driver tries again without end where something takes a connection and drops it, as a proxy without a server does. */
async function withinOpeningTime(answer: Promise<unknown>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`no answer within ${openingMs / 1000} seconds`)),
    openingMs,
  );
  try {
    await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

function connect({ url, host, port }: PostgresServer, ssl: ConnectionOptions | false): postgres.Sql {
  // In a URL this driver understands neither a socket's folder nor IPv6, which it takes as an array, though untyped.
  const place: object = host.startsWith('/')
    ? { path: `${host}/.s.PGSQL.${port}` }
    : { host: [host], port: [port] };
  return postgres(url.reveal(), {
    ...place,
    ssl,
    max: poolSize,
    connect_timeout: 10,
    onnotice: () => undefined,
    connection: { application_name: 'rollcall', TimeZone: 'UTC', statement_timeout: statementTimeoutMs },
  });
}

/** Opens the embedded database in `folder`, making it if need be. Throws `busy` while another process has it. */
export async function openEmbedded(folder: string): Promise<OpenDatabase> {
  await mkdir(folder, { recursive: true });
  const lock = lockFolder(folder);
  try {
    const client = await createPglite(folder);
    await client.exec(`set time zone 'UTC'`);
    return await embedded(client, nameEmbedded(folder), () => lock.release());
  } catch (error) {
    lock.release();
    throw explainDatabaseError(error, `embedded database in ${folder}`);
  }
}

/** Whether an embedded database has been made in `folder`. */
export function hasEmbedded(folder: string): boolean {
  return existsSync(path.join(folder, 'PG_VERSION'));
}

/** The embedded database in `folder`, for people: from where they are. */
export function nameEmbedded(folder: string): string {
  return `embedded database in ${path.relative('.', folder) || '.'}`;
}

/** An embedded database in memory alone: for tests. */
export async function openInMemory(): Promise<OpenDatabase> {
  return embedded(await createPglite(), 'database in memory', () => undefined);
}

/** Loaded where it is used: all of PostgreSQL, which a process that has a server does without. */
async function createPglite(folder?: string): Promise<PGlite> {
  const { PGlite } = await import('@electric-sql/pglite');
  return PGlite.create(folder);
}

async function embedded(client: PGlite, description: string, release: () => void): Promise<OpenDatabase> {
  const { drizzle: drizzlePglite } = await import('drizzle-orm/pglite');
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
