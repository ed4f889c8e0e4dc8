import { type Command } from 'commander';
import { visible } from '../domain/visible.ts';
import { writeCsvRows } from '../report/forms/csv.ts';
import { printJson } from './json.ts';
import { layOutTable } from './table.ts';
import { type Terminal } from './terminal.ts';

/**
 * What a row holds in one column. Tables cut a time to the minute; tables and CSV join a set by `; ` and leave `null`
 * empty.
 */
export type Cell = string | number | boolean | Date | readonly string[] | null;

/** One line of a rows command, under the names that the database has for the columns. */
export type Row = Readonly<Record<string, Cell>>;

/** Which form to print rows in: a table when neither is set, and JSON when both are. */
export interface RowOptions {
  json?: boolean;
  csv?: boolean;
}

/** Gives a rows command its `--json` and `--csv`. */
export function withRowOptions(command: Command): Command {
  return command
    .option('--json', 'print one JSON document')
    .option('--csv', 'print CSV (RFC 4180; cells that a spreadsheet would run are guarded)');
}

/** What a rows command prints, in whichever form it is asked for. */
export interface Rows {
  rows: readonly Row[];
  /** The columns of the table for people; JSON and CSV have all. */
  table: readonly string[];
  /** Those of them that a table can do without where there is too little room, the first to go first. Default: none. */
  dispensable?: readonly string[];
  /** Those of them that are never cut, beside ids, numbers and times. Default: none. */
  whole?: readonly string[];
  /** All columns, also when there is no row to read them from. */
  columns: readonly string[];
  /** What to say instead of an empty table. */
  whenEmpty: string;
  /** What the table says below a row, where there is something to say. */
  note?: (index: number) => string;
  /** What the table calls a column, where not by its name. */
  headings?: Readonly<Record<string, string>>;
}

/** Prints the rows as JSON, as CSV, or as a table that fits the terminal. */
export function printRows(terminal: Terminal, rows: Rows, options: RowOptions): void {
  if (options.json === true) printJson(terminal, rows.rows);
  else if (options.csv === true) printCsv(terminal, rows);
  else if (rows.rows.length === 0) terminal.warn(rows.whenEmpty);
  else terminal.print(writeTable(rows, terminal.width));
}

type ColumnOptions = Pick<Rows, 'rows' | 'table' | 'headings' | 'dispensable' | 'whole'>;

/** How a table shows these columns. */
export function readColumns({ rows, table, headings = {}, dispensable = [], whole = [] }: ColumnOptions) {
  return table.map((name) => {
    const place = dispensable.indexOf(name);
    return {
      heading: headings[name] ?? name.replaceAll('_', ' '),
      isWhole: name.endsWith('id') || whole.includes(name) || rows.some((row) => isIndivisible(row[name])),
      ...(place === -1 ? {} : { dispensable: place }),
    };
  });
}

const time = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/;

function isIndivisible(cell: Cell | undefined): boolean {
  if (typeof cell === 'string') return time.test(cell);
  return typeof cell === 'number' || cell instanceof Date;
}

function writeTable(rows: Rows, width: number | null): string {
  const cells = rows.rows.map((row, index) => ({
    cells: rows.table.map((name) => showCell(row[name] ?? null)),
    note: rows.note?.(index) ?? '',
  }));
  return layOutTable(readColumns(rows), cells, { width });
}

/** Prints rows as CSV. On a terminal a cell stays on its line, and shows what it hides. Default for `names`: the columns. */
export function printCsv(
  terminal: Terminal,
  { rows, columns, names = columns }: Pick<Rows, 'rows' | 'columns'> & { names?: readonly string[] },
): void {
  const cells = [names, ...rows.map((row) => columns.map((name) => row[name] ?? null))];
  const shown = terminal.width === null ? cells : cells.map((row) => row.map(showInCsv));
  terminal.write(writeCsvRows(shown));
}

function showInCsv(cell: Cell): Cell {
  if (typeof cell === 'string') return visible(cell, Infinity);
  return Array.isArray(cell) ? cell.map((text: string) => visible(text, Infinity)) : cell;
}

/** A cell as a table shows it. */
export function showCell(cell: Cell): string {
  if (cell === null) return '';
  if (cell instanceof Date) return `${cell.toISOString().slice(0, 16).replace('T', ' ')}Z`;
  return typeof cell === 'object' ? cell.join('; ') : String(cell);
}
