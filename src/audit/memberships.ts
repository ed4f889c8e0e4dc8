import { accessLines } from '../domain/access-lines.ts';
import { namesSuperAdministrator } from '../domain/access.ts';
import { type AuditedHistory, type Interval } from '../domain/audit.ts';
import { type Standing } from './data.ts';

/** One membership: its intervals in the order of time. */
export interface MembershipStory {
  principal: string;
  organizationId: string;
  /** The newest. */
  organizationName: string | null;
  intervals: readonly Interval[];
}

/** The intervals of each membership, in the order in which they come. */
export function groupByMembership({ intervals }: Pick<AuditedHistory, 'intervals'>): MembershipStory[] {
  const groups = Map.groupBy(intervals, membershipKey);
  return [...groups.values()].flatMap((own) => {
    const last = own.at(-1);
    return last === undefined ? [] : [{ ...last, intervals: own }];
  });
}

/** Tells memberships apart. */
export function membershipKey(of: { principal: string; organizationId: string }): string {
  return `${of.organizationId} ${of.principal}`;
}

/** How a membership stands in an interval. */
export function standingOf(membership: Pick<Interval, 'status' | 'roles' | 'policies'>): Standing {
  const { status } = membership;
  if (status === 'invited') return 'invited';
  if (status !== 'member') return 'other';
  return namesSuperAdministrator(membership) ? 'super' : 'member';
}

/** The access of a membership, or what an invitation offers, in lines: `unknown` last where the roles are. */
export function toldAccess(membership: Pick<Interval, 'roles' | 'policies'>): string[] {
  const lines = accessLines(membership);
  return membership.roles === null ? [...lines, 'unknown'] : lines;
}

/** A stretch of one standing, whatever else changed in it. */
export interface Tenure {
  /** The interval that it began with, and the one that it ended with. */
  first: Interval;
  last: Interval;
}

/** The stretches of a membership in which it stood so: intervals that follow one another at once are one. */
export function findTenures({ intervals }: MembershipStory, standing: Standing): Tenure[] {
  const tenures: Tenure[] = [];
  for (const interval of intervals) {
    if (standingOf(interval) !== standing) continue;
    const before = tenures.at(-1);
    if (before?.last.to?.getTime() === interval.from.getTime()) before.last = interval;
    else tenures.push({ first: interval, last: interval });
  }
  return tenures;
}

/** The memberships that are held at the end of the period: those of retired principals are not. */
export function currentIntervals({ principals, intervals }: AuditedHistory): Interval[] {
  const retired = new Set(
    principals.filter(({ retiredAt }) => retiredAt !== null).map(({ principal }) => principal),
  );
  return intervals.filter(({ to, principal }) => to === null && !retired.has(principal));
}
