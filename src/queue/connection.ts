import { type ConstructorOptions, fromPglite } from 'pg-boss';
import { type OpenDatabase } from '../database/database.ts';
import { runScript } from '../database/transaction.ts';

/** The database as the queue takes it: the very connections that everything else uses. */
export function connectionOf({ driver }: OpenDatabase): Pick<ConstructorOptions, 'db' | 'backend'> {
  if (driver.kind === 'pglite') return { db: fromPglite(driver.client), backend: 'pglite' };
  const { pool, transact } = driver;
  return {
    db: {
      async executeSql(text, values) {
        if (refusesTransactions.test(text)) return pool.query(text);
        if (beginsItself.test(text)) return runScript(pool, text);
        return transact((client) => client.query(text, values));
      },
    },
  };
}

/** Indexes are made, made anew and dropped beside whoever works, which PostgreSQL does outside of transactions alone. */
const refusesTransactions = /\b(?:index\s+concurrently|reindex)\b/i;

/** The queue installs its tables and looks after them in scripts that are a transaction each. */
const beginsItself = /^\s*begin\s*;/i;
