import { getTableColumns, sql, type SQL } from 'drizzle-orm';
import { type PgTable } from 'drizzle-orm/pg-core';
import { columnOf } from '../domain/membership.ts';
import { type JsonRow } from '../domain/seal.ts';

/** A table's row as one JSON value, of `alias`: what {@link readJsonRow} takes. */
export function asJson(alias: string): SQL {
  return sql`to_json(${sql.raw(alias)})`;
}

/** The columns of a table that are times, by the database's names. */
export function timeColumnsOf(table: PgTable): readonly string[] {
  return Object.entries(getTableColumns(table))
    .filter(([, column]) => column.dataType === 'date')
    .map(([name]) => columnOf(name));
}

/** A row that PostgreSQL wrote as JSON, its times as JavaScript writes them: ISO 8601 in UTC, with milliseconds. */
export function readJsonRow(row: JsonRow, times: readonly string[]): JsonRow {
  return rewriteTimes({ ...row }, times);
}

/** The same of a row's JSON: for many rows, which then are no objects before they are looked at. */
export function parseJsonRow(json: string, times: readonly string[]): JsonRow {
  return rewriteTimes(JSON.parse(json) as Record<string, unknown>, times);
}

function rewriteTimes(row: Record<string, unknown>, times: readonly string[]): JsonRow {
  for (const column of times) {
    const time = row[column];
    if (typeof time === 'string') row[column] = isoTime(time);
  }
  return row;
}

const utc = '+00:00';

/** More digits than milliseconds have stay: a time that is not as it was stored reads as another one. */
function isoTime(time: string): string {
  if (!time.endsWith(utc)) return time;
  const local = time.slice(0, -utc.length);
  const point = local.lastIndexOf('.');
  if (point === -1) return `${local}.000Z`;
  return `${local.padEnd(point + 4, '0')}Z`;
}
