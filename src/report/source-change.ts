import { sourcePaths } from '../domain/run.ts';
import {
  describeConsequences,
  describeHeldByPolicy,
  listedByOneAlone,
  nameSourceChange,
} from '../domain/source-change.ts';
import { visible } from '../domain/visible.ts';
import { nameOrCount, nameSome } from './names.ts';
import { type Clause, placeOf, shortestName } from './subject.ts';
import { asksForSuperAdministrator, isWhole, type Scope } from './scope.ts';
import { type HeldRunTold, type ReportedRun, type SourceChangeTold } from './told.ts';

/** So many organizations in which a policy alone gives Super Administrator are named. */
const mostNamed = 20;

/** `now read from /memberships`: what a subject says of it, or less where there is hardly room. */
export function clauseOfSource({ to }: SourceChangeTold): Clause {
  return (longestName) => {
    if (longestName < shortestName) return 'other source';
    return longestName === shortestName ? `from ${sourcePaths[to]}` : `now read from ${sourcePaths[to]}`;
  };
}

/** The same as a sentence, for a first line; none where the source is the same. */
export function nameSourceNow({ sourceChange }: Pick<ReportedRun, 'sourceChange'>): string[] {
  return sourceChange === null ? [] : [`The roll is now read from ${sourcePaths[sourceChange.to]}.`];
}

/** Where a policy gives Super Administrator that nobody saw before: what the source before did not tell. */
function firstSeen({ to, heldByPolicy }: SourceChangeTold): SourceChangeTold['heldByPolicy'] {
  return to === 'memberships' ? heldByPolicy : [];
}

/** `Super Administrator by policy in Acme`: what a subject says of policies that nobody saw before; none where there are none. */
export function clausesOfPolicy(change: SourceChangeTold): Clause[] {
  const seen = firstSeen(change);
  if (seen.length === 0) return [];
  return [(longest) => `Super Administrator by policy${placeOf(longest, nameOrCount(seen, longest))}`];
}

/** The same as a sentence with names, for what stands behind the subject. */
export function preheadOfPolicy(change: SourceChangeTold): string {
  const seen = firstSeen(change);
  return seen.length === 0 ? '' : `Super Administrator by policy in ${nameSome(seen, 5)}. `;
}

/**
 * Whether a reader hears of the source: whoever gets every change, and who asks for Super Administrator where a policy gives it
 * that nobody saw before.
 */
export function hearsOfSource(change: SourceChangeTold, scope: Scope): boolean {
  return isWhole(scope) || (firstSeen(change).length > 0 && asksForSuperAdministrator(scope));
}

/** The same of a run that is held: nothing follows from it yet. */
export function describeHeldSource({ principal, sourceChange }: HeldRunTold): string[] {
  if (sourceChange === null) return [];
  return [
    `${visible(principal)} was ${nameSourceChange(sourceChange)}: name, status and roles were compared, and nothing else. ${listedByOneAlone}`,
    nameHeldByPolicy(sourceChange),
  ];
}

/** What a reader has to know of a run that was read from another source than its baseline; nothing of any other. */
export function describeSourceChange({
  principal,
  sourceChange,
}: Pick<ReportedRun, 'principal' | 'sourceChange'>): string[] {
  if (sourceChange === null) return [];
  return [
    `From now on ${visible(principal)} is ${nameSourceChange(sourceChange)}. ${describeConsequences(sourceChange)}`,
    nameHeldByPolicy(sourceChange),
  ];
}

function nameHeldByPolicy(change: SourceChangeTold): string {
  const { heldByPolicy } = change;
  return describeHeldByPolicy(change, heldByPolicy.length, nameSome(heldByPolicy, mostNamed));
}
