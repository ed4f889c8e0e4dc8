import { type Answer } from '../history/query.ts';
import { printJson } from './json.ts';
import { type Cell, printCsv, readColumns, type Row, type RowOptions, showCell } from './rows.ts';
import { layOutTable } from './table.ts';
import { type Terminal } from './terminal.ts';

/**
 * Prints what a query answers: all columns by their own names, in the query's order, also those that hold nothing, and
 * their names where there is no row. In JSON the second column of one name is called `name_2`.
 */
export function printAnswer(terminal: Terminal, { columns, rows }: Answer, { json, csv }: RowOptions): void {
  const keys = nameApart(columns);
  const told = rows.map((row) => Object.fromEntries(keys.map((key, index) => [key, inUtc(row[index])])));
  if (json === true) {
    printJson(terminal, told);
    return;
  }
  const table = told.map((row): Row => Object.fromEntries(keys.map((key) => [key, toCell(row[key])])));
  if (csv === true) printCsv(terminal, { rows: table, columns: keys, names: columns });
  else printTable(terminal, { rows: table, keys, columns });
}

function printTable(
  terminal: Terminal,
  { rows, keys, columns }: { rows: readonly Row[]; keys: readonly string[]; columns: readonly string[] },
): void {
  const headings = Object.fromEntries(keys.map((key, index) => [key, columns[index] ?? key]));
  const cells = rows.map((row) => ({ cells: keys.map((key) => showCell(row[key] ?? null)), note: '' }));
  const { width } = terminal;
  if (columns.length > 0) {
    terminal.print(
      layOutTable(readColumns({ rows, table: keys, headings }), cells, { width, keepsEmpty: true }),
    );
  }
  if (rows.length === 0) terminal.warn('No rows.');
  else if (columns.length === 0)
    terminal.warn(`${rows.length === 1 ? '1 row' : `${rows.length} rows`} without columns.`);
}

/** The names, each once: of those that are alike, the second and the third with a number, one that no other has. */
function nameApart(names: readonly string[]): string[] {
  const taken = new Set<string>(names);
  const seen = new Set<string>();
  return names.map((name) => {
    if (!seen.has(name)) {
      seen.add(name);
      return name;
    }
    let number = 2;
    while (taken.has(`${name}_${number}`)) number += 1;
    taken.add(`${name}_${number}`);
    return `${name}_${number}`;
  });
}

/** A time as PostgreSQL writes it into JSON. */
const jsonTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?[+-]\d{2}:\d{2}$/;

/** Times as every other command writes them. */
function inUtc(value: unknown): unknown {
  if (typeof value === 'string' && jsonTime.test(value)) return new Date(value).toISOString();
  return Array.isArray(value) ? value.map(inUtc) : (value ?? null);
}

function toCell(value: unknown): Cell {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
  return JSON.stringify(value);
}
