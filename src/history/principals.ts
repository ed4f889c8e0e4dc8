import { asc, eq, isNotNull, sql } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { principals, runs } from '../database/schema.ts';

/** A principal that there is history of, or a first run was tried for. */
export interface PrincipalStanding {
  principal: string;
  cloudflareUserId: string | null;
  retiredAt: Date | null;
  /** The newest complete run; `null` when there has been none. */
  lastComplete: { runId: number; finishedAt: Date } | null;
  /** Memberships as they were last seen, by status; `other` is any status that this version does not know, or none. */
  members: number;
  invited: number;
  other: number;
}

/** Every principal by name, the retired ones too. */
export async function listPrincipals(db: Database): Promise<PrincipalStanding[]> {
  const found = await db
    .select({ principal: principals, runId: runs.id, finishedAt: runs.finishedAt, ...countOpen() })
    .from(principals)
    .leftJoin(
      runs,
      eq(
        runs.id,
        sql`(select max(complete.id) from rollcall.runs as complete where complete.principal_id = ${principals.id} and complete.state = 'complete')`,
      ),
    )
    .orderBy(asc(principals.name));
  return found.map(({ principal: { name, cloudflareUserId, retiredAt }, runId, finishedAt, ...counts }) => ({
    principal: name,
    cloudflareUserId,
    retiredAt,
    lastComplete: runId === null || finishedAt === null ? null : { runId, finishedAt },
    ...counts,
  }));
}

/** How many open memberships there are with each status. */
function countOpen() {
  const count = (statuses: string) => sql<number>`(
    select count(*)::int from rollcall.memberships as membership
    where membership.principal_id = ${principals.id} and membership.ended_run_id is null and ${sql.raw(statuses)}
  )`;
  return {
    members: count(`membership.status = 'member'`),
    invited: count(`membership.status = 'invited'`),
    other: count(`coalesce(membership.status, '') not in ('member', 'invited')`),
  };
}

/** The names of those that nobody looks at any more. */
export async function listRetired(db: Database): Promise<string[]> {
  const found = await db
    .select({ name: principals.name })
    .from(principals)
    .where(isNotNull(principals.retiredAt));
  return found.map(({ name }) => name);
}
