import { and, desc, eq, isNotNull, ne } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { principals, runs } from '../database/schema.ts';
import { type OtherHistory } from '../domain/identity.ts';
import { type RunSource } from '../domain/run.ts';

/** The complete run that a snapshot is compared with. */
export interface Baseline {
  runId: number;
  /** Which endpoint its listing was read from. */
  source: RunSource;
  startedAt: Date;
  finishedAt: Date;
  /** How many memberships it saw. */
  organizations: number;
  digest: string;
  digestVersion: number;
  chain: string;
  /** `null` where its credentials might not read it. */
  cloudflareUserId: string | null;
}

/** The principal's newest complete run, or `null`. */
export async function findBaseline(db: Database, principal: string): Promise<Baseline | null> {
  const [newest] = await db
    .select({ run: runs })
    .from(runs)
    .innerJoin(principals, eq(principals.id, runs.principalId))
    .where(and(eq(principals.name, principal), eq(runs.state, 'complete')))
    .orderBy(desc(runs.id))
    .limit(1);
  if (newest === undefined) return null;
  const { id, source, startedAt, finishedAt, organizations, digest, digestVersion, chain, cloudflareUserId } =
    newest.run;
  const isWhole =
    finishedAt !== null &&
    organizations !== null &&
    digest !== null &&
    digestVersion !== null &&
    chain !== null;
  if (!isWhole) throw new Error(`The complete run ${id} is not whole.`);
  return {
    runId: id,
    source,
    startedAt,
    finishedAt,
    organizations,
    digest,
    digestVersion,
    chain,
    cloudflareUserId,
  };
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

/**
 * The history of a Cloudflare user under another name than this principal's; `null` where there is none. Of several,
 * the one that is still audited, or was until lately.
 */
export async function findOtherHistory(
  db: Database,
  principal: string,
  userId: string,
): Promise<OtherHistory | null> {
  const [other] = await db
    .select({ principal: principals.name, retiredAt: principals.retiredAt })
    .from(principals)
    .where(and(eq(principals.cloudflareUserId, userId), ne(principals.name, principal)))
    // Nulls come first.
    .orderBy(desc(principals.retiredAt), desc(principals.id))
    .limit(1);
  return other ?? null;
}
