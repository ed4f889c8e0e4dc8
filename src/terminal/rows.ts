import { type Command } from 'commander';
import { stringify } from 'csv-stringify/sync';
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
  /** All columns, also when there is no row to read them from. */
  columns: readonly string[];
  /** What to say instead of an empty table. */
  whenEmpty: string;
  /** What the table says below a row, where there is something to say. */
  note?: (index: number) => string;
  /** What the table calls a column, where not by its name. */
  headings?: Readonly<Record<string, string>>;
  /** The CSV, where it is not just the columns. */
  csv?: string;
}

/** Prints the rows as JSON, as CSV, or as a table that fits the terminal. */
export function printRows(terminal: Terminal, rows: Rows, options: RowOptions): void {
  if (options.json === true) terminal.print(JSON.stringify(rows.rows, null, 2));
  else if (options.csv === true) terminal.write(rows.csv ?? writeCsv(rows));
  else if (rows.rows.length === 0) terminal.warn(rows.whenEmpty);
  else terminal.print(writeTable(rows, terminal.width));
}

function writeTable({ rows, table, note, headings = {} }: Rows, width: number | null): string {
  const columns = table.map((name) => ({
    heading: headings[name] ?? name.replaceAll('_', ' '),
    isWhole:
      name.endsWith('id') || rows.some((row) => typeof row[name] === 'number' || row[name] instanceof Date),
  }));
  const cells = rows.map((row, index) => ({
    cells: table.map((name) => showCell(row[name] ?? null)),
    note: note?.(index) ?? '',
  }));
  return layOutTable(columns, cells, width);
}

function writeCsv({ rows, columns }: Rows): string {
  return stringify(
    rows.map((row) => columns.map((name) => writeCell(row[name] ?? null))),
    {
      header: true,
      columns: [...columns],
      record_delimiter: '\r\n',
      quote_record_delimiter: true,
      escape_formulas: true,
    },
  );
}

function writeCell(cell: Cell): string {
  return cell instanceof Date ? cell.toISOString() : showCell(cell);
}

function showCell(cell: Cell): string {
  if (cell === null) return '';
  if (cell instanceof Date) return `${cell.toISOString().slice(0, 16).replace('T', ' ')}Z`;
  return typeof cell === 'object' ? cell.join('; ') : String(cell);
}
