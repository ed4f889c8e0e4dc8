import { sql } from 'drizzle-orm';
import { type Database, queryRows } from '../database/database.ts';
import { lookOnly } from './read-only.ts';

/** What the database server is, and what it lets this user do. */
export interface Server extends Record<string, unknown> {
  version: string;
  versionNumber: number;
  /** Whether it takes no changes, as a standby does. */
  isReadOnly: boolean;
  /** Whether the user may make a schema in the database, and so what migrations and queue need besides. */
  mayCreate: boolean;
  /** Whether the tables that are there may be altered. */
  ownsTables: boolean;
  /** Whether rows may be added to the tables that are there. */
  mayWrite: boolean;
}

/**
 * Asks the database server what it is and what this user may do. Where there are no tables yet, `ownsTables` and
 * `mayWrite` are true.
 */
export async function readServer(db: Database): Promise<Server> {
  const [server] = await lookOnly(db, (tx) => queryRows<Server>(tx, serverQuery));
  if (server === undefined) throw new Error('A query without a condition answered no row.');
  return server;
}

const serverQuery = sql`
  with relation as (
    select oid, relowner, relkind, relname from pg_class
    where relnamespace = to_regnamespace('rollcall') and relkind in ('r', 'v')
  )
  select
    split_part(current_setting('server_version'), ' ', 1) as version,
    current_setting('server_version_num')::int as "versionNumber",
    pg_is_in_recovery() or current_setting('default_transaction_read_only') = 'on' as "isReadOnly",
    has_database_privilege(current_database(), 'create') as "mayCreate",
    coalesce((select bool_and(pg_has_role(relowner, 'usage')) from relation), true) as "ownsTables",
    coalesce(
      (
        select bool_and(has_table_privilege(oid, 'insert')) from relation
        where relkind = 'r' and relname <> 'migrations'
      ),
      true
    ) as "mayWrite"`;
