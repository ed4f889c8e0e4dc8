import { visible } from '../../domain/visible.ts';
import { type CountedChange, type InnerMatters, type PrincipalNights } from '../../domain/nights.ts';
import { type Content } from '../content.ts';
import { longestSubject, subjectMark } from '../subject.ts';
import { nameDay, nameDayShort } from '../time.ts';
import { type OverviewRow } from '../overview.ts';
import { createSieve, isWhole, type Scope } from '../scope.ts';
import { type Voice } from '../voice.ts';
import { nameCounts } from '../wording.ts';
import {
  daysBetween,
  describeCount,
  listInnerMatters,
  listMatters,
  type Matter,
  matterKinds,
  type Occasion,
} from './digest-matters.ts';

/** What a digest tells: the nights of a period, of each principal that its reader may hear of. */
export interface Digest {
  from: Date;
  to: Date;
  principals: readonly PrincipalNights[];
  /** `null` for a reader who does not hear of everything. */
  inner: InnerMatters | null;
}

/** How many principals, and how many matters, are told of one by one. */
const principalsTold = 50;
const mattersTold = 20;

/** Characters of a subject, with `[rollcall] ` before the headline. */
const longestHere = longestSubject - subjectMark.length;

/** The proof that the quiet nights were quiet and not silent: sent also when nothing happened. */
export function composeDigest(
  { principals, inner, from, to }: Digest,
  { timezone }: Voice,
): Omit<Content, 'foot'> {
  const occasion = { from, to, timezone };
  const ofEach = principals
    .map((nights) => ({ nights, matters: listMatters(nights, occasion) }))
    .toSorted((left, right) => compareTrouble(left, right));
  const matters = [
    ...ofEach.flatMap((one) => one.matters),
    ...(inner === null ? [] : listInnerMatters(inner, occasion)),
  ].toSorted((left, right) => gravityOf(left) - gravityOf(right));
  const rows = ofEach.slice(0, principalsTold).map(({ nights }) => rowOf(nights, occasion));
  const subject = planDigestSubject(matters);
  const period = describePeriod(principals, occasion);
  return {
    subject,
    preheader: period,
    headline: `${subject.replace('digest: ', '').replace(/^./u, (letter) => letter.toUpperCase())}.`,
    alert: null,
    steps: [],
    paragraphs: [period],
    notes: [],
    sections: [],
    overview: {
      rows,
      more: principals.length - rows.length,
      attention: matters.slice(0, mattersTold),
      moreAttention: Math.max(0, matters.length - mattersTold),
      timezone,
    },
  };
}

/** `digest: 1 run held, 2 nights failed`: the gravest first, as much as the subject has room for. */
export function planDigestSubject(matters: readonly Pick<Matter, 'kind' | 'count'>[]): string {
  const parts = matterKinds.flatMap((kind) => {
    const count = matters.reduce((sum, matter) => sum + (matter.kind === kind ? matter.count : 0), 0);
    return count === 0 ? [] : [describeCount(kind, count)];
  });
  const write = (told: number) =>
    `digest: ${[...parts.slice(0, told), ...(told < parts.length ? ['and more'] : [])].join(', ') || 'nothing needs you'}`;
  const fitting = parts
    .map((_, index) => parts.length - index)
    .find((told) => write(told).length <= longestHere);
  return write(fitting ?? 0);
}

interface Standing {
  nights: PrincipalNights;
  matters: readonly Matter[];
}

function gravityOf({ kind }: Matter): number {
  return matterKinds.indexOf(kind);
}

/** Those with the gravest matter first, then those with the most bad nights, then those with the most changes. */
function compareTrouble(left: Standing, right: Standing): number {
  const gravity = ({ matters }: Standing) => Math.min(matterKinds.length, ...matters.map(gravityOf));
  const bad = ({ nights: { failed, missed, held } }: Standing) => failed + missed + held;
  return (
    gravity(left) - gravity(right) ||
    bad(right) - bad(left) ||
    countOf(right.nights.changes) - countOf(left.nights.changes)
  );
}

function countOf(changes: readonly CountedChange[]): number {
  return changes.reduce((sum, { count }) => sum + count, 0);
}

function describePeriod(principals: readonly PrincipalNights[], { from, to, timezone }: Occasion): string {
  const add = (key: 'complete' | 'held' | 'failed' | 'missed') =>
    principals.reduce((sum, nights) => sum + nights[key], 0);
  const [complete, held, failed, missed] = [add('complete'), add('held'), add('failed'), add('missed')];
  const bad = [
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(missed === 0 ? [] : [`${missed} passed without a run`]),
    ...(held === 0 ? [] : [`${held} held`]),
  ];
  const nights = `${complete} of ${complete + held + failed + missed} nights complete`;
  const changes = nameCounts(principals.flatMap((one) => one.changes)) || 'no changes';
  return `${nameDay(from, timezone)} to ${nameDay(to, timezone)}: ${[nights, ...bad].join(', ')}; ${changes}.`;
}

function rowOf(nights: PrincipalNights, { to, timezone }: Occasion): OverviewRow {
  const { principal, members, invited, superAdministrators, oldestInvitation, lastComplete } = nights;
  const write = (count: number | null) => (count === null ? '—' : String(count));
  const newest = nights.nights.findLast(({ state }) => state !== null)?.state ?? null;
  return {
    principal: visible(principal),
    nights: nights.nights,
    members: write(members),
    invited: write(invited),
    superAdministrators: write(superAdministrators),
    oldestInvitation:
      oldestInvitation === null ? (invited === null ? '—' : '–') : `${daysBetween(oldestInvitation, to)} d`,
    lastComplete: lastComplete === null ? 'never' : nameDayShort(lastComplete, to, timezone),
    isLate: newest !== null && newest !== 'quiet' && newest !== 'changes',
  };
}

/**
 * The same nights for a reader of that scope: what does not pass shows neither in counts nor in nights, and what is a matter of
 * those who look after rollcall, or tells where the principal stands, is left out.
 */
export function narrowNights(nights: PrincipalNights, scope: Scope): PrincipalNights {
  if (isWhole(scope)) return nights;
  const hears = createSieve(scope);
  const nightChanges = nights.nightChanges.filter(hears);
  const changed = new Set(nightChanges.map(({ due }) => due.getTime()));
  return {
    ...nights,
    changes: nights.changes.filter(hears),
    nightChanges,
    nights: nights.nights.map((night) => ({
      ...night,
      state: night.state === 'changes' && !changed.has(night.due.getTime()) ? 'quiet' : night.state,
      roll: null,
    })),
    members: null,
    other: null,
    superAdministrators: null,
    invited: null,
    oldestInvitation: null,
    oldInvitations: 0,
    heldRun: null,
    isMismatched: false,
    aheadUntil: null,
  };
}
