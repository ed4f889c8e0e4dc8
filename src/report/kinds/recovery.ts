import { visible } from '../../domain/visible.ts';
import { shellWord } from '../../domain/shell-word.ts';
import { type Content } from '../content.ts';
import { remarksOn } from '../remarks.ts';
import { type ReportedRun } from '../told.ts';
import { isWhole, type Scope } from '../scope.ts';
import { standingOf } from '../standing.ts';
import { formatMinute } from '../time.ts';
import { type Voice } from '../voice.ts';

/** The first complete run after trouble that was reported. */
export function composeRecovery(run: ReportedRun, scope: Scope, { timezone }: Voice): Omit<Content, 'foot'> {
  const { principal, runId, missedRuns, finishedAt, conclusion } = run;
  const name = visible(principal);
  const nights = missedRuns === 1 ? '1 run without a snapshot' : `${missedRuns} runs without a snapshot`;
  return {
    subject: `${name}: complete again${missedRuns === 0 ? '' : ` after ${nights}`}`,
    preheader: 'Nothing to do. Changes, if there were any, come in a report of their own.',
    headline: `The roll of ${name} is complete again since ${formatMinute(finishedAt, timezone)} (${timezone}).`,
    alert: null,
    steps: [
      {
        text: 'Nothing to do. What the runs came to',
        command: `runs --principal ${shellWord(principal)}`,
        href: null,
      },
    ],
    paragraphs: [
      'Changes, if there were any, come in a report of their own.',
      ...(isWhole(scope) ? [standingOf(run)] : []),
    ],
    sections: [],
    notes: [...remarksOn(run, timezone), `Run ${runId} rests on this: ${conclusion}.`],
  };
}
