import { visible } from '../../domain/visible.ts';
import { type Content } from '../content.ts';
import { type CompleteRun } from '../told.ts';
import { formatTime } from '../wording.ts';

/** What a report says of a principal of whom no complete run has come for too long. */
export interface StalePrincipal {
  principal: string;
  /** The end of its last complete run, or when it was first heard of. */
  since: Date;
  /** When it was found to be stale. */
  at: Date;
  lastComplete: CompleteRun | null;
  /** Runs since then that stored nothing. */
  missedRuns: number;
}

/** Silence, told so that nobody takes it for quiet. */
export function composeStale({
  principal,
  since,
  at,
  lastComplete,
  missedRuns,
}: StalePrincipal): Omit<Content, 'foot'> {
  const hours = Math.floor((at.getTime() - since.getTime()) / 3_600_000);
  const attempts =
    missedRuns === 0
      ? 'No run has ended since: is a worker running, or the cron job that starts rollcall?'
      : `Runs since then that stored nothing: ${missedRuns}. \`rollcall runs --principal\` tells why.`;
  const last =
    lastComplete === null
      ? `There has been no complete run since it was configured, at ${formatTime(since)} (UTC).`
      : `The last complete run is ${lastComplete.runId}, of ${formatTime(lastComplete.finishedAt)} (UTC).`;
  return {
    headline: `${visible(principal)}: no complete run for ${hours} hours`,
    alert: last,
    paragraphs: [
      `${attempts} \`rollcall check\` tells whether everything that a run needs is there.`,
      'What changes until the next complete run will be reported then, with a wider window. While this lasts, a report like this comes once a day, and one when it is over.',
    ],
    sections: [],
  };
}
