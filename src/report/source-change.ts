import {
  describeConsequences,
  describeHeldByPolicy,
  endpointNames,
  listedByOneAlone,
  nameSourceChange,
} from '../domain/source-change.ts';
import { visible } from '../domain/visible.ts';
import { type Clause, nameSome, shortestName } from './headline.ts';
import { type HeldRunTold, type ReportedRun, type SourceChangeTold } from './told.ts';

/** So many organizations in which a policy alone gives Super Administrator are named. */
const mostNamed = 20;

/** `now read from /memberships`: what a subject says of it, or less where there is hardly room. */
export function clauseOfSource({ to }: SourceChangeTold): Clause {
  return (longestName) => {
    if (longestName < shortestName) return 'other source';
    return longestName === shortestName ? `from ${endpointNames[to]}` : `now read from ${endpointNames[to]}`;
  };
}

/** The same as a sentence, for a first line; none where the source is the same. */
export function nameSourceNow({ sourceChange }: Pick<ReportedRun, 'sourceChange'>): string[] {
  return sourceChange === null ? [] : [`The roll is now read from ${endpointNames[sourceChange.to]}.`];
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
