import { sql } from 'drizzle-orm';
import { type Database } from '../database/database.ts';

/** Asks the database for an answer. Rejects when there is none. */
export async function probeDatabase(db: Database): Promise<void> {
  await db.execute(sql`select 1`);
}
