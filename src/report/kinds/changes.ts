import { type Change } from '../../domain/change.ts';
import { type Content } from '../content.ts';
import { planHeadline } from '../headline.ts';
import { stepsAfter } from '../next-steps.ts';
import { remarksOn } from '../remarks.ts';
import { describeScope, isWhole, type Scope } from '../scope.ts';
import { planSections } from '../sections.ts';
import { standingOf } from '../standing.ts';
import { formatWindow } from '../time.ts';
import { type ReportedRun } from '../told.ts';
import { type Voice } from '../voice.ts';

const tooLarge =
  'All of them are too large for a mail, so there is no CSV: `rollcall changes --csv` prints them.';

/** What changed between the baseline and this snapshot. */
export function composeChanges(
  run: ReportedRun,
  { changes, scope, hasFile }: { changes: readonly Change[]; scope: Scope; hasFile: boolean },
  { timezone }: Voice,
): Omit<Content, 'foot'> {
  const { principal, window, conclusion } = run;
  const when = window === null ? '' : `It happened ${formatWindow(window, timezone)}`;
  const { subject, preheader, firstLine, rest } = planHeadline({ principal, changes, when });
  return {
    subject,
    preheader,
    headline: firstLine,
    alert: null,
    // Who gets a part alone has no rollcall to type commands for.
    steps: stepsAfter(changes, run).filter(({ command }) => isWhole(scope) || command === null),
    paragraphs: [
      ...(rest === '' ? [] : [rest]),
      [...(when === '' ? [] : [`${when}.`]), ...(isWhole(scope) ? [standingOf(run)] : [])].join(' '),
      ...describeScope(scope),
      ...(hasFile ? [] : [tooLarge]),
    ],
    sections: planSections(changes, timezone),
    notes: [...remarksOn(run, timezone), `What it rests on: ${conclusion}.`],
  };
}
