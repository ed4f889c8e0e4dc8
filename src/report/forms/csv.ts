import { createHash } from 'node:crypto';
import { stringify } from 'csv-stringify/sync';
import { type Change } from '../../domain/change.ts';
import {
  byOrganizationId,
  compareCodePoints,
  type Membership,
  normalizeSet,
} from '../../domain/membership.ts';
import { rollColumns, rollRow } from '../roll.ts';
import { changeColumnNames, changeColumns, type ColumnValue } from '../columns.ts';

/** The file that goes with a report. */
export interface CsvFile {
  filename: string;
  /** UTF-8 behind a byte order mark, by which spreadsheets know it for that. */
  content: string;
  /** Hex, over the bytes of the content in UTF-8. */
  sha256: string;
}

/**
 * The file that goes with a report of changes: every one, none left out; `null` where it would be too large for a mail. It
 * is for spreadsheets, as {@link forSpreadsheet} has it.
 */
export function writeCsvFile(principal: string, date: Date, changes: readonly Change[]): CsvFile | null {
  if (lengthOfChanges(changes) > longestFile) return null;
  return fileOf(principal, date, writeCsvForSpreadsheets(changes));
}

/** Characters of a file, beyond which no mail server takes it and nobody opens it. */
const longestFile = 15_000_000;

/**
 * The file that goes with the notice of a baseline: the whole roll, by name, as `members --csv` prints it; `null` where it
 * would be too large for a mail.
 */
export function writeRollFile(principal: string, date: Date, roll: readonly Membership[]): CsvFile | null {
  if (lengthOfRoll(principal, roll) > longestFile) return null;
  const rows = roll
    .toSorted((left, right) => compareNames(left, right) || byOrganizationId(left, right))
    .map((membership) => Object.values(rollRow({ principal, membership, since: date, seenAt: date })));
  return fileOf(principal, date, writeCsvRows([rollColumns, ...rows], forSpreadsheet));
}

/** About how many characters changes take: what may be long in them, and the rest. */
function lengthOfChanges(changes: readonly Change[]): number {
  const lengthOf = (set: readonly string[]) => set.reduce((sum, { length }) => sum + length + 2, 0);
  return changes.reduce((sum, { before, after, added, removed, offered, organizationName }) => {
    const texts = (before?.length ?? 0) + (after?.length ?? 0) + (organizationName?.length ?? 0);
    return sum + texts + lengthOf(added) + lengthOf(removed) + lengthOf(offered) + 250;
  }, 0);
}

/** About how many characters a roll takes. Equal sets are one object, and are measured once. */
function lengthOfRoll(principal: string, roll: readonly Membership[]): number {
  const lengths = new Map<readonly string[], number>();
  const lengthOf = (set: readonly string[] | null) => {
    if (set === null) return 0;
    const known = lengths.get(set) ?? set.reduce((sum, { length }) => sum + length + 2, 0);
    lengths.set(set, known);
    return known;
  };
  const rest = principal.length + 2 * '2026-08-14T02:00:05.000Z'.length + 2 * 'false'.length + 10;
  return roll.reduce((sum, { roles, permissions, policies, ...membership }) => {
    const { organizationId, organizationName, status, membershipId, parentOrganization } = membership;
    const texts = [organizationId, organizationName, status, membershipId, parentOrganization];
    return (
      sum +
      texts.reduce((length, text) => length + (text?.length ?? 0), rest) +
      lengthOf(roles) +
      lengthOf(permissions) +
      lengthOf(policies)
    );
  }, 0);
}

function compareNames(left: Membership, right: Membership): number {
  return compareCodePoints(left.organizationName ?? '', right.organizationName ?? '');
}

function fileOf(principal: string, date: Date, csv: string): CsvFile {
  const content = `\uFEFF${csv}`;
  return {
    filename: `rollcall-${filenamePart(principal)}-${date.toISOString().slice(0, 10)}.csv`,
    content,
    sha256: createHash('sha256').update(content, 'utf8').digest('hex'),
  };
}

/** Changes as {@link writeCsvRows} writes them, under the names of their columns; sets are sorted. */
export function writeCsv(changes: readonly Change[]): string {
  const write = createWriter(asItIs);
  return writeRows(rowsOf(changes, (change) => cellsOf(change, write)));
}

/** The same for a mail's file. */
function writeCsvForSpreadsheets(changes: readonly Change[]): string {
  const write = createWriter(forSpreadsheet);
  return writeRows(rowsOf(changes, (change) => keptRowOf(change, write)));
}

function* rowsOf(changes: readonly Change[], tell: (change: Change) => Row) {
  yield changeColumnNames;
  for (const change of changes) yield tell(change);
}

type Cell = string | number;

