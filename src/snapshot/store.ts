import { and, eq } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { chunksOf, relationOf } from '../database/membership-columns.ts';
import { principals, runs } from '../database/schema.ts';
import { chainOf, digestChanges } from '../domain/chain.ts';
import { type Change } from '../domain/change.ts';
import { comparedFields } from '../domain/compared-fields.ts';
import { digestVersion } from '../domain/digest.ts';
import { type DeclinedInvitation, type Invitation } from '../domain/invitation.ts';
import { type StatusCounts } from '../domain/membership.ts';
import { type ClaimedRun, type Evidence } from '../domain/run.ts';
import { type Baseline } from './baseline.ts';
import { findChanges, storeChanges } from './changes.ts';
import { type Finding } from './circumstances.ts';
import { type Delta } from './delta.ts';
import { endIntervals, openFirstIntervals, openIntervals } from './intervals.ts';
import { storeInvitations } from './invitations.ts';
import { linkRecords } from './link-records.ts';
import { notOurs } from './lock.ts';
import { markDeclined, rollBesideStaged, stageDelta, stagedRoll } from './staging.ts';
import { supersedeHeldRuns } from './supersede.ts';

/** What a run saw: a roll proven complete, and what it rests on. */
export interface Observation {
  /** Of the roll, by the recipe of now. */
  digest: string;
  counts: StatusCounts;
  /** `null` where the credentials may not read them, or there was no need to. */
  invitations: readonly Invitation[] | null;
  /** Invitations that the listing had as declined. */
  declined: readonly DeclinedInvitation[];
  /** When it was seen. */
  seenAt: Date;
  /** In words: what agreed with what. */
  conclusion: string;
  /** `null` where the credentials may not read it. */
  cloudflareUserId: string | null;
  evidence: Evidence;
}

/** A snapshot as it was stored. */
export interface StoredSnapshot {
  run: ClaimedRun;
  /** `null` when this is the principal's first. */
  baseline: Baseline | null;
  finishedAt: Date;
  counts: StatusCounts;
  changes: readonly Change[];
  chain: string;
  /** The held runs in whose place it stands now. */
  releasedRunIds: readonly number[];
}

/** What is to be stored: a run's observation against a baseline, and the state that the run is in. */
export interface Storing {
  seen: Observation;
  /** `null` at the principal's first. */
  baseline: Baseline | null;
  from: 'running' | 'held';
}

/** The first snapshot of a principal: every membership opens an interval, and nothing has changed. */
export async function storeFirst(
  tx: Database,
  run: ClaimedRun,
  { memberships, ...storing }: Omit<Storing, 'baseline'> & { memberships: Delta['seen'] },
): Promise<StoredSnapshot> {
  const { seen } = storing;
  const finishedAt = endOf(run, seen, null);
  if (seen.invitations !== null) await storeInvitations(tx, run, seen.invitations);
  for (const chunk of chunksOf(memberships)) {
    await openFirstIntervals(tx, run, { relation: relationOf(chunk), finishedAt });
  }
  return completeRun(tx, run, { ...storing, baseline: null, finishedAt, changes: [] });
}

/** A snapshot that says the same as its baseline: the run is complete, and nothing else is touched. */
export async function storeQuiet(
  tx: Database,
  run: ClaimedRun,
  storing: Storing & { baseline: Baseline },
): Promise<StoredSnapshot> {
  const finishedAt = endOf(run, storing.seen, storing.baseline);
  return completeRun(tx, run, { ...storing, finishedAt, changes: [] });
}

/** A snapshot that differs from its baseline by what is staged: changes stored, intervals ended and opened. */
export async function storeStaged(
  tx: Database,
  run: ClaimedRun,
  storing: Storing & { baseline: Baseline },
): Promise<StoredSnapshot> {
  const { seen, baseline } = storing;
  const finishedAt = endOf(run, seen, baseline);
  const found = await askWhatChanged(tx, run, { seen, baseline, finishedAt });
  const changes = await storeChanges(tx, found, run);
  await endIntervals(tx, run, finishedAt);
  await openIntervals(tx, run, finishedAt);
  return completeRun(tx, run, { ...storing, finishedAt, changes });
}

/** What the staged memberships would change, for {@link storeStaged} and for the suspects of a held run. */
export async function findStagedChanges(
  tx: Database,
  run: ClaimedRun,
  { seen, baseline }: { seen: Observation; baseline: Baseline },
): Promise<Change[]> {
  return askWhatChanged(tx, run, { seen, baseline, finishedAt: endOf(run, seen, baseline) });
}

/** Puts what differs beside the history, with which of it was declined, and keeps the invitations that were read with it. */
export async function stage(
  tx: Database,
  run: ClaimedRun,
  { delta, seen }: { delta: Delta; seen: Observation },
): Promise<void> {
  await stageDelta(tx, delta);
  if (seen.invitations !== null) await storeInvitations(tx, run, seen.invitations);
  await markDeclined(tx, run, seen.declined);
}

async function askWhatChanged(
  tx: Database,
  run: ClaimedRun,
  { seen, baseline, finishedAt }: { seen: Observation; baseline: Baseline; finishedAt: Date },
): Promise<Change[]> {
  const finding: Finding = {
    runId: run.id,
    principalId: run.principalId,
    principal: run.principal,
    baselineRunId: baseline.runId,
    since: baseline.startedAt,
    seenAt: finishedAt,
    invitationsWereRead: seen.invitations !== null,
    fields: comparedFields(baseline.source, run.source),
  };
  return findChanges(tx, { baseline: rollBesideStaged(run.principal), seen: stagedRoll }, finding);
}

/** History runs forward even when a clock was set back. */
function endOf(run: ClaimedRun, { seenAt }: Observation, baseline: Baseline | null): Date {
  const justAfterBaseline = baseline === null ? 0 : baseline.finishedAt.getTime() + 1;
  return new Date(Math.max(seenAt.getTime(), run.startedAt.getTime(), justAfterBaseline));
}

interface Completion extends Storing {
  finishedAt: Date;
  changes: readonly Change[];
}

async function completeRun(
  tx: Database,
  run: ClaimedRun,
  { seen, baseline, from, finishedAt, changes }: Completion,
): Promise<StoredSnapshot> {
  const { counts, digest, conclusion, cloudflareUserId, evidence } = seen;
  // Before the link, which covers them as they are from now on.
  const releasedRunIds = await supersedeHeldRuns(tx, run);
  const said = {
    digestVersion,
    cloudflareUserId,
    finishedAt,
    baselineRunId: baseline?.runId ?? null,
    organizations: counts.members + counts.invited + counts.other,
    members: counts.members,
    invited: counts.invited,
    changes: changes.length,
    ...evidence,
    conclusion,
    digest,
    changesDigest: digestChanges(changes),
    recordsDigest: await linkRecords(tx, run),
  };
  const { id: runId, principalId, trigger, source, slot, startedAt } = run;
  const previous = baseline?.chain ?? null;
  const chain = chainOf({ ...said, runId, principalId, trigger, source, slot, startedAt, previous });
  const completed = await tx
    .update(runs)
    .set({ ...said, state: 'complete', error: null, seal: null, chain })
    .where(and(eq(runs.id, run.id), eq(runs.state, from)))
    .returning({ id: runs.id });
  if (completed.length === 0) throw notOurs(run);
  if (cloudflareUserId !== null && baseline?.cloudflareUserId !== cloudflareUserId) {
    await tx.update(principals).set({ cloudflareUserId }).where(eq(principals.id, principalId));
  }
  return { run, baseline, finishedAt, counts, changes, chain, releasedRunIds };
}
