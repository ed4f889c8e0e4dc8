import { type AuditedHistory } from '../domain/audit.ts';
import { type PageData } from './data.ts';
import { createPacker, type Packer } from './packer.ts';
import { composeChanges } from './tables/changes.ts';
import { composeGaps } from './tables/gaps.ts';
import { composeInvitations } from './tables/invitations.ts';
import { composeRoll } from './tables/roll.ts';
import { composeRuns } from './tables/runs.ts';
import { composeSuperAdministrators, countOverTime, findHoldings } from './tables/super-administrators.ts';
import { timeOf } from './tables/table.ts';
import { composeTimelines } from './tables/timelines.ts';

/** From when to when a page tells. */
export interface PagePeriod {
  /** `null` for the beginning of the history. */
  since: Date | null;
  /** The end of the period, or when the page was made. */
  end: Date;
}

/** All that the page shows of a history, packed. */
export function composeData(history: AuditedHistory, { since, end }: PagePeriod): PageData {
  const packer = createPacker();
  const tables = [
    composeSuperAdministrators(history, packer),
    composeInvitations(history, packer, end),
    composeRoll(history, packer),
    composeChanges(history.changes, packer),
    composeTimelines(history, packer),
    composeGaps(history, packer),
    composeRuns(history.runs, packer),
  ];
  const axis = axisOf(history, { since, end });
  return {
    axis,
    principals: observedOf(history, packer, axis),
    superAdministrators: countOverTime(findHoldings(history)),
    tables,
    ...packer.packed(),
  };
}

/** From the beginning of the period, or of what was observed. A clock that was ahead may have seen more than there was yet. */
function axisOf({ principals }: AuditedHistory, { since, end }: PagePeriod): PageData['axis'] {
  const began = principals.flatMap(({ observedSince }) => observedSince?.getTime() ?? []);
  const seen = principals.flatMap(({ newest }) => newest?.finishedAt.getTime() ?? []);
  const to = Math.max(end.getTime(), ...seen);
  return { from: Math.min(since?.getTime() ?? Math.min(to, ...began), to - 1), to };
}

/** Seams from before the period tell how access came, and are no part of what is shown of the period. */
function observedOf(
  history: AuditedHistory,
  packer: Packer,
  { from, to }: PageData['axis'],
): PageData['principals'] {
  const own = Map.groupBy(history.gaps, ({ principal }) => principal);
  const shown = history.seams.filter(({ at }) => at.getTime() >= from && at.getTime() <= to);
  const seams = Map.groupBy(shown, ({ principal }) => principal);
  return history.principals.map(({ principal, observedSince }) => ({
    name: packer.text(principal),
    since: timeOf(observedSince),
    gaps: (own.get(principal) ?? []).map(({ from, to }) => [timeOf(from), timeOf(to)] as const),
    seams: (seams.get(principal) ?? []).map(({ at, source }) => [timeOf(at), packer.text(source)] as const),
  }));
}