/** A row that is written, or the cells of one that is to be. */
type Row = string | readonly Cell[];

const written = new WeakSet<Change>();
const rowsInFiles = new WeakMap<Change, string>();

/** A night's changes may go by a hundred routes: from the second file on, the row of each is kept as long as it is. */
function keptRowOf(change: Change, write: Write): Row {
  const kept = rowsInFiles.get(change);
  if (kept !== undefined) return kept;
  const cells = cellsOf(change, write);
  if (!written.has(change)) {
    written.add(change);
    return cells;
  }
  const row = stringify([cells], form);
  rowsInFiles.set(change, row);
  return row;
}

const readings = Object.values(changeColumns);

function cellsOf(change: Change, write: Write): Cell[] {
  return readings.map((read) => {
    const value: ColumnValue = read(change);
    return cellOf(Array.isArray(value) ? normalizeSet(value) : value, write);
  });
}

/**
 * Rows, the header among them, as RFC 4180: CRLF, quotes doubled. Sets are joined by `; `, times are ISO 8601 in UTC.
 * A text that a spreadsheet would read as a formula is guarded by an apostrophe before the character that makes it
 * one.
 */
export function writeCsvRows(rows: readonly (readonly ColumnValue[])[], adapt = asItIs): string {
  const write = createWriter(adapt);
  return writeRows(rows.map((row) => row.map((value) => cellOf(value, write))));
}

type Write = (text: string) => string;

/** Most texts come again: names of principals and kinds, and sets of roles. */
function createWriter(adapt: Write): Write {
  const adapted = new Map<string, string>();
  return (text) => {
    const known = adapted.get(text) ?? adapt(guardInside(text));
    if (adapted.size < 1_000) adapted.set(text, known);
    return known;
  };
}

function writeRows(rows: Iterable<Row>): string {
  const pieces: string[] = [];
  let unwritten: (readonly Cell[])[] = [];
  const writePiece = () => {
    if (unwritten.length > 0) pieces.push(stringify(unwritten, form));
    unwritten = [];
  };
  for (const row of rows) {
    const isWritten = typeof row === 'string';
    if (isWritten || unwritten.length === rowsAtOnce) writePiece();
    if (isWritten) pieces.push(row);
    else unwritten.push(row);
  }
  writePiece();
  return pieces.join('');
}

/** More at once are no quicker, and take as much memory as all of their cells do. */
const rowsAtOnce = 500;

const form = {
  record_delimiter: '\r\n',
  // Its default turns false once `record_delimiter` is given, and a bare newline in a name would end the line.
  quote_record_delimiter: true,
  // Spreadsheets may take `;` and tabs for separators too, unless the cell is quoted.
  quoted_match: /[;\t]/,
  escape_formulas: true,
};

function cellOf(value: ColumnValue, write: Write): Cell {
  if (value === null) return '';
  if (typeof value === 'number') return value;
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object') return write(value.join('; '));
  return typeof value === 'string' ? write(value) : String(value);
}

function asItIs(text: string): string {
  return text;
}

/** Characters that a cell holds: in Excel, and by default in others. What is longer goes on in the next row, or is lost. */
export const longestCell = 32_767;

/** Figures, and what stands among and around them in numbers, amounts, dates and times. */
const figures = /^[($€£¥]*\.?\d[\d.,:/T \t-]*(?:e[+-]?\d+)?(?:[)%Z]|[ap]m)?$/i;

/**
 * A text from outside so that a spreadsheet shows it as it is: an apostrophe goes before one that would be read as a
 * number, as an id of digits alone would, and one that is longer than a cell is cut and says so.
 */
export function forSpreadsheet(text: string): string {
  const guarded = figures.test(text.trim()) ? `'${text}` : text;
  if (guarded.length <= longestCell) return guarded;
  const mark = ` … [cut: ${guarded.length} characters, more than a cell holds; the database has all]`;
  return guarded.slice(0, longestCell - mark.length - 1).toWellFormed() + mark;
}

/**
 * Guards where `escape_formulas`, which looks at a cell's first character alone, does not: behind leading blanks,
 * and behind what another spreadsheet takes for the start of a new cell, as Excel does `;` wherever the comma is the
 * decimal sign.
 */
function guardInside(text: string): string {
  // The sign first: to look back from every place would go over each run of blanks again and again.
  return text.replaceAll(/(?=[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])(?<=^\s+|[;\t\r\n]\s*)/gu, "'");
}

function filenamePart(principal: string): string {
  const safe = principal
    .replaceAll(/[^\p{L}\p{M}\p{N}._-]+/gu, '-')
    .replaceAll(/^[.-]+|[.-]+$/g, '')
    .slice(0, 80);
  return safe === '' ? 'principal' : safe;
}
