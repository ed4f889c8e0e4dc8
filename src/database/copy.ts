import { getTableColumns, getTableName, sql, type SQL } from 'drizzle-orm';
import { type PgTable } from 'drizzle-orm/pg-core';
import { columnOf } from '../domain/membership.ts';
import { readInBatches } from './batches.ts';
import { type Database, queryRows } from './database.ts';
import * as schema from './schema.ts';

/** Tables that are copied row by row, in an order in which each comes after those that it refers to. */
export const copiedTables: readonly PgTable[] = [
  schema.principals,
  schema.runs,
  schema.checkpoints,
  schema.memberships,
  schema.changes,
  schema.heldMemberships,
  schema.invitations,
  schema.departures,
  schema.reports,
  schema.deliveries,
];

/** What triggers count as rows come, and so is put right when all have: also what is deleted since counts. */
export const talliedTables: readonly PgTable[] = [
  schema.runTallies,
  schema.changeTallies,
  schema.deliveryTallies,
];

/** How much is copied of which table. */
export type OnCopied = (table: string, rows: number) => void;

/** Whom to tell how far it is, and how much goes over at once. */
export interface CopyOptions {
  /** Default: nobody is told. */
  onCopied?: OnCopied;
  /** Rows of a table. Default: 2,000; of reports, which may carry files of many megabytes, 20. */
  rowsAtOnce?: number;
}

/**
 * Copies every row that rollcall keeps from one database to another that has the same tables, with their ids. Call it within
 * a transaction of either. Throws what PostgreSQL refuses: the other one has to be empty.
 */
export async function copyRows(from: Database, to: Database, options: CopyOptions = {}): Promise<void> {
  await to.execute(sql`set constraints all deferred`);
  for (const table of copiedTables) await copyTable(from, to, { table, ...options });
  for (const table of talliedTables) {
    await to.execute(sql`delete from ${table}`);
    await copyTable(from, to, { table, ...options });
  }
}

/** How many rows of ours a database holds. */
export async function countRows(db: Database): Promise<number> {
  let rows = 0;
  for (const table of copiedTables) {
    const [found] = await queryRows<{ count: number }>(
      db,
      sql`select count(*)::float8 as count from ${table}`,
    );
    rows += found?.count ?? 0;
  }
  return rows;
}

async function copyTable(
  from: Database,
  to: Database,
  { table, onCopied, rowsAtOnce = table === schema.reports ? 20 : 2_000 }: CopyOptions & { table: PgTable },
): Promise<void> {
  const columns = Object.entries(getTableColumns(table))
    .filter(([, column]) => column.generated === undefined)
    .map(([name]) => columnOf(name));
  const list = sql.raw(columns.map((name) => `"${name}"`).join(', '));
  const rows = sql`select to_jsonb(one)::text as row from ${table} as one ${columns.includes('id') ? sql`order by id` : sql``}`;
  let copied = 0;
  for await (const batch of readInBatches<{ row: string }>(from, rows, rowsAtOnce)) {
    const values = `[${batch.map(({ row }) => row).join(',')}]`;
    await to.execute(sql`
      insert into ${table} (${list}) overriding system value
      select ${list} from jsonb_populate_recordset(null::${table}, ${values}::jsonb)`);
    copied += batch.length;
    onCopied?.(getTableName(table), copied);
  }
  if (columns.includes('id')) await moveSequence(to, table);
}

/** The next id is the one after the highest, or where the other database was. */
async function moveSequence(to: Database, table: PgTable): Promise<void> {
  const name: SQL = sql`${`rollcall.${getTableName(table)}`}`;
  await to.execute(sql`
    select setval(pg_get_serial_sequence(${name}, 'id'), (select coalesce(max(id), 0) + 1 from ${table}), false)`);
}
