import { sql } from 'drizzle-orm';
import { type Database } from '../database/database.ts';

/** How long one query of a check may take, on PostgreSQL. */
const queryTimeoutMs = 10_000;

/** Does the work in a transaction in which the database refuses every change. */
export function lookOnly<T>(db: Database, work: (tx: Database) => Promise<T>): Promise<T> {
  return db.transaction(
    async (tx) => {
      await tx.execute(sql`select set_config('statement_timeout', ${String(queryTimeoutMs)}, true)`);
      return work(tx);
    },
    { accessMode: 'read only' },
  );
}
