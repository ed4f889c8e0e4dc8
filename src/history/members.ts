import { and, arrayOverlaps, asc, eq, gt, inArray, isNull, lte, or, sql, type SQL } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { memberships, principals, runs } from '../database/schema.ts';
import { isSuperAdministrator } from '../domain/access.ts';
import { fieldNames, type Membership } from '../domain/membership.ts';
import { namesSuperAdministratorSql } from './super-administrator.ts';

/** Which memberships to list, and as of when. */
export interface MemberFilter {
  /** The memberships known at that instant; the current ones when left out. */
  at?: Date;
  principal?: string;
  /** In any of these. */
  organizationIds?: readonly string[];
  status?: string;
  /** With any of these, be they held or offered; Super Administrator also by a policy. */
  roles?: readonly string[];
  /** How many at most. Default: all. */
  limit?: number;
}

/** Memberships by principal and organization name, each with the instant since which it was as it is. */
export async function listMembers(db: Database, filter: MemberFilter) {
  const { at, principal, organizationIds, status, roles, limit } = filter;
  const question = db
    .select({
      principal: principals.name,
      membership: memberships,
      seenAt: lastSeen(at),
    })
    .from(memberships)
    .innerJoin(principals, eq(principals.id, memberships.principalId))
    .where(
      and(
        at === undefined ? isNull(memberships.endedRunId) : heldAt(at),
        isAudited(at),
        principal === undefined ? undefined : eq(principals.name, principal),
        organizationIds === undefined ? undefined : inArray(memberships.organizationId, [...organizationIds]),
        status === undefined ? undefined : eq(memberships.status, status),
        roles === undefined ? undefined : givesOneOf(roles),
      ),
    )
    .orderBy(asc(principals.name), asc(memberships.organizationName), asc(memberships.organizationId));
  const found = await (limit === undefined ? question : question.limit(limit));
  return found.map(({ principal, membership, seenAt }) => ({
    principal,
    ...membershipOf(membership),
    since: membership.validFrom,
    seenAt,
  }));
}

function givesOneOf(roles: readonly string[]): SQL | undefined {
  const isSuper = roles.some(isSuperAdministrator);
  const { roles: own, policies } = memberships;
  return or(arrayOverlaps(own, [...roles]), isSuper ? namesSuperAdministratorSql(own, policies) : undefined);
}

/** The membership that an interval is of. */
export function membershipOf(interval: typeof memberships.$inferSelect): Membership {
  const fields = fieldNames.map((field) => [field, interval[field]]);
  return { organizationId: interval.organizationId, ...Object.fromEntries(fields) } as Membership;
}

/** The end of the newest complete run, up to that instant. */
function lastSeen(at: Date | undefined) {
  const before = at === undefined ? sql`` : sql`and run.finished_at <= ${at.toISOString()}::timestamptz`;
  return sql`(
    select run.finished_at from rollcall.runs as run
    where run.principal_id = ${memberships.principalId} and run.state = 'complete' ${before}
    order by run.id desc limit 1
  )`.mapWith(runs.finishedAt);
}

/** Whoever nobody looks at any more is not current; it was until it was retired. */
function isAudited(at: Date | undefined): SQL | undefined {
  return at === undefined
    ? isNull(principals.retiredAt)
    : or(isNull(principals.retiredAt), gt(principals.retiredAt, at));
}

/** As the SQL function `memberships_as_of`: from the instant on at which it was first seen, until it no longer was. */
function heldAt(at: Date): SQL | undefined {
  return and(lte(memberships.validFrom, at), or(isNull(memberships.validTo), gt(memberships.validTo, at)));
}
