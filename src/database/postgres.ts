import { type ConnectionOptions } from 'node:tls';
import { type ExtractTablesWithRelations } from 'drizzle-orm';
import { NodePgDatabase, NodePgSession, NodePgTransaction } from 'drizzle-orm/node-postgres';
import { PgDialect, type PgTransactionConfig } from 'drizzle-orm/pg-core';
import pg, { type Pool } from 'pg';
import { type PostgresServer } from './postgres-url.ts';
import type * as schema from './schema.ts';
import { type Transact } from './transaction.ts';

/** How many connections one process opens at most. */
const poolSize = 10;

/** Milliseconds that a connection may take, or the wait for one of the pool. */
const connectTimeoutMs = 30_000;

/** The connections of this process to a PostgreSQL, of which none is opened before it is needed. */
export function createPool(server: PostgresServer, ssl: ConnectionOptions | false): Pool {
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
  pool.on('error', () => undefined).on('connect', (client) => client.on('error', () => undefined));
  return pool;
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
