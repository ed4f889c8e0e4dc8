import {
  describeConsequences,
  describeHeldByPolicy,
  endpointNames,
  nameSourceChange,
} from '../domain/source-change.ts';
import { visible } from '../domain/visible.ts';
import { nameSome } from './headline.ts';
import { type HeldRunTold, type ReportedRun, type SourceChangeTold } from './told.ts';

/** So many organizations in which a policy alone gives Super Administrator are named. */
const mostNamed = 20;

/** `now read from /memberships`: what a subject says of it. */
export function clauseOfSource({ to }: SourceChangeTold): string {
  return `now read from ${endpointNames[to]}`;
}

/** The same of a run that is held: nothing follows from it yet. */
export function describeHeldSource({ principal, sourceChange }: HeldRunTold): string[] {
  if (sourceChange === null) return [];
  return [
    `${visible(principal)} was ${nameSourceChange(sourceChange)}: name, status and roles were compared, and nothing else.`,
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
