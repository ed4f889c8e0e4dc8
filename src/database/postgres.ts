import { type ConnectionOptions } from 'node:tls';
import { type ExtractTablesWithRelations } from 'drizzle-orm';
import { NodePgDatabase, NodePgSession, NodePgTransaction } from 'drizzle-orm/node-postgres';
import { PgDialect, type PgTransactionConfig } from 'drizzle-orm/pg-core';
import pg, { type Client, type Pool, type PoolClient } from 'pg';
import { type PostgresServer } from './postgres-url.ts';
import type * as schema from './schema.ts';
import { type Transact } from './transaction.ts';

/** How many connections one process opens at most. */
const poolSize = 10;

/** Milliseconds that a connection may take, or the wait for one of the pool. */
const connectTimeoutMs = 30_000;

/** The connections of this process to a PostgreSQL, of which none is opened before it is needed. */
export interface Connections {
  pool: Pool;
  /** Lets what is in hand end, for `graceMs` at most (default 5,000): no statement that hangs keeps a process from its end. */
  end: (graceMs?: number) => Promise<void>;
}

/** How a process reaches a PostgreSQL. Opens no connection. */
export function createConnections(server: PostgresServer, ssl: ConnectionOptions | false): Connections {
  const { host, port, user, password, database, applicationName, options } = server;
  const pool = new pg.Pool({
    host,
    port,
    ...(user !== null && { user }),
    ...(password !== null && { password: password.reveal() }),
    ...(database !== null && { database }),
    ...(options !== null && { options }),
    application_name: applicationName,
    ssl,
    max: poolSize,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
  });
  // Whoever uses a connection that breaks learns it by the answer; one that nobody uses is replaced by the next.
  const open = new Set<PoolClient>();
  pool.on('error', () => undefined);
  pool.on('connect', (client) => {
    open.add(client);
    client.on('error', () => undefined).on('end', () => open.delete(client));
  });
  return { pool, end: (graceMs = 5_000) => endWithin(graceMs, pool, open) };
}

async function endWithin(graceMs: number, pool: Pool, open: ReadonlySet<PoolClient>): Promise<void> {
  // One that is told to end in the middle of a statement breaks its connection off.
  const breakOff = () => void Promise.allSettled([...open].map((client) => (client as Client).end()));
  const grace = setTimeout(breakOff, graceMs);
  try {
    await pool.end();
  } finally {
    clearTimeout(grace);
  }
}

type Relations = ExtractTablesWithRelations<typeof schema>;

const dialect = new PgDialect({ casing: 'snake_case' });

/** Drizzle over connections: each statement in a transaction of its own, unless it is called in one. */
export function drizzleOver(transact: Transact): NodePgDatabase<typeof schema> {
  return new NodePgDatabase(dialect, new PooledSession(transact), undefined);
}

class PooledSession extends NodePgSession<typeof schema, Relations> {
  readonly #transact: Transact;

  constructor(transact: Transact) {
    const query = (text: pg.QueryConfig, values: unknown[]) =>
      transact((client) => client.query(text, values));
    // All that Drizzle asks of it outside of a transaction, where it would want a whole pool.
    super({ query } as unknown as Pool, dialect, undefined);
    this.#transact = transact;
  }

  override transaction<T>(
    work: (tx: NodePgTransaction<typeof schema, Relations>) => Promise<T>,
    config?: PgTransactionConfig,
  ): Promise<T> {
    return this.#transact((client) => {
      const session = new NodePgSession<typeof schema, Relations>(client, dialect, undefined);
      return work(new NodePgTransaction<typeof schema, Relations>(dialect, session, undefined));
    }, config);
  }
}
