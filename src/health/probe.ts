import { sql } from 'drizzle-orm';
import { type Database, queryRows } from '../database/database.ts';

/** Whether the database is one to work with. */
export interface Fitness extends Record<string, unknown> {
  /** Not on a standby, nor where it was made read-only, nor without the tables or the right to write them. */
  takesChanges: boolean;
  /** Whether the queue's tables are there. */
  hasQueue: boolean;
}

/** Asks the database whether it would do the work, and changes nothing. Rejects when there is no answer. */
export async function probeDatabase(db: Database): Promise<Fitness> {
  const [fitness] = await queryRows<Fitness>(db, fitnessQuery);
  if (fitness === undefined) throw new Error('A query without a condition answered no row.');
  return fitness;
}

// In recovery a transaction is read-only, whatever the default is.
const fitnessQuery = sql`
  select
    current_setting('transaction_read_only') = 'off'
      and coalesce(has_table_privilege(to_regclass('rollcall.runs'), 'insert'), false) as "takesChanges",
    to_regclass('pgboss.job') is not null as "hasQueue"`;
