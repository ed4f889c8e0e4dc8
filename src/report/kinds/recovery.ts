import { visible } from '../../domain/visible.ts';
import { type Content } from '../content.ts';
import { remarksOn } from '../remarks.ts';
import { type ReportedRun } from '../told.ts';
import { standingOf } from '../standing.ts';

/** The first complete run after trouble that was reported. */
export function composeRecovery(run: ReportedRun): Omit<Content, 'foot'> {
  return {
    headline: `${visible(run.principal)}: complete again with run ${run.runId}`,
    alert: null,
    paragraphs: [
      `Run ${run.runId} is complete: ${run.conclusion}. Changes, if there were any, come in a report of their own.`,
      ...remarksOn(run),
      standingOf(run),
    ],
    sections: [],
  };
}
