import { type Gap } from '../domain/gap.ts';
import { runStanding } from '../domain/run.ts';
import { type Terminal } from './terminal.ts';

/** How many runs of a gap are told one by one. */
const mostRuns = 5;

/** A gap on one line: `not observed from … to … (run 7 failed)`. */
export function describeGap(gap: Gap): string {
  const { from, to } = gap;
  const when =
    to === null ? `since ${from.toISOString()}` : `from ${from.toISOString()} to ${to.toISOString()}`;
  return `not observed ${when} (${describeReason(gap)})`;
}

/** Why nobody observed the principal. */
export function describeReason({ shortRuns, retiredAt }: Gap): string {
  const runs = shortRuns.slice(0, mostRuns).map(({ id, state }) => `run ${id} ${runStanding[state]}`);
  const more = shortRuns.length - runs.length;
  return [
    ...runs,
    ...(more === 0 ? [] : [`${more} more ended short`]),
    ...(retiredAt === null ? [] : [`retired since ${retiredAt.toISOString()}`]),
    ...(runs.length === 0 && retiredAt === null ? ['there was no run'] : []),
  ].join(', ');
}

/** How many gaps are told beside an answer. */
const mostGaps = 5;

/** Says beside an answer what was not observed, the newest where there is much of it; `consequence` ends each line. */
export function warnOfGaps(terminal: Terminal, gaps: readonly Gap[], consequence: string): void {
  const told = gaps.slice(-mostGaps);
  const more = gaps.length - told.length;
  if (more > 0) {
    terminal.warn(
      `${gaps.length} times somebody was not observed; the newest ${told.length} are told. \`rollcall history\` tells all of one organization.`,
    );
  }
  for (const gap of told) terminal.warn(`${gap.principal}: ${describeGap(gap)}${consequence}.`);
}
