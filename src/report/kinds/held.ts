import { type Change } from '../../domain/change.ts';
import { inert } from '../../domain/inert.ts';
import { visible } from '../../domain/visible.ts';
import { type Content } from '../content.ts';
import { planHeadline } from '../headline.ts';
import { remarksOn } from '../remarks.ts';
import { describeScope, isWhole, wholeScope } from '../scope.ts';
import { planSections } from '../sections.ts';
import { formatWindow } from '../time.ts';
import { type HeldRunTold } from '../told.ts';
import { type Voice } from '../voice.ts';

/** A run that lost more than it is believed about: nothing has become history, and somebody has to decide. */
export function composeHeld(
  run: HeldRunTold,
  { suspects, hasFile }: { suspects: readonly Change[]; hasFile: boolean },
  { timezone }: Voice,
): Omit<Content, 'foot'> {
  const { principal, firstRunId, reason, window, scope = wholeScope } = run;
  const name = visible(principal);
  const when = window === null ? '' : `It would have happened ${formatWindow(window, timezone)}`;
  const { subject, preheader } = planHeadline({ principal, changes: suspects, when }, 'HELD, ');
  return {
    subject: suspects.length === 0 ? `${name}: HELD, waiting for your decision` : subject,
    preheader,
    headline: `Is it true? Of ${name}, ${inert(reason)}.`,
    alert:
      suspects.length === 0
        ? 'This run is held until somebody decides; nothing of it has become history.'
        : 'Nothing below has become history yet: this run is held until somebody decides.',
    // Who gets a part alone has no rollcall to type commands for.
    steps: !isWhole(scope)
      ? []
      : [
          { text: 'If it is true', command: `approve ${firstRunId}`, href: null },
          { text: 'If it is not', command: `reject ${firstRunId}`, href: null },
        ],
    paragraphs: [
      'Until then the baseline stays, and nothing else is told of this principal. A later run within the thresholds releases the hold by itself.',
      ...againOf(run),
      ...describeScope(scope),
      ...(hasFile ? [] : ['All of them are too large for a mail, so there is no CSV.']),
    ],
    sections: planSections(suspects, timezone),
    notes: [...(when === '' ? [] : [`${when}.`]), ...remarksOn(run, timezone)],
  };
}

function againOf({ runId, firstRunId }: HeldRunTold): string[] {
  if (runId === firstRunId) return [];
  return [
    `Run ${runId} saw the same as run ${firstRunId}, whose number still decides. This comes once a day while it waits.`,
  ];
}
