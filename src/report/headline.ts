import { isByPolicy, type SuperAdministratorStep } from '../domain/access.ts';
import { type Change, type ChangeKind } from '../domain/change.ts';
import { inert } from '../domain/inert.ts';
import { noParent } from '../domain/parent-organization.ts';
import { endsTwoFactors, nameParent } from '../domain/turn.ts';
import { visible } from '../domain/visible.ts';
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

/** What all subjects of ours begin with. */
export const subjectMark = '[rollcall] ';

/** Characters of a subject with its mark: what a phone shows in two lines, and a mail has in one. */
export const longestSubject = 78;

/** Characters of a name where there is hardly room. */
export const shortestName = 8;

/** The same where there is less: below {@link shortestName} a clause says the least that it can. */
const scarceNames = [6, 4] as const;

/** A part of a subject; `longestName` says how many characters a name in it may have. */
export type Clause = (longestName: number) => string;

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

/** What becomes of clauses for which there is no room. */
interface Fitting {
  /** Stands for what is left out; may be empty. */
  rest?: string;
  /** So many of the first are said, be there room or not. Default: 1. */
  kept?: number;
}

/** The clauses behind the principal's name, as many as the room takes, the gravest first: names give way before clauses do. */
export function fitSubject(
  start: string,
  clauses: readonly Clause[],
  { rest = 'and more', kept = 1 }: Fitting = {},
): string {
  const room = longestSubject - subjectMark.length - start.length;
  const join = (some: readonly Clause[], longestName: number) =>
    [...some.map((clause) => clause(longestName)), ...(some.length < clauses.length ? [rest] : [])]
      .filter(Boolean)
      .join(', ');
  const whole = [60, 30, 18].map((longestName) => join(clauses, longestName));
  const cut = clauses.slice(kept).map((_, index) => join(clauses.slice(0, clauses.length - 1 - index), 18));
  const first = clauses.slice(0, kept);
  const shortest = join(first, shortestName);
  const scarce =
    kept < 2 ? [] : [shortest, ...[shortestName, ...scarceNames].map((most) => joinAll(first, most))];
  const last = scarce.at(-1) ?? shortest;
  return `${start}${[...whole, ...cut, ...scarce].find((text) => text.length <= room) ?? last}`;
}

