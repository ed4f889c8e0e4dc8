import { isByPolicy, type SuperAdministratorStep } from '../domain/access.ts';
import { type Change, type ChangeKind } from '../domain/change.ts';
import { endsTwoFactors } from '../domain/turn.ts';
import { visible } from '../domain/visible.ts';
import { nameOf, nameOrCount, nameSome } from './names.ts';
import { clausesOfOne, sentencesOfOne, stepsOfOne } from './one-change.ts';
import { type Clause, fitSubject, placeOf, shortestName } from './subject.ts';
import { groupByKind, nameCounts } from './wording.ts';

/** What a report says first, each place more than the one before: a reader may have but one of them. */
export interface Headline {
  /** Behind `[rollcall] `: what happened, the gravest first. */
  subject: string;
  /** What an inbox shows behind the subject: to whom it happened, and when. */
  preheader: string;
  /** What the mail begins with: a sentence about the gravest. */
  firstLine: string;
  /** Sentences about the rest; empty where there is none. */
  rest: string;
}

/** One thing that happened, to one organization or more. */
interface Matter {
  /** `null` for what no subject says. */
  clause: Clause | null;
  sentence: string;
  changes: readonly Change[];
}

const lostAccessKinds: ReadonlySet<ChangeKind> = new Set(['left', 'invitation_replaced_membership']);

/** Whether a change took all access to an organization. */
export function hasLostAccess({ kind, before }: Change): boolean {
  return lostAccessKinds.has(kind) || (kind === 'status_changed' && before === 'member');
}

/** Whether a change is not to be overlooked among others. */
export function isGrave(change: Change): boolean {
  return change.superAdministrator !== null || hasLostAccess(change) || endsTwoFactors(change);
}

/** What a headline is made of. */
interface Told {
  principal: string;
  changes: readonly Change[];
  /** When it happened, in words. */
  when: string;
  /** Who has Super Administrator by a policy that was not compared. Default: nobody. */
  byPolicy?: readonly Clause[];
  /** What the subject says besides, behind the gravest. Default: nothing. */
  also?: readonly Clause[];
}

/**
 * What a report about changes says first: what happened to Super Administrator, then lost access, then who enforces two
 * factors no longer, then the counts of the other kinds. A change that is the only one names its organization.
 */
export function planHeadline(
  { principal, changes, when, byPolicy = [], also = [] }: Told,
  prefix = '',
): Headline {
  const matters = mattersOf(visible(principal), changes);
  const [first, ...others] = matters.filter(({ sentence }) => sentence !== '');
  const named = nameSome(
    matters.flatMap((matter) => matter.changes),
    5,
  );
  const clauses = matters.flatMap(({ clause }) => clause ?? []);
  const leading = changes.some(touchesSuperAdministrator) ? 1 : 0;
  const [gravest, ...lesser] = clauses.toSpliced(leading, 0, ...byPolicy);
  const kept = [...(gravest === undefined ? [] : [gravest]), ...also];
  return {
    subject: fitSubject(`${visible(principal)}: ${prefix}`, [...kept, ...lesser], { kept: kept.length }),
    preheader: [named, when].filter(Boolean).join('. '),
    firstLine: endOnce(first?.sentence ?? ''),
    rest: others
      .map(({ sentence }) => endOnce(sentence))
      .filter(Boolean)
      .join(' '),
  };
}

function touchesSuperAdministrator({ superAdministrator: step }: Change): boolean {
  return step !== null && step !== 'offer_gone';
}

function mattersOf(principal: string, changes: readonly Change[]): Matter[] {
  const [only, ...others] = changes;
  if (only !== undefined && others.length === 0) return [matterOfOne(principal, only)];
  const grave = [
    ...(['gained', 'lost', 'offered'] as const).map((step) => matterOfStep(principal, changes, step)),
    matterOfLostAccess(principal, changes),
    matterOfTwoFactors(changes),
  ].filter((matter) => matter.changes.length > 0);
  const toldAlready = new Set(grave.flatMap((matter) => matter.changes));
  const counted = groupByKind(changes.filter((change) => !toldAlready.has(change))).map(([kind, ofKind]) => ({
    clause: () => nameCounts([{ kind, count: ofKind.length }]),
    sentence: '',
    changes: ofKind,
  }));
  const all = groupByKind(changes).map(([kind, ofKind]) => ({ kind, count: ofKind.length }));
  const total = `${grave.length > 0 ? 'In all' : 'What happened'}: ${nameCounts(all)}.`;
  return [...grave, ...counted, { clause: null, sentence: total, changes: [] }];
}

function matterOfStep(
  principal: string,
  all: readonly Change[],
  step: Exclude<SuperAdministratorStep, 'offer_gone'>,
): Matter {
  const changes = all.filter(({ superAdministrator }) => superAdministrator === step);
  const where = nameSome(changes, 3);
  const by = describePolicies(changes);
  const sentences = {
    gained: `${principal} is now Super Administrator of ${where}${by}.`,
    lost: `${principal} is no longer Super Administrator of ${where}${by}.`,
    offered: `${principal} is offered Super Administrator of ${where}${by}.`,
  };
  const clause: Clause = (longestName) =>
    `Super Administrator ${step}${placeOf(longestName, nameOrCount(changes, longestName))}`;
  return { clause, sentence: sentences[step], changes };
}

/** People look at roles, and a policy is where they do not. */
function describePolicies(changes: readonly Change[]): string {
  const count = changes.filter(isByPolicy).length;
  if (count === 0) return '';
  return count === changes.length ? ', by a policy' : ` (${count} of them by a policy)`;
}

function matterOfLostAccess(principal: string, all: readonly Change[]): Matter {
  const changes = all.filter(hasLostAccess);
  return {
    clause: (longestName) => `lost access to ${nameOrCount(changes, longestName)}`,
    sentence: `${principal} has no access any more to ${nameSome(changes, 3)}.`,
    changes,
  };
}

function matterOfTwoFactors(all: readonly Change[]): Matter {
  const changes = all.filter(endsTwoFactors);
  return {
    clause: (longestName) => `two factors off in ${nameOrCount(changes, longestName)}`,
    sentence: `Two factors are no longer enforced in ${nameSome(changes, 3)}.`,
    changes,
  };
}

function matterOfOne(principal: string, change: Change): Matter {
  const { superAdministrator: step, kind } = change;
  const name = nameOf(change);
  const sentence = sentencesOfOne[kind](principal, name, change);
  if (step === null) {
    return {
      clause: (longest) => clausesOfOne[kind](nameOf(change, longest), change, longest),
      sentence,
      changes: [change],
    };
  }
  const clause: Clause = (longest) =>
    `${nameStep(step)}${placeOf(longest, nameOf(change, longest))}${longest <= shortestName ? '' : howOf(change)}`;
  const told = stepsOfOne[step](principal, `${name}${describePolicies([change])}`);
  return { clause, sentence: `${told} ${sentence}`, changes: [change] };
}

function nameStep(step: SuperAdministratorStep): string {
  return step === 'offer_gone' ? 'offer of Super Administrator gone' : `Super Administrator ${step}`;
}

/** By what it came or went, where that is not a role. */
function howOf({ kind }: Change): string {
  if (kind === 'roles_changed') return '';
  if (kind === 'policies_changed') return ' (by a policy)';
  return ` (${nameCounts([{ kind, count: 1 }]).replace(/^1 /, '')})`;
}

/** A sentence whose last word has a dot of its own, as `Acme Inc.` has, ends with that. */
function endOnce(sentences: string): string {
  return sentences.replaceAll(/\.\.(?= |$)/g, '.');
}
