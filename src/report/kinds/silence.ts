import { liesAhead } from '../../domain/clock-ahead.ts';
import { type Night } from '../../domain/nights.ts';
import { visible } from '../../domain/visible.ts';
import { shellWord } from '../../domain/shell-word.ts';
import { type Content } from '../content.ts';
import { clockWasAhead } from '../remarks.ts';
import { formatMinute } from '../time.ts';
import { type CompleteRun } from '../told.ts';
import { type Voice } from '../voice.ts';

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
  /** The last nights of the principal. Default: none, which tells of none. */
  nights?: readonly Night[];
}

/** Silence, told so that nobody takes it for quiet. */
export function composeStale(
  { principal, since, at, lastComplete, missedRuns }: StalePrincipal,
  { timezone }: Voice,
): Omit<Content, 'foot'> {
  const name = visible(principal);
  const isAhead = liesAhead(since, at);
  const hours = Math.floor((at.getTime() - since.getTime()) / 3_600_000);
  const silence = isAhead
    ? 'no complete run, for nobody knows how long'
    : `no complete run for ${hours} hours`;
  const time = formatMinute(lastComplete?.finishedAt ?? since, timezone);
  const last =
    lastComplete === null
      ? `There has been no complete run since it was configured, at ${time} (${timezone}).`
      : `The last complete run is ${lastComplete.runId}, of ${time} (${timezone}).`;
  const wasAhead = isAhead || (lastComplete !== null && liesAhead(lastComplete.finishedAt, at));
  return {
    subject: `${name}: ${silence}`,
    preheader: last,
    headline: `Nobody has seen the roll of ${name}: ${silence}.`,
    alert:
      missedRuns === 0
        ? 'No run has ended since: is a worker running, or the cron job that starts rollcall?'
        : `Runs since then that stored nothing: ${missedRuns}.`,
    steps: [
      { text: 'See whether all is there that a run needs', command: 'check', href: null },
      {
        text: 'See what became of the runs',
        command: `runs --principal ${shellWord(principal)}`,
        href: null,
      },
    ],
    paragraphs: [
      last,
      ...(wasAhead ? [clockWasAhead] : []),
      'What changes until the next complete run is told then, with a wider window.',
    ],
    sections: [],
    notes: ['While this lasts, a report like this comes once a day, and one when it is over.'],
  };
}
