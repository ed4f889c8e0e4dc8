import { type Config } from '../config.ts';
import { type Database } from '../database/database.ts';
import { inRolledBackTransaction } from '../database/rollback.ts';
import { oweReport } from '../deliver/owe.ts';
import { type Change } from '../domain/change.ts';
import { planHold } from '../domain/hold.ts';
import { isReminderDue } from '../domain/reminder.ts';
import { type ClaimedRun, type Evidence } from '../domain/run.ts';
import { listChanges } from '../history/changes.ts';
import { findTrouble } from '../history/trouble.ts';
import { type Sighting } from './observe.ts';
import { type Queue } from '../queue/queue.ts';
import {
  type AddressedReport,
  composeFailureReports,
  composeHeldReports,
  composeReports,
} from '../report/addressed.ts';
import { type FailedRun, type ReportedRun } from '../report/told.ts';
import { endRunShort, type ShortEnd } from '../schedule/claim.ts';
import { endHeldRuns, holdRun } from '../snapshot/held.ts';
import { type Observation, type StoredSnapshot, storeSnapshot } from '../snapshot/store.ts';

/** What the conclusions need from around them, and the instant at which they are drawn. */
export interface Setting {
  config: Pick<Config, 'audiences' | 'hold' | 'mailFrom'>;
  queue: Pick<Queue, 'enqueue'>;
  now: Date;
}

export interface Believed {
  outcome: 'complete';
  snapshot: StoredSnapshot;
  changes: readonly Change[];
}
export interface Held {
  outcome: 'held';
  run: ClaimedRun;
  reason: string;
  suspects: readonly Change[];
}

/** Believes what a run saw, or holds it when it lost too much; reports and deliveries owed with it, or not at all. */
export async function conclude(
  tx: Database,
  run: ClaimedRun,
  { sighting, evidence, setting }: { sighting: Sighting; evidence: Evidence; setting: Setting },
): Promise<Believed | Held> {
  const { memberships, invitations, cloudflareUserId, conclusion, baseline } = sighting;
  const observation: Observation = {
    memberships,
    invitations,
    seenAt: setting.now,
    record: { ...evidence, conclusion, cloudflareUserId },
    baselineRunId: baseline?.runId ?? null,
    from: 'running',
  };
  const reason = baseline === null ? null : planHold(baseline.memberships, memberships, setting.config.hold);
  return reason === null
    ? believe(tx, run, { observation, setting })
    : hold(tx, run, { observation, setting, reason });
}

/** Makes what was seen history, and owes the reports about it. */
export async function believe(
  tx: Database,
  run: ClaimedRun,
  { observation, setting }: { observation: Observation; setting: Setting },
): Promise<Believed> {
  const trouble = await findTrouble(tx, run.principalId);
  const snapshot = await storeSnapshot(tx, run, observation);
  const changes = await listChanges(tx, { runId: run.id });
  const releasedRunIds = await endHeldRuns(tx, run, `released by run ${run.id}`);
  const told = {
    ...describeSnapshot(snapshot, observation),
    missedRuns: trouble.missedRuns,
    releasedRunIds,
    recovered: trouble.reportedAt !== null,
  };
  await oweAll(tx, composeReports(told, changes, setting.config.audiences), { run, setting });
  return { outcome: 'complete', snapshot, changes };
}

async function hold(
  tx: Database,
  run: ClaimedRun,
  { observation, setting, reason }: { observation: Observation; setting: Setting; reason: string },
): Promise<Held> {
  const { snapshot, suspects } = await inRolledBackTransaction(tx, async (aside) => {
    const stored = await storeSnapshot(aside, run, observation);
    const found = await listChanges(aside, { runId: run.id });
    return { snapshot: stored, suspects: found.map((change) => ({ ...change, id: null })) };
  });
  const trouble = await findTrouble(tx, run.principalId);
  const { memberships, record } = observation;
  await holdRun(tx, run, { memberships, record: { ...record, error: reason }, now: setting.now });
  const told = {
    ...describeSnapshot(snapshot, observation),
    // The chain has not grown: it still ends where the baseline does.
    chain: snapshot.baseline?.chain ?? '',
    missedRuns: trouble.missedRuns,
    releasedRunIds: [],
    reason,
  };
  await oweAll(tx, composeHeldReports(told, suspects, setting.config.audiences), { run, setting });
  return { outcome: 'held', run, reason, suspects };
}

/**
 * Records that a run ended without a snapshot; the first of a row is reported, then one each day while it lasts. An
 * abandoned one is not: another takes its place.
 */
export async function concludeShort(
  tx: Database,
  run: ClaimedRun,
  { end, setting }: { end: Omit<ShortEnd, 'now'>; setting: Setting },
): Promise<void> {
  const { now, config } = setting;
  const trouble = await findTrouble(tx, run.principalId);
  const isOurs = await endRunShort(tx, run, { ...end, now });
  if (!isOurs || end.abandoned === true || !isReminderDue(trouble.reportedAt, now)) return;
  const { state, error } = end;
  const { lastComplete } = trouble;
  const told: FailedRun = {
    runId: run.id,
    principal: run.principal,
    state,
    error,
    finishedAt: now,
    lastComplete,
  };
  await oweAll(tx, composeFailureReports(told, config.audiences), { run, setting });
}

function describeSnapshot(
  snapshot: StoredSnapshot,
  { record }: Observation,
): Omit<ReportedRun, 'missedRuns' | 'releasedRunIds'> {
  const { run, baseline, finishedAt, counts, chain } = snapshot;
  return {
    runId: run.id,
    principal: run.principal,
    baselineRunId: baseline?.runId ?? null,
    finishedAt,
    window: baseline === null ? null : { notBefore: baseline.startedAt, notAfter: finishedAt },
    ...counts,
    chain,
    conclusion: record.conclusion,
    identityChecked: record.cloudflareUserId !== null,
  };
}

async function oweAll(
  tx: Database,
  reports: readonly AddressedReport[],
  { run, setting }: { run: ClaimedRun; setting: Setting },
): Promise<void> {
  const about = { runId: run.id, principalId: run.principalId, slot: null, createdAt: setting.now };
  const owing = { queue: setting.queue, mailFrom: setting.config.mailFrom };
  for (const report of reports) await oweReport(tx, { ...report, ...about }, owing);
}
