import { getTableColumns } from 'drizzle-orm';
import { type PgTable } from 'drizzle-orm/pg-core';
import { canonicalJson } from '../../domain/digest.ts';
import { columnOf } from '../../domain/membership.ts';
import { isNestedDeeper } from '../../domain/nesting.ts';
import { type JsonRow } from '../../domain/seal.ts';
import { type HistoryTable, historyTables } from '../rows.ts';

/** Thrown for a line that no row of its table is written as. Says what is wrong with it, and not where it is. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

interface Column {
  name: string;
  /** What stands before its value in a line: as the first, and later. */
  first: string;
  next: string;
  isRequired: boolean;
  /** Whether its value may be any JSON, which is not canonical by itself. */
  isJson: boolean;
  isValue: (value: unknown) => boolean;
}

/** The columns of a table under the database's names, in the order in which a line has them. */
export function exportedColumns(table: HistoryTable): readonly string[] {
  return columns[table].map(({ name }) => name);
}

/** A row as one line: canonical JSON of all its columns, those that are null left out; without a line end. */
export function writeLine(table: HistoryTable, row: JsonRow): string {
  return columns[table].some(({ isJson }) => isJson) ? writeByColumn(table, row) : writeAtOnce(table, row);
}

/** What has no JSON within it is canonical once its columns are in order, and quicker written than by column. */
function writeAtOnce(table: HistoryTable, row: JsonRow): string {
  const told: Record<string, unknown> = {};
  for (const { name } of columns[table]) {
    const value = row[name];
    if (value !== null && value !== undefined) told[name] = value;
  }
  return JSON.stringify(told);
}

function writeByColumn(table: HistoryTable, row: JsonRow): string {
  let line = '{';
  for (const { name, first, next, isJson } of columns[table]) {
    const value = row[name];
    if (value === null || value === undefined) continue;
    line += line === '{' ? first : next;
    line += isJson ? canonicalJson(value) : JSON.stringify(value);
  }
  return `${line}}`;
}

/**
 * The row that a line is of, with null in the columns that it leaves out. Throws {@link Unreadable} for anything but what
 * {@link writeLine} writes, to the character, so that one row has one line and whatever reads it reads the same.
 */
export function readLine(table: HistoryTable, line: string): JsonRow {
  const said = parse(line);
  const row: Record<string, unknown> = {};
  for (const { name, isRequired, isValue } of columns[table]) {
    const value = said[name] ?? null;
    if (value === null ? isRequired : !isValue(value))
      throw new Unreadable(`${name} has no value that it can have`);
    row[name] = value;
  }
  const unknown = Object.keys(said).find((name) => !Object.hasOwn(row, name));
  if (unknown !== undefined) throw new Unreadable(`no column is called ${unknown.slice(0, 100)}`);
  if (writeLine(table, row) !== line) throw new Unreadable('it is not canonical JSON');
  return row;
}

/** More levels than any row has: its proof has two. */
const mostLevels = 8;

function parse(line: string): JsonRow {
  let said: unknown;
  try {
    said = JSON.parse(line);
  } catch {
    throw new Unreadable('it is not JSON');
  }
  if (typeof said !== 'object' || said === null || Array.isArray(said)) throw new Unreadable('it is no row');
  if (isNestedDeeper(said, mostLevels)) throw new Unreadable('it is nested too deep');
  return said as JsonRow;
}

const isText = (value: unknown) => typeof value === 'string';
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,6}Z$/;

const kinds: Readonly<Record<string, (value: unknown) => boolean>> = {
  number: Number.isSafeInteger,
  boolean: (value) => typeof value === 'boolean',
  string: isText,
  date: (value) => typeof value === 'string' && isoTime.test(value),
  array: (value) => Array.isArray(value) && value.every(isText),
  json: () => true,
};

const columns: Readonly<Record<HistoryTable, readonly Column[]>> = {
  principals: readColumns('principals'),
  checkpoints: readColumns('checkpoints'),
  runs: readColumns('runs'),
  memberships: readColumns('memberships'),
  changes: readColumns('changes'),
  reports: readColumns('reports'),
};

function readColumns(table: HistoryTable): Column[] {
  const source: PgTable = historyTables[table];
  return Object.entries(getTableColumns(source))
    .map(([field, { dataType, notNull }]) => {
      const name = columnOf(field);
      const isValue = kinds[dataType];
      if (isValue === undefined) throw new Error(`What ${table}.${name} may hold is not known: ${dataType}.`);
      const key = JSON.stringify(name);
      const isJson = dataType === 'json';
      return { name, first: `${key}:`, next: `,${key}:`, isRequired: notNull, isJson, isValue };
    })
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}
