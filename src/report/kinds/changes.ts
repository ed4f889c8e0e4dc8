import { type Change } from '../../domain/change.ts';
import { shellWord } from '../../domain/shell-word.ts';
import { nameSourceChange } from '../../domain/source-change.ts';
import { visible } from '../../domain/visible.ts';
import { type Content, type Step } from '../content.ts';
import { planHeadline } from '../headline.ts';
import { fitSubject } from '../subject.ts';
import { stepsAfter } from '../next-steps.ts';
import { remarksOn } from '../remarks.ts';
import { describeScope, isWhole, type Scope } from '../scope.ts';
import { planSections } from '../sections.ts';
import {
  clauseOfSource,
  clausesOfPolicy,
  describeSourceChange,
  nameSourceNow,
  preheadOfPolicy,
} from '../source-change.ts';
import { standingOf } from '../standing.ts';
import { formatWindow } from '../time.ts';
import { type ReportedRun, type SourceChangeTold } from '../told.ts';
import { type Voice } from '../voice.ts';

/** A night on which nothing changed but the source that the roll is read from. */
export function composeSourceChange(
  run: ReportedRun & { sourceChange: SourceChangeTold },
  scope: Scope,
  { timezone }: Voice,
): Omit<Content, 'foot'> {
  const { principal, conclusion, sourceChange } = run;
  const name = visible(principal);
  const byPolicy = clausesOfPolicy(sourceChange);
  const clauses = [...byPolicy, clauseOfSource(sourceChange)];
  const nothing = isWhole(scope) ? 'nothing changed' : 'nothing changed of what you get';
  return {
    subject: fitSubject(`${name}: `, [...clauses, () => nothing], { rest: '', kept: clauses.length }),
    preheader: `${preheadOfPolicy(sourceChange)}Nothing to do, if somebody meant it to be. What is compared from now on is another set.`,
    headline: `${name} is ${nameSourceChange(sourceChange)}, and ${nothing}.`,
    alert: null,
    // Who gets a part alone has no rollcall to type commands for.
    steps: isWhole(scope) ? [stepToBoth(principal)] : [],
    paragraphs: [
      ...describeSourceChange(run),
      ...(isWhole(scope) ? [standingOf(run)] : []),
      ...describeScope(scope),
    ],
    sections: [],
    notes: [
      ...remarksOn(run, timezone),
      `What it rests on: ${conclusion}.`,
      'This comes once, for the night on which the source is another one.',
    ],
  };
}

function stepToBoth(principal: string): Step {
  return {
    text: 'Nothing to do, if it was meant. What both sources say, side by side',
    command: `sources --principal ${shellWord(principal)}`,
    href: null,
  };
}

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
  const { sourceChange } = run;
  const { subject, preheader, firstLine, rest } = planHeadline({
    principal,
    changes,
    when,
    ...(sourceChange && { byPolicy: clausesOfPolicy(sourceChange), also: [clauseOfSource(sourceChange)] }),
  });
  return {
    subject,
    preheader: `${sourceChange === null ? '' : preheadOfPolicy(sourceChange)}${preheader}`,
    headline: [firstLine, ...nameSourceNow(run)].join(' '),
    alert: null,
    // Who gets a part alone has no rollcall to type commands for.
    steps: stepsAfter(changes, run).filter(({ command }) => isWhole(scope) || command === null),
    paragraphs: [
      ...(rest === '' ? [] : [rest]),
      [...(when === '' ? [] : [`${when}.`]), ...(isWhole(scope) ? [standingOf(run)] : [])].join(' '),
      ...describeSourceChange(run),
      ...describeScope(scope),
      ...(hasFile ? [] : [tooLarge]),
    ],
    sections: planSections(changes, timezone),
    notes: [...remarksOn(run, timezone), `What it rests on: ${conclusion}.`],
  };
}
