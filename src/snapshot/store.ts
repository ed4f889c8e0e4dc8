import { and, eq } from 'drizzle-orm';
import { type Database, queryRows } from '../database/database.ts';
import { runs } from '../database/schema.ts';
import { RollcallError } from '../domain/errors.ts';
import { type Invitation } from '../domain/invitation.ts';
import { type Membership } from '../domain/membership.ts';
import { type ClaimedRun, type Evidence } from '../domain/run.ts';
import { type Baseline, findBaseline } from './baseline.ts';
import { extendChain, snapshotDigest } from './chain.ts';
import { insertChanges } from './diff.ts';
import { endIntervals, openIntervals } from './intervals.ts';
import { storeInvitations } from './invitations.ts';
import { countByStatus, stageMemberships, type StatusCounts } from './staging.ts';

/** What is kept with a run beside its snapshot. */
export interface RunRecord extends Partial<Evidence> {
  /** In words: why it ended as it did. */
  conclusion: string;
  /** What went wrong, or why it is held. */
  error?: string | null;
  /** `null` where the credentials may not read it. */
  cloudflareUserId: string | null;
}

/** What a run saw, and is believed. */
export interface Observation {
  memberships: readonly Membership[];
  /** `null` where the credentials may not read them, or there was no need to. */
  invitations: readonly Invitation[] | null;
  /** When it was seen. */
  seenAt: Date;
  record: RunRecord;
  /** The baseline that it was compared with while it was read; another one by now makes it void. */
  baselineRunId: number | null;
  /** Whether the run is under way, or was held and is approved. */
  from: 'running' | 'held';
}

/** A snapshot as it was stored. */
export interface StoredSnapshot {
  run: ClaimedRun;
  /** `null` when this is the principal's first. */
  baseline: Baseline | null;
  finishedAt: Date;
  counts: StatusCounts;
  changes: number;
  chain: string;
}

/**
 * Makes what a run saw the principal's newest snapshot: changes against the baseline, intervals ended and opened,
 * the run complete. Call it within a transaction. Throws `busy` when the run is no longer its worker's, and
 * `incomplete` when the baseline moved.
 */
export async function storeSnapshot(
  tx: Database,
  run: ClaimedRun,
  seen: Observation,
): Promise<StoredSnapshot> {
  await keepClaim(tx, run, seen.from);
  const baseline = await findBaseline(tx, run.principal);
  if ((baseline?.runId ?? null) !== seen.baselineRunId) throw baselineMoved(run);
  const finishedAt = latest([
    seen.seenAt,
    run.startedAt,
    baseline === null ? null : justAfter(baseline.finishedAt),
  ]);
  await stageMemberships(tx, run.principalId, seen.memberships);
  if (seen.invitations !== null) await storeInvitations(tx, run, seen.invitations);
  const changes = baseline === null ? 0 : await storeChanges(tx, { run, baseline, finishedAt, seen });
  await endIntervals(tx, run, finishedAt);
  await openIntervals(tx, run, finishedAt);
  const chain = await completeRun(tx, { run, baseline, finishedAt, changes, seen });
  return { run, baseline, finishedAt, counts: await countByStatus(tx), changes, chain };
}

async function keepClaim(tx: Database, run: ClaimedRun, state: Observation['from']): Promise<void> {
  const [ours] = await tx
    .select({ id: runs.id })
    .from(runs)
    .where(and(eq(runs.id, run.id), eq(runs.state, state)))
    .for('update');
  if (ours === undefined) {
    throw new RollcallError(
      'busy',
      `${run.principal}: run ${run.id} was given up for dead and its place taken; what it saw was not stored.`,
    );
  }
}

function baselineMoved(run: ClaimedRun): RollcallError {
  return new RollcallError(
    'incomplete',
    `${run.principal}: the baseline changed while run ${run.id} was under way. Nothing was stored.`,
  );
}

function latest(instants: readonly (Date | null)[]): Date {
  return new Date(Math.max(...instants.map((instant) => instant?.getTime() ?? 0)));
}

/** History runs forward even when a clock was set back. */
function justAfter(instant: Date): Date {
  return new Date(instant.getTime() + 1);
}

interface Differing {
  run: ClaimedRun;
  baseline: Baseline;
  finishedAt: Date;
  seen: Observation;
}

async function storeChanges(tx: Database, { run, baseline, finishedAt, seen }: Differing): Promise<number> {
  const found = { baseline, finishedAt, invitationsWereRead: seen.invitations !== null };
  const [stored] = await queryRows<{ changes: number }>(tx, insertChanges(run, found));
  return stored?.changes ?? 0;
}

interface Completion {
  run: ClaimedRun;
  baseline: Baseline | null;
  finishedAt: Date;
  changes: number;
  seen: Observation;
}

async function completeRun(
  tx: Database,
  { run, baseline, finishedAt, changes, seen }: Completion,
): Promise<string> {
  const link = { previous: baseline?.chain ?? null, runId: run.id, principal: run.principal, finishedAt };
  const [complete] = await tx
    .update(runs)
    .set({
      state: 'complete',
      finishedAt,
      baselineRunId: baseline?.runId ?? null,
      organizations: seen.memberships.length,
      changes,
      ...seen.record,
      digest: snapshotDigest,
      chain: extendChain(link, snapshotDigest),
    })
    .where(eq(runs.id, run.id))
    .returning({ chain: runs.chain });
  if (complete?.chain == null) throw new Error(`Run ${run.id} vanished while it was stored.`);
  return complete.chain;
}
