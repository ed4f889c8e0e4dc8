import { randomBytes } from 'node:crypto';
import { sql, type SQL } from 'drizzle-orm';
import { type Database, queryRows } from './database.ts';

/**
 * The rows of a query in its order, `size` at a time, so that nobody holds all of them. Call it within a transaction: it
 * opens a cursor there, which works over either driver and through a pooler. Several may be read in turns.
 */
export async function* readInBatches<Row extends Record<string, unknown>>(
  tx: Database,
  query: SQL,
  size = 5_000,
): AsyncGenerator<Row[]> {
  const cursor = sql.raw(`rollcall_${randomBytes(8).toString('hex')}`);
  await tx.execute(sql`declare ${cursor} no scroll cursor for ${query}`);
  for (;;) {
    const rows = await queryRows<Row>(tx, sql`fetch ${sql.raw(String(size))} from ${cursor}`);
    if (rows.length > 0) yield rows;
    if (rows.length < size) break;
  }
  await tx.execute(sql`close ${cursor}`);
}
