import { visible } from '../../domain/visible.ts';
import { type Content } from '../content.ts';
import { remarksOn } from '../remarks.ts';
import { describeScope, isWhole, type Scope } from '../scope.ts';
import { describeSourceChange } from '../source-change.ts';
import { standingOf } from '../standing.ts';
import { formatMinute, formatWindow } from '../time.ts';
import { type ReportedRun } from '../told.ts';
import { type Voice } from '../voice.ts';

/** A complete run without a change that its reader would be told of: the proof that silence was quiet. */
export function composeQuiet(run: ReportedRun, scope: Scope, { timezone }: Voice): Omit<Content, 'foot'> {
  const { principal, finishedAt, window, conclusion } = run;
  const name = visible(principal);
  const what = isWhole(scope) ? 'nothing changed' : 'nothing changed of what you get';
  const when =
    window === null
      ? `at ${formatMinute(finishedAt, timezone)} (${timezone})`
      : formatWindow(window, timezone);
  return {
    subject: `${name}: ${what}`,
    preheader: 'Nothing to do.',
    headline: `Of ${name}, ${what}.`,
    alert: null,
    steps: [],
    paragraphs: [
      [`Nothing to do. This is about the time ${when}.`, ...(isWhole(scope) ? [standingOf(run)] : [])].join(
        ' ',
      ),
      ...describeSourceChange(run),
      ...describeScope(scope),
    ],
    sections: [],
    notes: [...remarksOn(run, timezone), `What it rests on: ${conclusion}.`],
  };
}
