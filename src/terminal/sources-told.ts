import {
  type ChangingOver,
  compareSources,
  countKnownBesides,
  foreseeChangingOver,
  type KnownBesides,
  type SourceComparison,
} from '../domain/changing-over.ts';
import { changeKinds } from '../domain/change.ts';
import { describeError } from '../domain/errors.ts';
import { type HoldThresholds } from '../domain/hold.ts';
import { countByStatus } from '../domain/membership.ts';
import { otherSource, runSources, sourcePaths } from '../domain/run.ts';
import { shellWord } from '../domain/shell-word.ts';
import { type SourceReading, type SourcesRead } from '../pipeline/sources.ts';
import { describeChange } from './change-line.ts';
import { describeCounts } from './run-results.ts';

/** What reading both endpoints came to, as far as each could be read. */
export interface SourcesTold extends SourcesRead {
  /** `null` unless both could be read, as is the next. */
  comparison: SourceComparison | null;
  changingOver: ChangingOver | null;
  /** `null` unless `/memberships` could be read. */
  known: KnownBesides | null;
}

/** Compares what was read of one principal. */
export function judgeSources(read: SourcesRead, thresholds: HoldThresholds): SourcesTold {
  const { organizations, memberships } = read.readings;
  const known = memberships.outcome === 'read' ? countKnownBesides(memberships.listing) : null;
  if (organizations.outcome === 'unread' || memberships.outcome === 'unread') {
    return { ...read, comparison: null, changingOver: null, known };
  }
  const rolls = { organizations: organizations.listing, memberships: memberships.listing };
  return {
    ...read,
    comparison: compareSources(rolls),
    changingOver: foreseeChangingOver(rolls, read.source, thresholds),
    known,
  };
}

/** Whether at least one endpoint could be read. */
export function isAnyRead({ readings }: Pick<SourcesRead, 'readings'>): boolean {
  return runSources.some((source) => readings[source].outcome === 'read');
}

/** What both endpoints list, in lines for people, before the table of what differs. */
export function describeReadings(told: SourcesTold): string[] {
  const { principal, source, readings, comparison } = told;
  return [
    `${principal}, whose roll is read from ${sourcePaths[source]}`,
    ...runSources.map((one) => `  ${sourcePaths[one]}: ${describeReading(readings[one], principal)}`),
    ...(comparison === null ? [] : [describeComparison(readings[source], comparison)]),
  ];
}

function describeReading(reading: SourceReading, principal: string): string {
  if (reading.outcome === 'unread') {
    const said = describeError(reading.error);
    // Our own errors name the principal already.
    return `not read. ${said.startsWith(`${principal}: `) ? said.slice(principal.length + 2) : said}`;
  }
  const { memberships, declined } = reading.listing;
  const rejected = declined.length === 0 ? '' : `, and ${countOf(declined.length, 'rejected invitation')}`;
  return `${describeCounts(countByStatus(memberships))}${rejected}`;
}

function describeComparison(baseline: SourceReading, { inBoth, differences }: SourceComparison): string {
  const size = baseline.outcome === 'read' ? baseline.listing.memberships.length : 0;
  const matching = `  ${inBoth} of ${size} ids match.`;
  const declined = differences.filter(({ differsIn }) => differsIn === 'declined').length;
  const others = differences.length - declined;
  const beside =
    declined === 0 ? '' : ` ${countOf(declined, 'rejected invitation')} on neither roll changes nothing.`;
  return others === 0
    ? `${matching} No difference: both have the same organizations with the same names, statuses and roles.${beside}`
    : `${matching} ${countOf(others, 'difference')}:${beside}`;
}

/** What changing over would come to, in lines for people, and the two lines to type for it. */
export function describeChangingOver(told: SourcesTold): string[] {
  const { principal, source, readings, changingOver } = told;
  const to = otherSource(source);
  if (readings[to].outcome === 'unread') {
    return [`It cannot change over: ${sourcePaths[to]} could not be read.`];
  }
  return [
    ...(changingOver === null
      ? [
          `What changing over would report is not known, for ${sourcePaths[source]} could not be read. The first night compares with the last complete run.`,
        ]
      : describeForeseen(changingOver)),
    ...describeKnown(told),
    `To change over, write the first line under ${principal} in rollcall.yaml, or set ROLLCALL_SOURCE=${to} where the environment describes it, and type the second:`,
    `    source: ${to}`,
    `    rollcall run --principal ${shellWord(principal)}`,
  ];
}

function describeForeseen({ to, heldBecause, changes }: ChangingOver): string[] {
  const tonight = `Changing over to ${sourcePaths[to]} tonight would`;
  const lines = changes
    .toSorted((left, right) => changeKinds.indexOf(left.kind) - changeKinds.indexOf(right.kind))
    .map((change) => `  ${describeChange({ ...change, returning: false, byUs: false, invitedBy: null })}`);
  const report = changes.length === 0 ? 'report no change.' : `report ${countOf(changes.length, 'change')}:`;
  return heldBecause === null
    ? [`${tonight} ${report}`, ...lines]
    : [`${tonight} be held: ${heldBecause}. Approved, it would ${report}`, ...lines];
}

function describeKnown({ source, known }: SourcesTold): string[] {
  if (known === null) return [];
  const since =
    source === 'organizations'
      ? 'From then on it is known besides'
      : `${sourcePaths.organizations} does not tell`;
  const { memberships, policies, twoFactorEnforced, apiAccess, parentOrganization } = known;
  return [
    `${since} (of ${memberships}): policies of ${policies}, two factors enforced by ${twoFactorEnforced}, access by the API to ${apiAccess}, a parent organization of ${parentOrganization}. Permissions are told otherwise by each, and taken as first known.`,
  ];
}

function countOf(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}
