import { sql, type SQL } from 'drizzle-orm';
import { type Database, queryRows } from '../database/database.ts';
import { lookOnly } from './read-only.ts';

/** What the database server is, and what it lets this user do. */
export interface Server extends Record<string, unknown> {
  version: string;
  versionNumber: number;
  /** Whether it takes no changes, as a standby does. */
  isReadOnly: boolean;
  /** PostgreSQL's name for how it stores text. */
  encoding: string;
  /** Whether the user may make tables in the schema `rollcall`, and that where it is not there. */
  mayMakeTables: boolean;
  /** The same of the schema `pgboss`. */
  mayMakeQueue: boolean;
  /** Whether the tables that are there may be altered. */
  ownsTables: boolean;
  /** Whether rows may be added to the tables that are there. */
  mayWrite: boolean;
  /** What time it is there, in milliseconds since 1970. */
  nowMs: number;
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

function mayMakeIn(schema: string): SQL {
  return sql`coalesce(
    has_schema_privilege(to_regnamespace(${schema}), 'create'),
    has_database_privilege(current_database(), 'create')
  )`;
}

const serverQuery = sql`
  with relation as (
    select oid, relowner, relkind, relname from pg_class
    where relnamespace = to_regnamespace('rollcall') and relkind in ('r', 'v')
  )
  select
    split_part(current_setting('server_version'), ' ', 1) as version,
    current_setting('server_version_num')::int as "versionNumber",
    pg_is_in_recovery() as "isReadOnly",
    extract(epoch from clock_timestamp())::float8 * 1000 as "nowMs",
    current_setting('server_encoding') as encoding,
    ${mayMakeIn('rollcall')} as "mayMakeTables",
    ${mayMakeIn('pgboss')} as "mayMakeQueue",
    coalesce((select bool_and(pg_has_role(relowner, 'usage')) from relation), true) as "ownsTables",
    coalesce(
      (
        select bool_and(has_table_privilege(oid, 'insert')) from relation
        where relkind = 'r' and relname <> 'migrations'
      ),
      true
    ) as "mayWrite"`;
