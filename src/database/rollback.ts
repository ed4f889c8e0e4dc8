import { type Database } from './database.ts';

/** Does the work in a transaction that is rolled back whatever happens, and returns what it came to. */
export async function inRolledBackTransaction<T>(
  db: Database,
  work: (tx: Database) => Promise<T>,
): Promise<T> {
  const done: { result?: T } = {};
  const rollBack = new Error('Rolled back on purpose.');
  try {
    await db.transaction(async (tx) => {
      done.result = await work(tx);
      throw rollBack;
    });
  } catch (error) {
    if (error !== rollBack) throw error;
  }
  return done.result as T;
}
