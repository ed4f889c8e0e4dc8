import { liesAhead } from '../../domain/clock-ahead.ts';
import { visible } from '../../domain/visible.ts';
import { type Content } from '../content.ts';
import { reasonOf } from '../failure-reason.ts';
import { fitSubject } from '../subject.ts';
import { stepsAfterFailure } from '../next-steps.ts';
import { clockWasAhead } from '../remarks.ts';
import { formatMinute, nameDayShort } from '../time.ts';
import { type FailedRun } from '../told.ts';
import { type Voice } from '../voice.ts';

/** A night without a snapshot, told so that silence never stands for it. */
export function composeFailure(run: FailedRun, { timezone }: Voice): Omit<Content, 'foot'> {
  const { principal, runId, error, lastComplete } = run;
  const name = visible(principal);
  const { short, sentence } = reasonOf(run);
  const since =
    lastComplete === null
      ? 'no snapshot yet'
      : `no snapshot since ${nameDayShort(lastComplete.finishedAt, run.finishedAt, timezone)}`;
  const last =
    lastComplete === null
      ? `There is no snapshot of ${name} yet`
      : `There is no snapshot of ${name} since ${formatMinute(lastComplete.finishedAt, timezone)} (${timezone})`;
  return {
    subject: fitSubject(`${name}: `, [() => short, () => since], { rest: '' }),
    preheader: `Nothing is said to have changed. What changes meanwhile is told when it is over.`,
    headline: `${last}: ${sentence}.`,
    alert: visible(error, 1000),
    steps: stepsAfterFailure(run),
    paragraphs: [
      ...(lastComplete !== null && liesAhead(lastComplete.finishedAt, run.finishedAt) ? [clockWasAhead] : []),
      'Nothing was stored, and nothing is said to have changed. What changes until the next complete run is told then, with a wider window.',
    ],
    sections: [],
    notes: [
      `Run ${runId} ended like this. While it lasts, a report like this comes once a day, and one when it is over.`,
    ],
  };
}
