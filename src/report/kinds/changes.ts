import { type Category, type Change, categories as allCategories } from '../../domain/change.ts';
import { type Content } from '../content.ts';
import { planHeadline } from '../headline.ts';
import { stepsAfter } from '../next-steps.ts';
import { remarksOn } from '../remarks.ts';
import { planSections } from '../sections.ts';
import { standingOf } from '../standing.ts';
import { formatWindow } from '../time.ts';
import { type ReportedRun } from '../told.ts';
import { type Voice } from '../voice.ts';

/** What changed between the baseline and this snapshot. */
export function composeChanges(
  run: ReportedRun,
  { changes, categories }: { changes: readonly Change[]; categories: readonly Category[] },
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
    steps: stepsAfter(changes, run),
    paragraphs: [
      ...(rest === '' ? [] : [rest]),
      [...(when === '' ? [] : [`${when}.`]), standingOf(run)].join(' '),
      ...scopeOf(categories),
    ],
    sections: planSections(changes, timezone),
    notes: [...remarksOn(run, timezone), `What it rests on: ${conclusion}.`],
  };
}

function scopeOf(categories: readonly Category[]): string[] {
  if (allCategories.every((category) => categories.includes(category))) return [];
  return [`You get changes of these categories only: ${categories.join(', ')}.`];
}
