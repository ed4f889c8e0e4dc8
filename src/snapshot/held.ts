import { and, desc, eq, gt, inArray, lt, sql } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { heldListings, principals, runs } from '../database/schema.ts';
import { RollcallError } from '../domain/errors.ts';
import { type Membership } from '../domain/membership.ts';
import { type ClaimedRun } from '../domain/run.ts';
import { type RunRecord } from './store.ts';

/** A run that waits for somebody to approve or reject it. */
export interface HeldRun {
  run: ClaimedRun;
  finishedAt: Date;
  /** In words: what its listing rests on. */
  conclusion: string;
  /** `null` where the credentials might not read it. */
  cloudflareUserId: string | null;
  memberships: readonly Membership[];
}

export interface Suspicion {
  memberships: readonly Membership[];
  record: RunRecord;
  now: Date;
}

/** Ends the run as held and keeps what it saw. One that was held before it makes way. */
export async function holdRun(
  tx: Database,
  run: ClaimedRun,
  { memberships, record, now }: Suspicion,
): Promise<void> {
  const held = await tx
    .update(runs)
    .set({
      ...record,
      state: 'held',
      organizations: memberships.length,
      finishedAt: sql`greatest(${now.toISOString()}::timestamptz, ${runs.startedAt})`,
    })
    .where(and(eq(runs.id, run.id), eq(runs.state, 'running')))
    .returning({ id: runs.id });
  if (held.length === 0)
    throw new RollcallError(
      'busy',
      `${run.principal}: run ${run.id} was given up for dead and its place taken.`,
    );
  await endHeldRuns(tx, run, `superseded by run ${run.id}, which was held too`);
  await tx.insert(heldListings).values({ runId: run.id, memberships });
}

/** Ends every held run of the principal that a later one made pointless, and returns their ids. */
export async function endHeldRuns(tx: Database, later: ClaimedRun, conclusion: string): Promise<number[]> {
  const ended = await tx
    .update(runs)
    .set({ state: 'rejected', conclusion })
    .where(and(eq(runs.principalId, later.principalId), eq(runs.state, 'held'), lt(runs.id, later.id)))
    .returning({ id: runs.id });
  const ids = ended.map(({ id }) => id);
  if (ids.length > 0) await tx.delete(heldListings).where(inArray(heldListings.runId, ids));
  return ids;
}

/** The held run of that id, locked. Throws `usage` when it is none, or a later run has been believed since. */
export async function takeHeldRun(tx: Database, runId: number): Promise<HeldRun> {
  await tx.select({ id: runs.id }).from(runs).where(eq(runs.id, runId)).for('update');
  const [found] = await tx
    .select({ run: runs, principal: principals.name })
    .from(runs)
    .innerJoin(principals, eq(principals.id, runs.principalId))
    .where(eq(runs.id, runId));
  if (found === undefined) throw new RollcallError('usage', `There is no run ${runId}.`);
  const { run, principal } = found;
  const [kept] = await tx.select().from(heldListings).where(eq(heldListings.runId, runId));
  if (run.state !== 'held' || run.finishedAt === null || kept === undefined) {
    const why = run.state === 'rejected' && run.conclusion !== null ? ` (${run.conclusion})` : '';
    throw new RollcallError('usage', `Run ${runId} of ${principal} is not held: it is ${run.state}${why}.`);
  }
  const [later] = await tx
    .select({ id: runs.id })
    .from(runs)
    .where(and(eq(runs.principalId, run.principalId), eq(runs.state, 'complete'), gt(runs.id, runId)))
    .orderBy(desc(runs.id))
    .limit(1);
  if (later !== undefined)
    throw new RollcallError('usage', `Run ${later.id} has been believed since run ${runId}.`);
  const claimed = { id: run.id, principalId: run.principalId, principal, startedAt: run.startedAt };
  return {
    run: claimed,
    finishedAt: run.finishedAt,
    conclusion: run.conclusion ?? '',
    cloudflareUserId: run.cloudflareUserId,
    memberships: kept.memberships,
  };
}

/** Drops what a held run saw: it never becomes history. */
export async function rejectHeldRun(tx: Database, { run }: HeldRun): Promise<void> {
  await tx.update(runs).set({ state: 'rejected', conclusion: 'rejected by hand' }).where(eq(runs.id, run.id));
  await tx.delete(heldListings).where(eq(heldListings.runId, run.id));
}

/** Forgets the listing of a run that has become history. */
export async function dropHeldListing(tx: Database, { run }: HeldRun): Promise<void> {
  await tx.delete(heldListings).where(eq(heldListings.runId, run.id));
}
