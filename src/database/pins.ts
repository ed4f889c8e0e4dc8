import { type PgTransactionConfig } from 'drizzle-orm/pg-core';

/** After which PostgreSQL ends a statement, be it for a lock that nobody gives back. */
const statementTimeout = '5min';

/** After which it ends a transaction whose process says nothing more. */
const idleTimeout = '10min';

/**
 * What a session's settings have to be wherever they change what it writes, reads, allows or keeps; a role, a database or
 * a server may set each of them otherwise. Values as `current_setting` writes them, in SQL.
 */
const pins: Readonly<Record<string, string>> = {
  TimeZone: `'UTC'`,
  DateStyle: `'ISO, MDY'`,
  IntervalStyle: `'postgres'`,
  client_encoding: `'UTF8'`,
  bytea_output: `'hex'`,
  extra_float_digits: `'1'`,
  standard_conforming_strings: `'on'`,
  array_nulls: `'on'`,
  transform_null_equals: `'off'`,
  search_path: `'rollcall, pg_temp'`,
  // Rows that a policy hides are no rows that are gone: then a query fails.
  row_security: `'off'`,
  session_replication_role: `'origin'`,
  exit_on_error: `'off'`,
  statement_timeout: `'${statementTimeout}'`,
  lock_timeout: `'0'`,
  transaction_timeout: `'0'`,
  idle_in_transaction_session_timeout: `'${idleTimeout}'`,
  // A commit that is told is one that a crash of the server cannot take back.
  synchronous_commit: `case pg_catalog.current_setting('synchronous_commit') when 'off' then 'on' else pg_catalog.current_setting('synchronous_commit') end`,
};

const values = Object.entries(pins).map(([name, value]) => `('${name}', ${value})`);

/** Only what differs: some settings are not for everybody to set, and a version of PostgreSQL may not have all. */
const pinning = `select pg_catalog.set_config(name, setting, true) from (values ${values.join(', ')}) as pin (name, setting) where pg_catalog.current_setting(name, true) <> setting`;

/**
 * The statements that begin a transaction in which no setting of the role, the database or the server matters. All of it
 * is gone with the transaction, so that it works through a pooler and leaves nothing behind there. Give `access` as ''
 * for a standby, which refuses the words `read write` even from who only reads.
 */
export function beginPinned(
  config: PgTransactionConfig = {},
  access: '' | 'read only' | 'read write' = config.accessMode ?? 'read write',
): string {
  const { isolationLevel = 'read committed', deferrable = false } = config;
  return `begin isolation level ${isolationLevel} ${access} ${deferrable ? '' : 'not '}deferrable; ${pinning}`;
}
