import { type AuditedHistory } from '../domain/audit.ts';
import { type PageData } from './data.ts';
import { currentIntervals, standingOf } from './memberships.ts';
import { number } from './words.ts';

/** One figure of the summary. */
export interface Figure {
  label: string;
  value: string;
  /** Whether a reader should look at it first. */
  isAlert: boolean;
}

/** What the whole page comes to, in figures. `isPast`: the period ended before the page was made. */
export function summarize(
  history: AuditedHistory,
  data: Pick<PageData, 'tables'>,
  { isPast }: { isPast: boolean },
): Figure[] {
  const then = isPast ? 'at the end' : 'now';
  const current = Map.groupBy(currentIntervals(history), standingOf);
  const count = (standing: ReturnType<typeof standingOf>) => current.get(standing)?.length ?? 0;
  const rowsOf = (id: string) => data.tables.find((table) => table.id === id)?.rows ?? 0;
  const organizations = new Set(currentIntervals(history).map(({ organizationId }) => organizationId));
  const figure = (label: string, value: number, isAlert = false) => ({
    label,
    value: number(value),
    isAlert,
  });
  const other = count('other');
  return [
    figure(`Organizations ${then}`, organizations.size),
    figure(`Memberships ${then}`, count('member') + count('super')),
    figure(`Super Administrators ${then}`, count('super'), count('super') > 0),
    figure(`Invitations pending ${then}`, count('invited')),
    ...(other === 0 ? [] : [figure(`With another status ${then}`, other, true)]),
    figure('Changes', rowsOf('changes')),
    figure('Runs', rowsOf('runs')),
    figure('Not observed, times', rowsOf('gaps'), rowsOf('gaps') > 0),
  ];
}
