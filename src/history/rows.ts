import { getTableColumns, inArray, sql, type SQL } from 'drizzle-orm';
import { readInBatches } from '../database/batches.ts';
import { type Database, queryRows } from '../database/database.ts';
import { asJson, parseJsonRow, timeColumnsOf } from '../database/json-rows.ts';
import { changes, checkpoints, memberships, principals, reports, runs } from '../database/schema.ts';
import { columnOf } from '../domain/membership.ts';
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

/** Beyond some hundred, more at once are no quicker: what lives for longer than a moment is copied. */
const rowsAtOnce = 500;

/** So many bytes of reports are read at once, and one report more: it may carry a file of many megabytes. */
const reportBytesAtOnce = 262_144;

/** A row as it comes from the database: as JSON, and texts that are not in it. */
interface StoredRow {
  row: string;
  texts?: JsonRow;
}

/** Sorted before they are JSON, which is twice as wide. */
function readTable(tx: Database, table: HistoryTable, where: SQL): AsyncGenerator<{ row: string }[]> {
  const query = sql`
    select ${asJson('sorted')}::text as row
    from (select one.* from ${historyTables[table]} as one where ${where} order by ${sql.raw(orders[table])}) as sorted`;
  return readInBatches<{ row: string }>(tx, query, rowsAtOnce);
}

async function* rowsOf(table: HistoryTable, batches: AsyncIterable<StoredRow[]>): AsyncGenerator<JsonRow> {
  const times = timeColumnsOf(historyTables[table]);
  for await (const batch of batches) {
    for (const { row, texts } of batch) {
      const read = parseJsonRow(row, times);
      yield texts === undefined ? read : { ...read, ...texts };
    }
  }
}

const [textsOfReports, restOfReports] = splitReports();

function splitReports(): [string[], string[]] {
  const columns = Object.entries(getTableColumns(reports));
  const namesOf = (isText: boolean) =>
    columns
      .filter(([, { dataType }]) => (dataType === 'string') === isText)
      .map(([field]) => columnOf(field));
  return [namesOf(true), namesOf(false)];
}

const one = (column: string) => sql.raw(`one.${column}`);

/** Sorted without what they say, which is no JSON either: both would take longer than the reading. */
async function* readReports(tx: Database, where: SQL): AsyncGenerator<StoredRow[]> {
  const texts = textsOfReports.map(one);
  const pairs = restOfReports.map((column) => sql`${sql.raw(`'${column}'`)}, ${one(column)}`);
  for await (const ids of readReportIds(tx, where)) {
    const rows = await queryRows<{ of: number; row: string }>(
      tx,
      sql`
        select one.id::float8 as of, json_build_object(${sql.join(pairs, sql`, `)})::text as row, ${sql.join(texts, sql`, `)}
        from ${reports} as one where ${inArray(sql.raw('one.id'), ids)}`,
    );
    const byId = new Map(rows.map(({ of, row, ...texts }) => [of, { row, texts }]));
    yield ids.flatMap((id) => byId.get(id) ?? []);
  }
}

/** The ids of as many reports as are read at once. */
async function* readReportIds(tx: Database, where: SQL): AsyncGenerator<number[]> {
  const bytes = textsOfReports.map((column) => sql`coalesce(octet_length(${one(column)}), 0)::float8`);
  const sorted = sql`
    select id::float8 as id, ${sql.join(bytes, sql` + `)} as bytes
    from ${reports} as one where ${where} order by ${sql.raw(orders.reports)}`;
  let ids: number[] = [];
  let held = 0;
  for await (const batch of readInBatches<{ id: number; bytes: number }>(tx, sorted, rowsAtOnce)) {
    for (const report of batch) {
      ids.push(report.id);
      held += report.bytes;
      if (held < reportBytesAtOnce) continue;
      yield ids;
      ids = [];
      held = 0;
    }
  }
  if (ids.length > 0) yield ids;
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
