import { type ReportedRun } from './told.ts';
import { visible } from '../domain/visible.ts';
import { countOrganizations } from './wording.ts';

/** Where the principal stands now: `ops-bot is now a member of 124 organizations and invited to 4.` */
export function standingOf({ principal, members, invited, other }: ReportedRun): string {
  const parts = [`a member of ${countOrganizations(members)}`];
  if (invited > 0) parts.push(`invited to ${invited}`);
  if (other > 0) parts.push(`with another status in ${other}`);
  return `${visible(principal)} is now ${new Intl.ListFormat('en').format(parts)}.`;
}
