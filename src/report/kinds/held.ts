import { type Change } from '../../domain/change.ts';
import { inert } from '../../domain/inert.ts';
import { visible } from '../../domain/visible.ts';
import { type Content } from '../content.ts';
import { remarksOn } from '../remarks.ts';
import { type HeldRunTold } from '../told.ts';
import { planSections } from '../sections.ts';
import { countByKind } from '../wording.ts';

/** A run that lost more than it is believed about: nothing has become history, and somebody has to decide. */
export function composeHeld(run: HeldRunTold, suspects: readonly Change[]): Omit<Content, 'foot'> {
  const { firstRunId, reason } = run;
  const counts = suspects.length === 0 ? '' : ` (${countByKind(suspects)})`;
  return {
    headline: `${visible(run.principal)}: HELD, waiting for approval${counts}`,
    alert: `Run ${run.runId} is held: ${inert(reason)}.`,
    paragraphs: [
      `Nothing below has become history yet, and the baseline stays. If it is true: \`rollcall approve ${firstRunId}\`. If it is not: \`rollcall reject ${firstRunId}\`. ` +
        'A later run within the thresholds releases the hold by itself.',
      ...againOf(run),
      ...remarksOn(run),
    ],
    sections: planSections(suspects),
  };
}

function againOf({ runId, firstRunId }: HeldRunTold): string[] {
  if (runId === firstRunId) return [];
  return [
    `It is the same as in run ${firstRunId}, and its number still decides. This comes once a day while it waits.`,
  ];
}
