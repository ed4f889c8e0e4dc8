import { type Content } from '../content.ts';
import { remarksOn } from '../remarks.ts';
import { type ReportedRun } from '../told.ts';
import { standingOf } from '../standing.ts';
import { visible } from '../../domain/visible.ts';
import { countOrganizations } from '../wording.ts';

/** The one notice of a principal's first run: there is nothing to compare with yet. */
export function composeBaseline(run: ReportedRun): Omit<Content, 'foot'> {
  const organizations = run.members + run.invited + run.other;
  return {
    headline: `${visible(run.principal)}: baseline of ${countOrganizations(organizations)}`,
    alert: null,
    paragraphs: [
      `This is the first complete snapshot of ${visible(run.principal)}, and the baseline for the next one.`,
      ...remarksOn(run),
      standingOf(run),
      'From now on a report comes when something has changed. `rollcall members` lists every membership.',
    ],
    sections: [],
  };
}
