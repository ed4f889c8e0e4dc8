import { and, desc, eq, gt, sql } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { fieldList } from '../database/membership-columns.ts';
import { principals, runs } from '../database/schema.ts';
import { sealRows } from '../database/seals.ts';
import { digestVersion } from '../domain/digest.ts';
import { RollcallError } from '../domain/errors.ts';
import { type ClaimedRun } from '../domain/run.ts';
import { type Baseline } from './baseline.ts';
import { lockPrincipal, notOurs } from './lock.ts';
import { staged } from './staging.ts';
import { type Observation } from './store.ts';
import { forgetHeld, supersedeHeldRuns } from './supersede.ts';

/** A run that waits for somebody to approve or reject it. */
export interface HeldRun {
  run: ClaimedRun;
  finishedAt: Date;
  row: typeof runs.$inferSelect;
}

/** What a run saw, what it was compared with, and why it is held. */
export interface Suspicion {
  seen: Observation;
  baseline: Baseline;
  reason: string;
}

/** What became of holding a run. */
export interface Holding {
  /** The first of the runs in a row that were held for the same suspects: the number that its mail named. */
  firstRunId: number;
}

/**
 * Ends the run as held and keeps what is staged. One that was held before it makes way; where that saw the same, the
 * number of the first still stands for all of them.
 */
export async function holdRun(
  tx: Database,
  run: ClaimedRun,
  { seen, baseline, reason }: Suspicion,
): Promise<Holding> {
  const { counts, digest, conclusion, cloudflareUserId, evidence, seenAt } = seen;
  const held = await tx
    .update(runs)
    .set({
      ...evidence,
      state: 'held',
      error: reason,
      conclusion,
      cloudflareUserId,
      digest,
      digestVersion,
      baselineRunId: baseline.runId,
      organizations: counts.members + counts.invited + counts.other,
      finishedAt: sql`greatest(${seenAt.toISOString()}::timestamptz, ${runs.startedAt})`,
    })
    .where(and(eq(runs.id, run.id), eq(runs.state, 'running')))
    .returning({ id: runs.id });
  if (held.length === 0) throw notOurs(run);
  await sealRows(tx, 'runs', [run.id]);
  await supersedeHeldRuns(tx, run);
  await tx.execute(sql`
    insert into rollcall.held_memberships (run_id, organization_id, ${fieldList()}, is_listed)
    select ${run.id}, organization_id, ${fieldList()}, is_listed from ${staged}`);
  return { firstRunId: await findFirstOfTheSame(tx, run.id) };
}

/** Goes back over the superseded runs that saw the same against the same baseline, and so have the same suspects. */
async function findFirstOfTheSame(tx: Database, runId: number): Promise<number> {
  let [first] = await tx.select().from(runs).where(eq(runs.id, runId));
  for (;;) {
    if (first === undefined) return runId;
    const [earlier] = await tx
      .select()
      .from(runs)
      .where(eq(runs.supersededBy, first.id))
      .orderBy(desc(runs.id));
    if (earlier === undefined || !hasSameSuspects(earlier, first)) return first.id;
    first = earlier;
  }
}

type RunRow = typeof runs.$inferSelect;

function hasSameSuspects(left: RunRow, right: RunRow): boolean {
  return (
    left.digest === right.digest &&
    left.source === right.source &&
    left.digestVersion === right.digestVersion &&
    left.baselineRunId === right.baselineRunId
  );
}

/**
 * The held run of that number, with its principal locked: itself, or the one that is held in its place for the same
 * suspects. Throws `usage` when there is none, or a later run has been believed since.
 */
export async function takeHeldRun(tx: Database, runId: number): Promise<HeldRun> {
  const asked = await readRun(tx, runId);
  await lockPrincipal(tx, asked.row.principalId);
  const { row, principal } = await followToHeld(tx, runId);
  if (row.state !== 'held' || row.finishedAt === null) {
    const state = await describeState(tx, row);
    throw new RollcallError('usage', `Run ${runId} of ${principal} is not held: it is ${state}.`);
  }
  const [later] = await tx
    .select({ id: runs.id })
    .from(runs)
    .where(and(eq(runs.principalId, row.principalId), eq(runs.state, 'complete'), gt(runs.id, row.id)))
    .orderBy(desc(runs.id))
    .limit(1);
  if (later !== undefined) {
    throw new RollcallError('usage', `Run ${later.id} has been believed since run ${row.id}.`);
  }
  const { id, principalId, trigger, source, slot, startedAt, finishedAt } = row;
  return { run: { id, principalId, principal, trigger, source, slot, startedAt }, finishedAt, row };
}

async function readRun(tx: Database, runId: number): Promise<{ row: RunRow; principal: string }> {
  const [found] = await tx
    .select({ row: runs, principal: principals.name })
    .from(runs)
    .innerJoin(principals, eq(principals.id, runs.principalId))
    .where(eq(runs.id, runId));
  if (found === undefined) throw await noSuchRun(tx, runId);
  return found;
}

async function noSuchRun(tx: Database, runId: number): Promise<RollcallError> {
  const held = await tx.select({ id: runs.id }).from(runs).where(eq(runs.state, 'held')).orderBy(runs.id);
  const there = held.length === 0 ? 'no run is held' : `held: ${held.map(({ id }) => id).join(', ')}`;
  return new RollcallError('usage', `There is no run ${runId}; ${there}.`);
}

async function followToHeld(tx: Database, runId: number): Promise<{ row: RunRow; principal: string }> {
  let found = await readRun(tx, runId);
  while (found.row.supersededBy !== null) {
    const later = await readRun(tx, found.row.supersededBy);
    if (!hasSameSuspects(found.row, later.row)) break;
    found = later;
  }
  return found;
}

async function describeState(tx: Database, { state, supersededBy }: RunRow): Promise<string> {
  if (supersededBy === null) return state;
  const { row } = await readRun(tx, supersededBy);
  return row.state === 'complete'
    ? `superseded by run ${supersededBy}, which is complete`
    : `superseded by run ${supersededBy}, which was held for other suspects: see its report`;
}

/** Drops what a held run saw: it never becomes history. */
export async function rejectHeldRun(tx: Database, { run }: HeldRun): Promise<void> {
  await tx.update(runs).set({ state: 'rejected', conclusion: 'rejected by hand' }).where(eq(runs.id, run.id));
  await sealRows(tx, 'runs', [run.id]);
  await forgetHeld(tx, [run.id]);
}

/** Forgets what a run saw that has become history. */
export async function forgetHeldRoll(tx: Database, { run }: HeldRun): Promise<void> {
  await forgetHeld(tx, [run.id]);
}
