import { and, asc, eq, gt, isNull, lte, or, type SQL } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { memberships, principals } from '../database/schema.ts';

export interface MemberFilter {
  /** The memberships known at that instant; the current ones when left out. */
  at?: Date;
  principal?: string;
  organizationId?: string;
}

/** Memberships by principal and organization name, each with the instant since which it was as it is. */
export async function listMembers(db: Database, { at, principal, organizationId }: MemberFilter) {
  return db
    .select({
      principal: principals.name,
      organizationId: memberships.organizationId,
      organizationName: memberships.organizationName,
      status: memberships.status,
      roles: memberships.roles,
      permissions: memberships.permissions,
      since: memberships.validFrom,
    })
    .from(memberships)
    .innerJoin(principals, eq(principals.id, memberships.principalId))
    .where(
      and(
        at === undefined ? isNull(memberships.endedRunId) : heldAt(at),
        principal === undefined ? undefined : eq(principals.name, principal),
        organizationId === undefined ? undefined : eq(memberships.organizationId, organizationId),
      ),
    )
    .orderBy(asc(principals.name), asc(memberships.organizationName), asc(memberships.organizationId));
}

/** As the SQL function `memberships_as_of`: from the instant on at which it was first seen, until it no longer was. */
function heldAt(at: Date): SQL | undefined {
  return and(lte(memberships.validFrom, at), or(isNull(memberships.validTo), gt(memberships.validTo, at)));
}
