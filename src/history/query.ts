import { sql } from 'drizzle-orm';
import { type Database, queryRows } from '../database/database.ts';
import { inRolledBackTransaction } from '../database/rollback.ts';

/**
 * What one query answers, each row as JSON. It runs in a read-only transaction that is taken back, and PostgreSQL opens it
 * as a cursor, which takes one statement and no more: whatever the text, it cannot end the transaction that it is in.
 * Throws as the database does.
 */
export async function askHistory(db: Database, query: string): Promise<string[]> {
  const bare = query.trim().replace(/;$/, '');
  return inRolledBackTransaction(db, async (tx) => {
    await tx.execute(sql`set transaction read only`);
    // The text travels as a value, and is read as SQL by nobody but the cursor.
    const text = `select row_to_json(answer)::text as json from (\n${bare}\n) as answer`;
    await tx.execute(sql`select set_config('rollcall.query', ${text}, true)`);
    await tx.execute(sql`
      do $$
      declare
        answers refcursor := 'rollcall_answers';
      begin
        open answers for execute current_setting('rollcall.query');
      end $$`);
    const rows = await queryRows<{ json: string }>(tx, sql`fetch all from rollcall_answers`);
    return rows.map(({ json }) => json);
  });
}
