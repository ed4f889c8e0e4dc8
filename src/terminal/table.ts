import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';
import { visible } from '../domain/visible.ts';
import { wrapLine } from './wrap.ts';

/** What stands above a column, and what may be done to it where there is too little room. */
export interface Column {
  heading: string;
  /** Whether a cut would make it worthless, as with a number, a time or an id. */
  isWhole: boolean;
  /** The table can do without it; the lowest is the first to go. Default: it cannot. */
  dispensable?: number;
}

/** A line of a table, with one cell for each column. */
export interface TableRow {
  cells: readonly string[];
  /** What does not fit into a cell: stands on lines of its own below, unless it is empty. */
  note: string;
}

/** Where a table is to fit. */
export interface Layout {
  /** Columns of the terminal; `null` when it is none, and then nothing is cut. */
  width: number | null;
  /** Whether columns without any content stay. Default: they are left out. */
  keepsEmpty?: boolean;
}

const gap = '  ';

/** The least that a column is narrowed to, unless all it holds is narrower. */
const narrowest = 14;

/** The most that a column is widened to where nothing is cut: one cell of a megabyte does not pad all others. */
const widest = 120;

/** How much of a cell or a note a terminal gets to see. */
const longestShown = 1000;

/** A column with what it holds, as it is shown. */
interface Filled extends Column {
  cells: readonly string[];
  /** Columns of the terminal that it takes when nothing of it is cut. */
  width: number;
}

/**
 * Lays out cells under their headings. With a width, dispensable columns go and those of free text are narrowed until the
 * table fits, and what they cut off ends in `…`; where it cannot fit, each row is a block of lines, one for each column.
 */
export function layOutTable(columns: readonly Column[], rows: readonly TableRow[], layout: Layout): string {
  const { width, keepsEmpty = false } = layout;
  const filled = columns
    .map((column, index) =>
      fill(
        column,
        rows.map(({ cells }) => cells[index] ?? ''),
        width,
      ),
    )
    .filter(({ cells }) => keepsEmpty || cells.some((cell) => cell !== ''));
  const notes = rows.map(({ note }) => layOutNote(note, width));
  if (width === null) {
    const widths = filled.map((column) => Math.min(column.width, widest));
    return layOutLines(filled, { widths, cuts: false, notes });
  }
  const shown = leaveOut(filled, width);
  return leastOf(shown) > width
    ? layOutBlocks(filled, { width, keepsEmpty, notes })
    : layOutLines(shown, { widths: fitWidths(shown, width), cuts: true, notes });
}

function fill(column: Column, cells: readonly string[], width: number | null): Filled {
  const shown = cells.map((cell) => visible(cell, width === null ? Infinity : longestShown));
  const widths = [column.heading, ...shown].map(widthOf);
  return { ...column, cells: shown, width: widths.reduce((most, one) => Math.max(most, one), 0) };
}

/** Columns of the terminal; more than any has for a text that would take long to measure. */
function widthOf(text: string): number {
  return text.length > 10 * longestShown ? text.length : stringWidth(text);
}

/** The columns that stay when those go that can, one after the other, until the others fit. */
function leaveOut(columns: readonly Filled[], width: number): readonly Filled[] {
  if (leastOf(columns) <= width) return columns;
  const [first] = columns
    .filter(({ dispensable }) => dispensable !== undefined)
    .toSorted((left, right) => (left.dispensable ?? 0) - (right.dispensable ?? 0));
  return first === undefined
    ? columns
    : leaveOut(
        columns.filter((column) => column !== first),
        width,
      );
}

/** The least width at which these columns can stand side by side. */
function leastOf(columns: readonly Filled[]): number {
  const least = columns.map(({ isWhole, width }) => (isWhole ? width : Math.min(width, narrowest)));
  return sum(least) + gapsOf(columns);
}

function gapsOf(columns: readonly Filled[]): number {
  return gap.length * Math.max(0, columns.length - 1);
}

/** The columns of free text share what the others leave, the narrow ones first. */
function fitWidths(columns: readonly Filled[], width: number): number[] {
  const widths = columns.map((column) => column.width);
  const flexible = columns.flatMap(({ isWhole }, index) => (isWhole ? [] : [index]));
  const byWidth = flexible.toSorted((left, right) => (widths[left] ?? 0) - (widths[right] ?? 0));
  let left = width - gapsOf(columns) - sum(columns.map((column) => (column.isWhole ? column.width : 0)));
  for (const [place, index] of byWidth.entries()) {
    widths[index] = Math.min(widths[index] ?? 0, Math.floor(left / (byWidth.length - place)));
    left -= widths[index];
  }
  return widths;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** What stands below each row, in lines. */
type Notes = readonly (readonly string[])[];

function layOutLines(
  columns: readonly Filled[],
  { widths, cuts, notes }: { widths: readonly number[]; cuts: boolean; notes: Notes },
): string {
  const layOutCell = (cell: string, width: number) => {
    const shown = cuts && widthOf(cell) > width ? cliTruncate(cell, width) : cell;
    return shown + ' '.repeat(Math.max(0, width - widthOf(shown)));
  };
  const layOut = (cells: readonly string[]) =>
    widths
      .map((width, index) => layOutCell(cells[index] ?? '', width))
      .join(gap)
      .trimEnd();
  return [
    layOut(columns.map(({ heading }) => heading)),
    ...notes.flatMap((note, row) => [layOut(columns.map(({ cells }) => cells[row] ?? '')), ...note]),
  ].join('\n');
}

/** Each row as lines of heading and cell, an empty line between two rows. */
function layOutBlocks(
  columns: readonly Filled[],
  { width, keepsEmpty, notes }: { width: number; keepsEmpty: boolean; notes: Notes },
): string {
  if (notes.length === 0) {
    const headings = columns.map(({ heading }) => heading).join(gap);
    return wrapLine(headings, width)
      .map((line) => line.trim())
      .join('\n');
  }
  const labels = Math.min(Math.max(...columns.map(({ heading }) => widthOf(heading))), Math.floor(width / 2));
  const layOutCell = (heading: string, cell: string) => {
    const label = heading + ' '.repeat(Math.max(0, labels - widthOf(heading)));
    const beside = `${label}${gap}${cell}`;
    if (widthOf(heading) <= labels && widthOf(beside) <= width) return [beside.trimEnd()];
    return [...wrapLine(heading, width), ...indent(wrapLine(cell, width - gap.length), gap)];
  };
  const blocks = notes.map((note, row) => {
    const filled = columns.map(({ heading, cells }) => ({ heading, cell: cells[row] ?? '' }));
    const told = filled.filter(({ cell }) => keepsEmpty || cell !== '');
    return [...told.flatMap(({ heading, cell }) => layOutCell(heading, cell)), ...note].join('\n');
  });
  return blocks.join('\n\n');
}

function layOutNote(note: string, width: number | null): string[] {
  if (note === '') return [];
  const shown = visible(note, width === null ? Infinity : longestShown);
  const below = gap.repeat(2);
  return indent(width === null ? [shown] : wrapLine(shown, width - below.length), below);
}

function indent(lines: readonly string[], by: string): string[] {
  return lines.map((line) => by + line);
}
