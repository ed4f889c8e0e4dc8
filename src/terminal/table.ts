import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';
import { visible } from '../domain/visible.ts';

/** What stands above a column, and whether it may be narrowed. */
export interface Column {
  heading: string;
  /** Whether a cut would make it worthless, as with a number, a time or an id. */
  isWhole: boolean;
}

/** A line of a table, with one cell for each column. */
export interface TableRow {
  cells: readonly string[];
  /** What does not fit into a cell: stands on lines of its own below, unless it is empty. */
  note: string;
}

const gap = '  ';

/** The least that a column may be narrowed to, unless all it holds is narrower. */
const narrowest = 6;

/**
 * Lays out cells under their headings. With a width, the widest columns of free text are narrowed until the table
 * fits, and what they cut off ends in `…`; without one nothing is cut. Columns without any content are left out.
 */
export function layOutTable(
  columns: readonly Column[],
  rows: readonly TableRow[],
  width: number | null,
): string {
  const shown = columns
    .map((column, index) => ({
      ...column,
      cells: rows.map(({ cells }) => visible(cells[index] ?? '', Infinity)),
    }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''));
  const widths = fitWidths(shown, width);
  const layOut = (cells: readonly string[]) => layOutLine(cells, widths);
  const lines = rows.flatMap(({ note }, row) => [
    layOut(shown.map(({ cells }) => cells[row] ?? '')),
    ...(note === '' ? [] : [layOutNote(note, width)]),
  ]);
  return [layOut(shown.map(({ heading }) => heading)), ...lines].join('\n');
}

function fitWidths(
  columns: readonly (Column & { cells: readonly string[] })[],
  width: number | null,
): number[] {
  const widths = columns.map(({ heading, cells }) =>
    Math.max(...[heading, ...cells].map((cell) => stringWidth(cell))),
  );
  if (width === null) return widths;
  const flexible = columns.flatMap(({ isWhole }, index) => (isWhole ? [] : [index]));
  for (let excess = sum(widths) + gap.length * (columns.length - 1) - width; excess > 0; excess -= 1) {
    const [widest] = flexible.toSorted((left, right) => (widths[right] ?? 0) - (widths[left] ?? 0));
    const wide = widest === undefined ? 0 : (widths[widest] ?? 0);
    if (widest === undefined || wide <= narrowest) break;
    widths[widest] = wide - 1;
  }
  return widths;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function layOutLine(cells: readonly string[], widths: readonly number[]): string {
  return widths
    .map((width, column) => {
      const cell = cells[column] ?? '';
      const cut = stringWidth(cell) > width ? cliTruncate(cell, width) : cell;
      return cut + ' '.repeat(Math.max(0, width - stringWidth(cut)));
    })
    .join(gap)
    .trimEnd();
}

/** Wrapped between words, so that nothing of it is lost. */
function layOutNote(note: string, width: number | null): string {
  const indent = '    ';
  if (width === null) return indent + visible(note, Infinity);
  const lines: string[] = [];
  for (const word of visible(note, Infinity).split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || stringWidth(`${indent}${last} ${word}`) > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.map((line) => indent + line).join('\n');
}
