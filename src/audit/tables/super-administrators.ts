import { type AuditedHistory, type Interval, type Seam } from '../../domain/audit.ts';
import { type Change } from '../../domain/change.ts';
import { nothingKnown } from '../../domain/membership.ts';
import { type Table } from '../data.ts';
import { findTenures, groupByMembership, membershipKey } from '../memberships.ts';
import { type Packer } from '../packer.ts';
import { stretchesOf } from '../timeline.ts';
import { compareTexts, tableOf, timeOf, wordOf } from './table.ts';

/** One stretch in which a membership held Super Administrator. */
export interface Holding {
  principal: string;
  organizationId: string;
  organizationName: string | null;
  from: Date;
  /** `null` while it holds it. */
  to: Date | null;
  /** The change by which it came, or the run of another source that told it first; `null` where it was there at the first run. */
  gained: Change | Seam | null;
  /** The change by which it went, or the run of another source that does not tell it; `null` while it holds it. */
  lost: Change | Seam | null;
}

/** Every stretch in which a membership held Super Administrator, those that last first, the newest of them first. */
export function findHoldings(history: AuditedHistory): Holding[] {
  const steps = new Map(
    history.superAdministratorChanges.map((change) => [`${change.runId} ${membershipKey(change)}`, change]),
  );
  const seams = new Map(history.seams.map((seam) => [seam.runId, seam]));
  const stepAt = (runId: number | null, of: Interval) =>
    steps.get(`${runId} ${membershipKey(of)}`) ?? seams.get(runId ?? 0) ?? null;
  return groupByMembership(history)
    .flatMap((story) =>
      findTenures(story, 'super').map(({ first, last }) => ({
        principal: story.principal,
        organizationId: story.organizationId,
        organizationName: story.organizationName,
        from: first.from,
        to: last.to,
        gained: stepAt(first.firstRunId, first),
        lost: last.to === null ? null : stepAt(last.endedRunId, last),
      })),
    )
    .sort(
      (left, right) =>
        (right.to?.getTime() ?? Infinity) - (left.to?.getTime() ?? Infinity) ||
        right.from.getTime() - left.from.getTime() ||
        compareTexts(left.organizationId, right.organizationId),
    );
}

/** Who held Super Administrator in the period, since when and until when. */
export function composeSuperAdministrators(history: AuditedHistory, packer: Packer): Table {
  const names = history.principals.map(({ principal }) => principal);
  return tableOf({ id: 'super-administrators', order: '-to' }, findHoldings(history), {
    organization: {
      heading: 'Organization',
      kind: 'organization',
      read: (holding) => packer.organization(holding),
    },
    principal: { heading: 'Principal', kind: 'text', read: ({ principal }) => packer.text(principal) },
    from: { heading: 'From', kind: 'time', read: ({ from }) => timeOf(from) },
    to: { heading: 'To', kind: 'time', none: 'still', read: ({ to }) => timeOf(to) },
    how: { heading: 'How', kind: 'lines', read: (holding) => packer.set(describe(holding)) },
    bar: {
      heading: 'Timeline',
      kind: 'bar',
      read: (holding) =>
        packer.timeline({
          principal: names.indexOf(holding.principal),
          stretches: stretchesOf([asInterval(holding)], packer),
        }),
    },
  });
}

function describe({ gained, lost }: Holding): string[] {
  const came = gained === null ? 'there at the first run' : describeStep('+', gained);
  return lost === null ? [came] : [came, describeStep('−', lost)];
}

/** That a source tells it first, or no more, is no change: since when, or whether still, is not known. */
function describeStep(sign: '+' | '−', step: Change | Seam): string {
  if ('kind' in step) return `${sign} ${wordOf(step.kind)}, not before ${minuteOf(step.notBefore)}`;
  return sign === '+'
    ? `first told by the source ${step.source}; it may have been there before`
    : `not told by the source ${step.source}; it may be there still`;
}

function minuteOf(instant: Date): string {
  return `${instant.toISOString().slice(0, 16).replace('T', ' ')}Z`;
}

function asInterval(holding: Holding): Interval {
  return {
    ...nothingKnown,
    ...holding,
    status: 'member',
    roles: ['Super Administrator'],
    firstRunId: 0,
    endedRunId: null,
  };
}

/** How many memberships held it from each instant on at which that changed. */
export function countOverTime(
  holdings: readonly Pick<Holding, 'from' | 'to'>[],
): [from: number, count: number][] {
  const steps = new Map<number, number>();
  const step = (at: Date | null, by: number) => {
    if (at !== null) steps.set(at.getTime(), (steps.get(at.getTime()) ?? 0) + by);
  };
  for (const { from, to } of holdings) {
    step(from, 1);
    step(to, -1);
  }
  let count = 0;
  return [...steps].sort(([left], [right]) => left - right).map(([at, by]) => [at, (count += by)]);
}