function joinAll(clauses: readonly Clause[], longestName: number): string {
  return clauses.map((clause) => clause(longestName)).join(', ');
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

/** ` in Acme`; where there is next to no room, what happened says more than where. */
export function placeOf(longestName: number, name: string): string {
  return longestName <= Math.min(...scarceNames) ? '' : ` in ${name}`;
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

const stepsOfOne: Readonly<Record<SuperAdministratorStep, (principal: string, name: string) => string>> = {
  gained: (principal, name) => `${principal} is now Super Administrator of ${name}.`,
  lost: (principal, name) => `${principal} is no longer Super Administrator of ${name}.`,
  offered: (principal, name) => `${principal} is offered Super Administrator of ${name}.`,
  offer_gone: (principal, name) => `${principal} is no longer offered Super Administrator of ${name}.`,
};

const clausesOfOne: Readonly<Record<ChangeKind, (name: string, change: Change, longest: number) => string>> =
  {
    left: (name) => `left ${name}`,
    invitation_replaced_membership: (name) => `membership of ${name} replaced by an invitation`,
    status_changed: (name, { after }) => `status in ${name} is now ${inert(after ?? 'unknown', 30)}`,
    roles_changed: (name) => `roles changed in ${name}`,
    permissions_changed: (name) => `permissions changed in ${name}`,
    policies_changed: (name) => `policies changed in ${name}`,
    two_factor_changed: (name, { after }) =>
      `two factors ${after === 'true' ? 'enforced now' : 'no longer enforced'} in ${name}`,
    api_access_changed: (name, { after }) =>
      `access by API turned ${after === 'true' ? 'on' : 'off'} in ${name}`,
    parent_changed: (name, { after }, longest) =>
      after === noParent
        ? `${name} has no parent any more`
        : `${name} now under ${nameParent(after, longest)}`,
    joined: (name) => `joined ${name}`,
    invitation_accepted: (name) => `invitation to ${name} accepted`,
    invited: (name) => `invited to ${name}`,
    invitation_changed: (name) => `invitation to ${name} changed`,
    invitation_gone: (name) => `invitation to ${name} gone`,
    renamed: (name, { before }, longest) => `${inert(before ?? 'unknown', longest)} renamed to ${name}`,
  };

const sentencesOfOne: Readonly<
  Record<ChangeKind, (principal: string, name: string, change: Change) => string>
> = {
  left: (principal, name) => `${principal} is no longer a member of ${name}.`,
  invitation_replaced_membership: (principal, name) =>
    `${principal} is no longer a member of ${name}, and is invited to it.`,
  status_changed: (principal, name, { before, after }) =>
    `The status of ${principal} in ${name} went from ${inert(before ?? 'unknown', 60)} to ${inert(after ?? 'unknown', 60)}.`,
  roles_changed: (principal, name, { added, removed }) =>
    added.length + removed.length === 0
      ? `Other roles are listed for ${principal} in ${name}, which give no access.`
      : `${principal} has other roles in ${name}.`,
  permissions_changed: (principal, name) => `${principal} has other permissions in ${name}.`,
  policies_changed: (principal, name) => `${principal} has other policies in ${name}.`,
  two_factor_changed: (_principal, name, { after }) =>
    `Two factors are ${after === 'true' ? 'enforced now' : 'no longer enforced'} in ${name}.`,
  api_access_changed: (principal, name, { after }) =>
    `${principal} may ${after === 'true' ? 'now' : 'no longer'} use the API in ${name}.`,
  parent_changed: (_principal, name, { before, after }) => {
    if (after === noParent)
      return `${name} has no parent organization any more; it was ${nameParent(before)}.`;
    const was = before === noParent ? 'there was none before' : `before, it was ${nameParent(before)}`;
    return `The parent organization of ${name} is ${nameParent(after)} now; ${was}.`;
  },
  joined: (principal, name) => `${principal} is now a member of ${name}.`,
  invitation_accepted: (principal, name) =>
    `${principal} accepted the invitation to ${name} and is a member now.`,
  invited: (principal, name) => `${principal} is invited to ${name}.`,
  invitation_changed: (principal, name) => `The invitation of ${principal} to ${name} offers something else.`,
  invitation_gone: (principal, name) => `The invitation of ${principal} to ${name} is gone.`,
  renamed: (_principal, name, { before }) => `${inert(before ?? 'unknown', 60)} is called ${name} now.`,
};

/** A sentence whose last word has a dot of its own, as `Acme Inc.` has, ends with that. */
function endOnce(sentences: string): string {
  return sentences.replaceAll(/\.\.(?= |$)/g, '.');
}

/** An organization as it is called in a sentence: its name, or its id where it has none. */
export function nameOf(
  { organizationName, organizationId }: Pick<Change, 'organizationName' | 'organizationId'>,
  longest = 60,
): string {
  const name = organizationName?.trim() ?? '';
  return inert(name === '' ? organizationId : name, longest);
}

/** `Acme`, or `3 organizations`; `3 orgs` where there is hardly room. */
export function nameOrCount(
  changes: readonly Pick<Change, 'organizationName' | 'organizationId'>[],
  longestName: number,
): string {
  const [one, ...others] = changes;
  if (one !== undefined && others.length === 0) return nameOf(one, longestName);
  return `${changes.length} ${longestName <= shortestName ? 'orgs' : 'organizations'}`;
}

/** `Acme, Beta and 3 more`: each organization once. */
export function nameSome(
  changes: readonly Pick<Change, 'organizationName' | 'organizationId'>[],
  most: number,
): string {
  const names = [...new Map(changes.map((change) => [change.organizationId, nameOf(change)])).values()];
  const told = names.slice(0, most);
  const more = names.length - told.length;
  return new Intl.ListFormat('en').format(more === 0 ? told : [...told, `${more} more`]);
}
