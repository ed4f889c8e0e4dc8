import { liesAhead } from '../../domain/clock-ahead.ts';
import { visible } from '../../domain/visible.ts';
import { shellWord } from '../../domain/shell-word.ts';
import { type Content } from '../content.ts';
import { type CompleteRun } from '../told.ts';
import { formatTime } from '../wording.ts';

/** What a report says of a principal of whom no complete run has come for too long. */
export interface StalePrincipal {
  principal: string;
  /** The end of its last complete run, or when it was first heard of; after `at` where no clock can be believed. */
  since: Date;
  /** When it was found to be stale. */
  at: Date;
  lastComplete: CompleteRun | null;
  /** Runs since then that stored nothing. */
  missedRuns: number;
}

const clockWasAhead =
  'That time is still to come: the clock of the machine was ahead when it was noted. See that every machine that runs rollcall keeps time (NTP).';

/** Silence, told so that nobody takes it for quiet. */
export function composeStale({
  principal,
  since,
  at,
  lastComplete,
  missedRuns,
}: StalePrincipal): Omit<Content, 'foot'> {
  const isAhead = liesAhead(since, at);
  const hours = Math.floor((at.getTime() - since.getTime()) / 3_600_000);
  const silence = isAhead
    ? 'no complete run, for nobody knows how long'
    : `no complete run for ${hours} hours`;
  const attempts =
    missedRuns === 0
      ? 'No run has ended since: is a worker running, or the cron job that starts rollcall?'
      : `Runs since then that stored nothing: ${missedRuns}. \`rollcall runs --principal ${shellWord(principal)}\` tells why.`;
  const last =
    lastComplete === null
      ? `There has been no complete run since it was configured, at ${formatTime(since)} (UTC).`
      : `The last complete run is ${lastComplete.runId}, of ${formatTime(lastComplete.finishedAt)} (UTC).`;
  return {
    headline: `${visible(principal)}: ${silence}`,
    alert: last,
    paragraphs: [
      ...(isAhead || (lastComplete !== null && liesAhead(lastComplete.finishedAt, at))
        ? [clockWasAhead]
        : []),
      `${attempts} \`rollcall check\` tells whether everything that a run needs is there.`,
      'What changes until the next complete run will be reported then, with a wider window. While this lasts, a report like this comes once a day, and one when it is over.',
    ],
    sections: [],
  };
}
