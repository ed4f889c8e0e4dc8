import { visible } from '../../domain/visible.ts';
import { type PrincipalNights } from '../../domain/nights.ts';
import { type Content } from '../content.ts';
import { describeClockAhead } from '../remarks.ts';
import { type Voice } from '../voice.ts';
import { createSieve, type Scope } from '../scope.ts';
import { nameCounts } from '../wording.ts';

/** What a digest tells: the nights of a period, of each principal that its reader may hear of. */
export interface Digest {
  from: Date;
  to: Date;
  principals: readonly PrincipalNights[];
}

/** How many principals are told of one by one. */
const principalsTold = 50;

/** The proof that the quiet nights were quiet and not silent: sent also when nothing happened. */
export function composeDigest({ principals }: Digest, { timezone }: Voice): Omit<Content, 'foot'> {
  const total = addUp(principals);
  const nights = total.complete + total.failed + total.missed;
  const bad = total.failed + total.missed;
  const told = principals.toSorted(byTrouble).slice(0, principalsTold);
  const left = principals.length - told.length;
  const aheadUntil = latestOf(principals.flatMap((nights) => nights.aheadUntil ?? []));
  return {
    subject: `digest: ${total.complete} of ${nights} nights complete, ${nameCounts(total.changes) || 'no changes'}`,
    preheader: '',
    headline: `${total.complete} of ${nights} nights complete, ${nameCounts(total.changes) || 'no changes'}`,
    steps: [],
    notes: [],
    alert:
      bad === 0
        ? null
        : `Of ${nights} nights, ${total.failed} failed and ${total.missed} passed without a run.`,
    paragraphs: [
      ...(aheadUntil === null ? [] : [describeClockAhead(aheadUntil, timezone)]),
      ...told.map((nights) => describeNights(nights, principals.length > 1)),
      ...(left === 0 ? [] : [`And ${left} more principals, none of them worse off.`]),
      ...(principals.length === 0 ? ['No principal that is audited has been heard of yet.'] : []),
    ],
    sections: [],
  };
}

function latestOf(times: readonly Date[]): Date | null {
  return times.length === 0 ? null : new Date(Math.max(...times.map((time) => time.getTime())));
}

/** The same nights, with the changes of that scope alone. */
export function narrowNights(nights: PrincipalNights, scope: Scope): PrincipalNights {
  return { ...nights, changes: nights.changes.filter(createSieve(scope)) };
}

type Counts = Pick<PrincipalNights, 'complete' | 'failed' | 'missed' | 'changes'>;

function addUp(principals: readonly PrincipalNights[]): Counts {
  const add = (key: 'complete' | 'failed' | 'missed') =>
    principals.reduce((sum, nights) => sum + nights[key], 0);
  return {
    complete: add('complete'),
    failed: add('failed'),
    missed: add('missed'),
    changes: principals.flatMap(({ changes }) => changes),
  };
}

/** Those with the most bad nights first, then those with the most changes. */
function byTrouble(left: PrincipalNights, right: PrincipalNights): number {
  return bad(right) - bad(left) || right.changes.length - left.changes.length;
}

function bad({ failed, missed }: PrincipalNights): number {
  return failed + missed;
}

function describeNights(nights: PrincipalNights, withChain: boolean): string {
  const { principal, complete, failed, missed, changes, members, invited, other, chain } = nights;
  const parts = [
    `${complete} nights complete, ${failed} failed, ${missed} missed`,
    nameCounts(changes) || 'no changes',
    `now a member of ${members} and invited to ${invited}${other === 0 ? '' : `, another status in ${other}`}`,
    ...(withChain ? [`chain head ${visible(chain ?? 'none')}`] : []),
  ];
  return `${visible(principal)}: ${parts.join('; ')}.`;
}
