import stringWidth from 'string-width';
import { visible } from '../domain/visible.ts';

/** How much of a long line is shown around the fault, as psql does. */
const shownLength = 60;

/**
 * Why a query failed, as psql tells it: the message, the line with a caret below the fault, detail and hint. `null` for what
 * is no error of the database.
 */
export function describeQueryFault(error: unknown, query: string): string | null {
  const fault = findFault(error);
  if (fault === null) return null;
  const { message, detail, hint } = fault;
  return [
    `ERROR:  ${visible(message, Infinity)}`,
    ...pointAt(query, positionOf(fault)),
    ...(typeof detail === 'string' && detail !== '' ? [`DETAIL:  ${visible(detail, Infinity)}`] : []),
    ...(typeof hint === 'string' && hint !== '' ? [`HINT:  ${visible(hint, Infinity)}`] : []),
  ].join('\n');
}

type Fault = Error & {
  severity: unknown;
  detail?: unknown;
  hint?: unknown;
  position?: unknown;
  internalPosition?: unknown;
  internal_position?: unknown;
};

/** The driver's own error, looked for through Drizzle's wrapping. */
function findFault(error: unknown): Fault | null {
  if (!(error instanceof Error)) return null;
  return 'severity' in error ? error : findFault(error.cause);
}

/** Counted in characters from 1; 0 where there is none. The drivers spell it differently. */
function positionOf({ position, internalPosition, internal_position }: Fault): number {
  return Number(internalPosition ?? internal_position ?? position ?? 0);
}

function pointAt(query: string, position: number): string[] {
  const characters = Array.from(query);
  if (position < 1 || position > characters.length + 1) return [];
  const before = characters
    .slice(0, position - 1)
    .join('')
    .split('\n');
  const lineStart = Array.from(before.at(-1) ?? '');
  const lineEnd = Array.from(/^[^\n]*/.exec(characters.slice(position - 1).join(''))?.[0] ?? '');
  const [left, right] = [clipStart(lineStart), clipEnd(lineEnd)];
  const label = `LINE ${before.length}: `;
  return [`${label}${left}${right}`, `${' '.repeat(stringWidth(label + left))}^`];
}

function clipStart(characters: readonly string[]): string {
  const most = shownLength / 2;
  return characters.length > most ? `...${show(characters.slice(-most))}` : show(characters);
}

function clipEnd(characters: readonly string[]): string {
  const most = shownLength / 2;
  return characters.length > most ? `${show(characters.slice(0, most))}...` : show(characters);
}

function show(characters: readonly string[]): string {
  return visible(characters.join('').replaceAll('\t', ' ').replaceAll('\r', ''), Infinity);
}
