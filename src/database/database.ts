import { existsSync } from 'node:fs';
import path from 'node:path';
// Of the types alone: `import { type … }` would load it.
import type { PGlite } from '@electric-sql/pglite';
import { type SQL } from 'drizzle-orm';
import { type PgDatabase, type PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { type Pool } from 'pg';
import { describeError, RollcallError } from '../domain/errors.ts';
import { type Secret } from '../domain/secret.ts';
import { codeOf, explainConnectError } from './explain.ts';
import { explainEmbeddedError } from './explain-embedded.ts';
import { type FolderLock, lockFolder } from './folder-lock.ts';
import { readTlsOptions } from './postgres-tls.ts';
import { parsePostgresUrl } from './postgres-url.ts';
import { createConnections, drizzleOver } from './postgres.ts';
import { makePrivateFolder, narrowWithin } from './private-folder.ts';
import * as schema from './schema.ts';
import { type Transact, transactOver, type Watch } from './transaction.ts';

/** Drizzle over either driver; transactions have this type too. */
export type Database = PgDatabase<PgQueryResultHKT, typeof schema>;

/** An open database of either kind, for whoever opened it to close. */
export interface OpenDatabase {
  db: Database;
  /** Whether this process alone can use the database, as with the embedded one. */
  exclusive: boolean;
  /** For people: where the data lies, without credentials. */
  description: string;
  /** What is below Drizzle, which the queue shares. */
  driver: { kind: 'pglite'; client: PGlite } | { kind: 'postgres'; pool: Pool; transact: Transact };
  close(): Promise<void>;
}

/** Opens PostgreSQL at `url` (15 or newer). Throws `configuration` or `database` when it cannot be reached. */
export async function openPostgres(url: Secret, watch?: Watch, openingMs = 30_000): Promise<OpenDatabase> {
  const server = parsePostgresUrl(url);
  const { pool, end } = createConnections(server, readTlsOptions(server));
  const transact = transactOver(pool, watch);
  try {
    await answerWithin(
      openingMs,
      transact((client) => client.query('select 1')),
    );
  } catch (error) {
    const takesNone = codeOf(error) === protocolViolation && (await takesStatements(pool));
    await end(0);
    throw takesNone ? noTransactions(server.description, error) : await explainConnectError(error, server);
  }
  return {
    db: drizzleOver(transact),
    exclusive: false,
    description: server.description,
    driver: { kind: 'postgres', pool, transact },
    close: () => end(),
  };
}

/** A pooler lets one in and waits, where it has no server; so long nobody waits for a first answer. */
async function answerWithin(ms: number, answer: Promise<unknown>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1000} seconds`)), ms);
  // Whoever waits no more does not hear how it ends.
  answer.catch(() => undefined);
  try {
    await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** SQLSTATE: among others, what PgBouncer answers to `begin` where it pools statements. */
const protocolViolation = '08P01';

async function takesStatements(pool: Pool): Promise<boolean> {
  try {
    await pool.query('select 1');
    return true;
  } catch {
    return false;
  }
}

function noTransactions(description: string, cause: unknown): RollcallError {
  return new RollcallError(
    'configuration',
    `The ${description} takes no transactions (${describeError(cause)}): a pooler in front of it pools statements. ` +
      'Set its pool_mode to transaction or session.',
    { cause },
  );
}

/**
 * Opens the embedded database in `folder`, making it if need be, for this user alone. Throws `busy` while another process
 * has it, and `configuration` or `database` when it cannot be opened.
 */
export async function openEmbedded(folder: string): Promise<OpenDatabase> {
  let lock: FolderLock | undefined;
  try {
    await makePrivateFolder(folder);
    lock = lockFolder(folder);
    const client = await createPglite(folder);
    await narrowWithin(folder);
    await client.exec(`set time zone 'UTC'`);
    return await embedded(client, nameEmbedded(folder), async () => {
      await narrowWithin(folder).finally(() => lock?.release());
    });
  } catch (error) {
    lock?.release();
    throw explainEmbeddedError(error, folder);
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
  return embedded(await createPglite(), 'database in memory', () => Promise.resolve());
}

/** Loaded where it is used: all of PostgreSQL, which a process that has a server does without. */
async function createPglite(folder?: string): Promise<PGlite> {
  const { PGlite } = await import('@electric-sql/pglite');
  return PGlite.create(folder);
}

async function embedded(
  client: PGlite,
  description: string,
  release: () => Promise<void>,
): Promise<OpenDatabase> {
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
        await release();
      }
    },
  };
}

/**
 * The rows of a hand-written query. Its columns come as the driver gives them: cast `bigint` to `int` or
 * `float8`, since the drivers differ, and read times through Drizzle's query builder.
 */
export async function queryRows<Row extends Record<string, unknown>>(
  db: Database,
  query: SQL,
): Promise<Row[]> {
  return ((await db.execute(query)) as { rows: Row[] }).rows;
}
