import { and, asc, desc, eq, isNotNull, isNull } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { memberships, principals, runs } from '../database/schema.ts';
import { byOrganizationId, type Membership } from '../domain/membership.ts';

/** The complete run that a snapshot is compared with. */
export interface Baseline {
  runId: number;
  startedAt: Date;
  finishedAt: Date;
  chain: string;
}

/** The principal's newest complete run, or `null`. */
export async function findBaseline(db: Database, principal: string): Promise<Baseline | null> {
  const [newest] = await db
    .select({ runId: runs.id, startedAt: runs.startedAt, finishedAt: runs.finishedAt, chain: runs.chain })
    .from(runs)
    .innerJoin(principals, eq(principals.id, runs.principalId))
    .where(and(eq(principals.name, principal), eq(runs.state, 'complete')))
    .orderBy(desc(runs.id))
    .limit(1);
  if (newest?.finishedAt == null || newest.chain === null) return null;
  return { ...newest, finishedAt: newest.finishedAt, chain: newest.chain };
}

/** What the baseline saw, by organization id: the memberships that are open. */
export async function readBaselineRoll(db: Database, principal: string): Promise<Membership[]> {
  const open = await db
    .select({
      organizationId: memberships.organizationId,
      organizationName: memberships.organizationName,
      status: memberships.status,
      roles: memberships.roles,
      permissions: memberships.permissions,
    })
    .from(memberships)
    .innerJoin(principals, eq(principals.id, memberships.principalId))
    .where(and(eq(principals.name, principal), isNull(memberships.endedRunId)))
    .orderBy(asc(memberships.organizationId));
  // The database may order text by another rule.
  return open.sort(byOrganizationId);
}

/** The Cloudflare user of the newest complete run that could tell; `null` when none could. */
export async function findLastUserId(db: Database, principal: string): Promise<string | null> {
  const [newest] = await db
    .select({ userId: runs.cloudflareUserId })
    .from(runs)
    .innerJoin(principals, eq(principals.id, runs.principalId))
    .where(and(eq(principals.name, principal), eq(runs.state, 'complete'), isNotNull(runs.cloudflareUserId)))
    .orderBy(desc(runs.id))
    .limit(1);
  return newest?.userId ?? null;
}
