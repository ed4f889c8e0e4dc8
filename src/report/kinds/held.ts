import { type Change } from '../../domain/change.ts';
import { inert } from '../../domain/inert.ts';
import { visible } from '../../domain/visible.ts';
import { shellWord } from '../../domain/shell-word.ts';
import { sourcePaths } from '../../domain/run.ts';
import { type Content, type Step } from '../content.ts';
import { planHeadline } from '../headline.ts';
import { fitSubject } from '../subject.ts';
import { remarksOn } from '../remarks.ts';
import { describeScope, isWhole, wholeScope } from '../scope.ts';
import { planSections } from '../sections.ts';
import { describeHeldSource } from '../source-change.ts';
import { formatWindow } from '../time.ts';
import { type HeldRunTold } from '../told.ts';
import { type Voice } from '../voice.ts';

/** A run that lost more than it is believed about: nothing has become history, and somebody has to decide. */
export function composeHeld(
  run: HeldRunTold,
  { suspects, hasFile }: { suspects: readonly Change[]; hasFile: boolean },
  { timezone }: Voice,
): Omit<Content, 'foot'> {
  const { window, scope = wholeScope } = run;
  const when = window === null ? '' : `It would have happened ${formatWindow(window, timezone)}`;
  return {
    ...openingOf(run, suspects, when),
    alert:
      suspects.length === 0
        ? 'This run is held until somebody decides; nothing of it has become history.'
        : 'Nothing below has become history yet: this run is held until somebody decides.',
    // Who gets a part alone has no rollcall to type commands for.
    steps: isWhole(scope) ? stepsFor(run) : [],
    paragraphs: [
      'Until then the baseline stays, and nothing else is told of this principal. A later run within the thresholds releases the hold by itself.',
      ...againOf(run),
      ...describeHeldSource(run),
      ...describeScope(scope),
      ...(hasFile ? [] : ['All of them are too large for a mail, so there is no CSV.']),
    ],
    sections: planSections(suspects, timezone),
    notes: [...(when === '' ? [] : [`${when}.`]), ...remarksOn(run, timezone)],
  };
}

/** Why it is held, as far as its reader may know: not every one hears of the source. */
export function reasonFor({ reason, sourceChange, mayHaveOtherIds = false }: HeldRunTold): string {
  return mayHaveOtherIds && sourceChange === null
    ? 'too few of the organizations that it had are found again by their ids'
    : reason;
}

/** What it says first: what would have happened, or that the ids do not match, which makes everything seem to have. */
function openingOf(
  run: HeldRunTold,
  suspects: readonly Change[],
  when: string,
): Pick<Content, 'subject' | 'preheader' | 'headline'> {
  const { principal, sourceChange, mayHaveOtherIds = false } = run;
  const reason = inert(reasonFor(run));
  const name = visible(principal);
  const { subject, preheader } = planHeadline({ principal, changes: suspects, when }, 'HELD, ');
  if (mayHaveOtherIds) {
    const source = sourceChange === null ? [] : [() => `read from ${sourcePaths[sourceChange.to]}`];
    return {
      subject: fitSubject(`${name}: HELD, `, [...source, () => 'ids may not match'], { rest: '' }),
      preheader: 'Nothing is said to have changed, unless somebody approves it.',
      headline: `Do the ids match? ${name}: ${reason}.`,
    };
  }
  return {
    subject: suspects.length === 0 ? `${name}: HELD, waiting for your decision` : subject,
    preheader,
    headline: `Is it true? Of ${name}, ${reason}.`,
  };
}

function stepsFor({ principal, firstRunId, sourceChange }: HeldRunTold): Step[] {
  const approve = { text: 'If it is true', command: `approve ${firstRunId}`, href: null };
  const reject = { text: 'If it is not', command: `reject ${firstRunId}`, href: null };
  if (sourceChange === null) return [approve, reject];
  const { from, to } = sourceChange;
  return [
    {
      text: `See what ${sourcePaths[from]} and ${sourcePaths[to]} say, side by side`,
      command: `sources --principal ${shellWord(principal)}`,
      href: null,
    },
    {
      ...reject,
      text: `If the ids do not match, set the source back (source: ${from} in rollcall.yaml, or ROLLCALL_SOURCE=${from}), and`,
    },
    { ...approve, text: 'If they do, and what is missing is gone indeed' },
  ];
}

function againOf({ runId, firstRunId }: HeldRunTold): string[] {
  if (runId === firstRunId) return [];
  return [
    `Run ${runId} saw the same as run ${firstRunId}, whose number still decides. This comes once a day while it waits.`,
  ];
}
