import { visible } from '../../domain/visible.ts';
import { type Content } from '../content.ts';
import { type FailedRun } from '../told.ts';
import { formatTime } from '../wording.ts';

/** A night without a snapshot, told so that silence never stands for it. */
export function composeFailure({
  principal,
  runId,
  state,
  error,
  lastComplete,
}: FailedRun): Omit<Content, 'foot'> {
  const how = { incomplete: 'is incomplete', failed: 'failed', timed_out: 'timed out' }[state];
  const last =
    lastComplete === null
      ? 'There has been no complete run yet.'
      : `The last complete run is ${lastComplete.runId}, of ${formatTime(lastComplete.finishedAt)} (UTC).`;
  return {
    headline: `${visible(principal)}: run ${runId} ${how}`,
    alert: visible(error, 1000),
    paragraphs: [
      `Nothing was stored, and nothing is said to have changed. ${last} What changes until the next complete run will be reported then, with a wider window.`,
      'While this lasts, a report like this comes once a day, and one when it is over.',
    ],
    sections: [],
  };
}
