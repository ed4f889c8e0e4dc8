import { randomUUID } from 'node:crypto';
import { type PgTransactionConfig } from 'drizzle-orm/pg-core';
import { type Pool, type PoolClient, type QueryResult } from 'pg';
import { RollcallError } from '../domain/errors.ts';
import { brokenConnection, codeOf } from './explain.ts';
import { beginPinned } from './pins.ts';

/**
 * Does `work` in a transaction of its own, and commits it. What a pooler, a server or a network makes of COMMIT is looked
 * at: throws `database` where the transaction was not kept, or nobody can say that it was. What `work` throws takes it
 * back.
 */
export type Transact = <T>(
  work: (client: PoolClient) => Promise<T>,
  config?: PgTransactionConfig,
) => Promise<T>;

/** Who is told how the database answers, each time. */
export interface Watch {
  /** Told what kept a transaction from being done; that may be its own fault, and not the database's. */
  failed(error: unknown): void;
  answered(): void;
}

/** {@link Transact} over the connections of a pool. */
export function transactOver(pool: Pool, watch?: Watch): Transact {
  return async (work, config) => {
    try {
      const token = randomUUID();
      const client = await connectAndBegin(pool, token, config);
      watch?.answered();
      return await releasing(client, async () => {
        const result = await work(client);
        await commit(client, token);
        return result;
      });
    } catch (error) {
      watch?.failed(error);
      throw error;
    }
  };
}

/** How many connections may turn out to be closed, one after the other: more than a pool has. */
const closedAtMost = 20;

/** A connection of the pool may have been closed from afar while nobody used it: then nothing was done over it yet. */
async function connectAndBegin(pool: Pool, token: string, config?: PgTransactionConfig): Promise<PoolClient> {
  for (let closed = 0; ; closed += 1) {
    const client = await connect(pool);
    try {
      await begin(client, token, config);
      return client;
    } catch (error) {
      const isUsable = await giveBack(client);
      if (isUsable || closed === closedAtMost) throw error;
    }
  }
}

/** Runs a script of several statements, which begins and commits by itself; returns the rows of all of them. */
export async function runScript(pool: Pool, script: string): Promise<{ rows: unknown[] }> {
  const client = await connect(pool);
  return releasing(client, async () => {
    const results = await queryAll(client, script.replace(/^\s*begin\s*;/i, `${beginPinned()};`));
    return { rows: results.flatMap(({ rows }) => rows) };
  });
}

/** A connection that `work` leaves in a state that cannot be mended is closed. */
async function releasing<T>(client: PoolClient, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    client.release();
    return result;
  } catch (error) {
    throw (await giveBack(client)) || codeOf(error) !== '' ? error : brokenConnection(error);
  }
}

async function connect(pool: Pool): Promise<PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw codeOf(error) === '' ? brokenConnection(error) : error;
  }
}

/** Whether the connection is one still. */
async function giveBack(client: PoolClient): Promise<boolean> {
  try {
    await client.query('rollback');
    client.release();
    return true;
  } catch {
    client.release(true);
    return false;
  }
}

/** SQLSTATE: a standby knows no transaction that writes. */
const notSupported = '0A000';

async function begin(client: PoolClient, token: string, config?: PgTransactionConfig): Promise<void> {
  const mark = `select pg_catalog.set_config('rollcall.transaction', '${token}', true)`;
  try {
    await client.query(`${beginPinned(config)}; ${mark}`);
  } catch (error) {
    if (codeOf(error) !== notSupported) throw error;
    await client.query('rollback');
    await client.query(`${beginPinned(config, '')}; ${mark}`);
  }
}

/** In one message, so that a transaction that has failed already fails here, rather than be rolled back in silence. */
const commitment = `
  select
    pg_catalog.current_setting('rollcall.transaction', true) as token,
    pg_catalog.pg_current_xact_id_if_assigned()::text as id;
  commit`;

async function commit(client: PoolClient, token: string): Promise<void> {
  const [mark, committed] = await queryAll<{ token: string | null; id: string | null }>(client, commitment);
  const { token: found, id = null } = mark?.rows[0] ?? {};
  if (found !== token) throw lost('another connection answered than the one it began on');
  if (committed?.command !== 'COMMIT') throw lost(`COMMIT was answered ${committed?.command ?? 'nothing'}`);
  if (id !== null) await requireCommitted(client, id);
}

/** Several statements in one text have several results, which the types do not say. */
async function queryAll<Row extends Record<string, unknown>>(
  client: PoolClient,
  text: string,
): Promise<readonly QueryResult<Row>[]> {
  const results: unknown = await client.query(text);
  return (Array.isArray(results) ? results : [results]) as QueryResult<Row>[];
}

async function requireCommitted(client: PoolClient, id: string): Promise<void> {
  const { rows } = await client.query<{ status: string | null }>(
    'select pg_catalog.pg_xact_status($1::xid8) as status',
    [id],
  );
  const status = rows[0]?.status ?? 'unknown';
  if (status !== 'committed') throw lost(`PostgreSQL calls it ${status}`);
}

function lost(why: string): RollcallError {
  return new RollcallError(
    'database',
    `A transaction was not kept although it was committed: ${why}. ` +
      'See that a pooler before PostgreSQL pools sessions or transactions, not statements.',
  );
}
