import { sql, type SQL } from 'drizzle-orm';
import { type Database, queryRows } from './database.ts';

/**
 * The rows of a query in its order, `size` at a time, so that nobody holds all of them. Call it within a transaction, and
 * one at a time: it opens a cursor there, which works over either driver and through a pooler.
 */
export async function* readInBatches<Row extends Record<string, unknown>>(
  tx: Database,
  query: SQL,
  size = 5_000,
): AsyncGenerator<Row[]> {
  await tx.execute(sql`declare rollcall_batches no scroll cursor for ${query}`);
  for (;;) {
    const rows = await queryRows<Row>(tx, sql.raw(`fetch ${size} from rollcall_batches`));
    if (rows.length > 0) yield rows;
    if (rows.length < size) break;
  }
  await tx.execute(sql`close rollcall_batches`);
}
