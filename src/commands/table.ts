import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';
import { visible } from '../domain/visible.ts';

const gap = '  ';

/** The least that a column may be narrowed to, unless all it holds is narrower. */
const narrowest = 6;

/**
 * Lays out cells under their headings. With a width, the widest columns are narrowed until the table fits, and what
 * they cut off ends in `…`; without one nothing is cut.
 */
export function layOutTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  width: number | null,
): string {
  const lines = [headings, ...rows.map((row) => row.map((cell) => visible(cell, Infinity)))];
  const natural = headings.map((_, column) =>
    Math.max(...lines.map((line) => stringWidth(line[column] ?? ''))),
  );
  const widths = width === null ? natural : narrow(natural, width - gap.length * (headings.length - 1));
  return lines.map((line) => layOutLine(line, widths)).join('\n');
}

function narrow(natural: readonly number[], available: number): number[] {
  const widths = [...natural];
  for (let excess = sum(widths) - available; excess > 0; excess -= 1) {
    const widest = Math.max(...widths);
    if (widest <= narrowest) break;
    widths[widths.lastIndexOf(widest)] = widest - 1;
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
