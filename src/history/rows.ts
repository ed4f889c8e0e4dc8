import { inArray, sql, type SQL } from 'drizzle-orm';
import { readInBatches } from '../database/batches.ts';
import { type Database, queryRows } from '../database/database.ts';
import { asJson, readJsonRow, timeColumnsOf } from '../database/json-rows.ts';
import { changes, checkpoints, memberships, principals, reports, runs } from '../database/schema.ts';
import { type JsonRow } from '../domain/seal.ts';

/** The tables that the history is, in the order in which it is written out. */
export const historyTables = { principals, checkpoints, runs, memberships, changes, reports } as const;

/** A table of the history, by its name. */
export type HistoryTable = keyof typeof historyTables;

/**
 * The rows of the history as JSON under the database's names, wherever they lie. Each table comes by principal, and of
 * one principal: runs by id, memberships by the run that first saw them and then by organization, changes by run and id,
 * reports by the run that links them, those that none does at last, and by id. Each can be read
 * from its beginning more than once.
 */
export interface HistoryRows {
  read(table: HistoryTable): AsyncIterable<JsonRow>;
}

/**
 * Whether several tables are read in turns, or one after the other: then the next rows are asked for while some are looked
 * at. A connection has one question at a time.
 */
export type ReadingOrder = 'in turns' | 'one by one';

/** Reads the history of a database, as of one instant. Call it within a transaction that is `repeatable read`. */
export function readHistoryRows(tx: Database, principalId?: number, order?: ReadingOrder): HistoryRows {
  return readRowsWhere(tx, (table) => whose(table, principalId), order);
}

/** Reads those rows of each table, which is called `one`, for which a condition holds; else as {@link readHistoryRows}. */
export function readRowsWhere(
  tx: Database,
  where: (table: HistoryTable) => SQL,
  order: ReadingOrder = 'in turns',
): HistoryRows {
  return {
    read(table) {
      const batches =
        table === 'reports' ? readReports(tx, where(table)) : readTable(tx, table, where(table));
      return rowsOf(table, order === 'one by one' ? ahead(batches) : batches);
    },
  };
}

const orders: Readonly<Record<HistoryTable, string>> = {
  principals: 'id',
  checkpoints: 'principal_id',
  runs: 'principal_id, id',
  memberships: 'principal_id, first_run_id, organization_id collate "C", id',
  changes: 'principal_id, run_id, id',
  reports: 'principal_id, linked_by, id',
};

/** Beyond some hundred, more at once are no quicker: what lives for longer than a moment is copied. A report may carry a file of many megabytes. */
const rowsAtOnce = 500;
const reportsAtOnce = 20;

function readTable(tx: Database, table: HistoryTable, where: SQL): AsyncGenerator<{ row: JsonRow }[]> {
  const query = sql`
    select ${asJson('one')} as row from ${historyTables[table]} as one where ${where}
    order by ${sql.raw(orders[table])}`;
  return readInBatches<{ row: JsonRow }>(tx, query, rowsAtOnce);
}

async function* rowsOf(
  table: HistoryTable,
  batches: AsyncIterable<{ row: JsonRow }[]>,
): AsyncGenerator<JsonRow> {
  const times = timeColumnsOf(historyTables[table]);
  for await (const batch of batches) for (const { row } of batch) yield readJsonRow(row, times);
}

/** Sorted without what they say. */
async function* readReports(tx: Database, where: SQL): AsyncGenerator<{ row: JsonRow }[]> {
  const sorted = sql`
    select id::float8 as id from ${reports} as one where ${where} order by ${sql.raw(orders.reports)}`;
  for await (const batch of readInBatches<{ id: number }>(tx, sorted, reportsAtOnce)) {
    const ids = batch.map(({ id }) => id);
    const rows = await queryRows<{ row: JsonRow }>(
      tx,
      sql`select ${asJson('one')} as row from ${reports} as one where ${inArray(sql.raw('one.id'), ids)}`,
    );
    const byId = new Map(rows.map((found) => [found.row['id'], found]));
    yield ids.flatMap((id) => byId.get(id) ?? []);
  }
}

function whose(table: HistoryTable, principalId: number | undefined): SQL {
  if (principalId === undefined) return sql`true`;
  return sql`${sql.raw(table === 'principals' ? 'one.id' : 'one.principal_id')} = ${principalId}`;
}

/** Asks for the next while one is looked at. */
async function* ahead<T>(batches: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = batches.next();
  try {
    for (;;) {
      const found = await next;
      if (found.done === true) return;
      next = batches.next();
      // Whoever waits for it is told; nobody may.
      next.catch(() => undefined);
      yield found.value;
    }
  } finally {
    await next.catch(() => undefined);
  }
}
