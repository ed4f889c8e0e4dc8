import { type Database } from '../database/database.ts';
import { type Change } from '../domain/change.ts';
import { liesAhead } from '../domain/clock-ahead.ts';
import { mayHaveOtherIds, planHold } from '../domain/hold.ts';
import { countByStatus, type Membership } from '../domain/membership.ts';
import { isReminderDue } from '../domain/reminder.ts';
import { type ClaimedRun, type Evidence } from '../domain/run.ts';
import { findTrouble } from '../history/trouble.ts';
import { topicsOf } from '../report/audience.ts';
import { composeFailureReports, composeHeldReports, composeReports } from '../report/addressed.ts';
import { type FailedRun, type HeldRunTold, type ReportedRun, type SourceChangeTold } from '../report/told.ts';
import { endRunShort, type ShortEnd } from '../schedule/claim.ts';
import { type Baseline, findBaseline } from '../snapshot/baseline.ts';
import { readDelta } from '../snapshot/delta.ts';
import { holdRun } from '../snapshot/held.ts';
import { lockPrincipal } from '../snapshot/lock.ts';
import { openRoll } from '../snapshot/open-roll.ts';
import { findSourceChange } from '../snapshot/source-change.ts';
import { rollWithStaged } from '../snapshot/staging.ts';
import {
  findStagedChanges,
  type Observation,
  stage,
  storeFirst,
  type StoredSnapshot,
  storeQuiet,
  storeStaged,
} from '../snapshot/store.ts';
import { readLastNights } from './last-nights.ts';
import { keepUser, type Sighting } from './observe.ts';
import { oweAll, type Setting, tellingOf } from './owe.ts';

/** What a run saw has become history. */
export interface Believed {
  outcome: 'complete';
  snapshot: StoredSnapshot;
}

/** What a run saw waits for somebody to decide. */
export interface Held {
  outcome: 'held';
  run: ClaimedRun;
  reason: string;
  suspects: readonly Change[];
}

/** The principal's baseline is another one by now than what was seen was compared with: it has to be looked again. */
export interface Moved {
  outcome: 'moved';
}

/** What a run found, and what it took. */
export interface Findings {
  sighting: Sighting;
  evidence: Evidence;
  setting: Setting;
}

/** Believes what a run saw, or holds it when it lost too much; reports and deliveries owed with it, or not at all. */
export async function conclude(
  tx: Database,
  run: ClaimedRun,
  { sighting, evidence, setting }: Findings,
): Promise<Believed | Held | Moved> {
  await lockPrincipal(tx, run.principalId);
  const baseline = await findBaseline(tx, run.principal);
  if ((baseline?.runId ?? null) !== sighting.baselineRunId) return { outcome: 'moved' };
  const { memberships, ...seenBy } = sighting;
  const seen = { ...seenBy, counts: countByStatus(memberships), seenAt: setting.now, evidence };
  const storing = { seen, from: 'running' as const };
  if (baseline === null) {
    await keepUser(tx, run.principal, sighting.cloudflareUserId);
    return believe(tx, await storeFirst(tx, run, { ...storing, memberships }), {
      seen,
      setting,
      roll: memberships,
    });
  }
  if (sighting.isQuiet) {
    const sourceChange = await findSourceChange(tx, { run, baseline, seen: openRoll(run.principal) });
    return believe(tx, await storeQuiet(tx, run, { ...storing, baseline }), { seen, setting, sourceChange });
  }
  const delta = await readDelta(tx, run, memberships);
  await stage(tx, run, { delta, seen });
  const sourceChange = await findSourceChange(tx, { run, baseline, seen: rollWithStaged(run.principal) });
  const loss = {
    baseline: baseline.organizations,
    listed: memberships.length,
    gone: delta.gone.length,
    isOtherSource: baseline.source !== run.source,
  };
  const reason = planHold(loss, setting.config.hold);
  if (reason !== null) {
    const told = { reason, sourceChange, mayHaveOtherIds: mayHaveOtherIds(loss) };
    return hold(tx, run, { seen, baseline, told, setting });
  }
  return believe(tx, await storeStaged(tx, run, { ...storing, baseline }), { seen, setting, sourceChange });
}

/** What a snapshot is believed by. */
interface Belief {
  seen: Observation;
  setting: Setting;
  /** Whether it was held, and somebody approved it. Default: no. */
  isApproved?: boolean;
  /** That it was read from another source than its baseline. Default: it was not. */
  sourceChange?: SourceChangeTold | null;
  /** All that a first run saw. */
  roll?: readonly Membership[];
}

/** Owes the reports about a snapshot that has become history, and ends the holds that it made pointless. */
export async function believe(
  tx: Database,
  snapshot: StoredSnapshot,
  { seen, setting, isApproved = false, sourceChange = null, roll }: Belief,
): Promise<Believed> {
  const { run, changes } = snapshot;
  const trouble = await findTrouble(tx, run.principalId, run.id);
  // A quiet night has nobody to tell, and costs nothing more, unless somebody asks for it.
  const isAskedFor = setting.config.audiences.some((audience) => topicsOf(audience).includes('quiet'));
  const isSilent =
    changes.length === 0 && sourceChange === null && trouble.reportedAt === null && !isAskedFor;
  const told = {
    ...describeSnapshot(snapshot, seen),
    missedRuns: trouble.missedRuns,
    releasedRunIds: snapshot.releasedRunIds,
    sourceChange,
    recovered: trouble.reportedAt !== null,
    isApproved,
    ...(isSilent ? {} : { nights: await readLastNights(tx, run.principal, setting) }),
  };
  const about = { runId: run.id, principalId: run.principalId };
  await oweAll(tx, composeReports(told, { changes, ...(roll && { roll }) }, tellingOf(setting.config)), {
    about,
    setting,
  });
  return { outcome: 'complete', snapshot };
}

async function hold(
  tx: Database,
  run: ClaimedRun,
  {
    setting,
    told: ground,
    ...found
  }: {
    seen: Observation;
    baseline: Baseline;
    told: Pick<HeldRunTold, 'reason' | 'sourceChange' | 'mayHaveOtherIds'>;
    setting: Setting;
  },
): Promise<Held> {
  const { seen, baseline } = found;
  const { reason } = ground;
  const suspicion = { ...found, reason };
  const suspects = await findStagedChanges(tx, run, suspicion);
  const trouble = await findTrouble(tx, run.principalId);
  const { firstRunId } = await holdRun(tx, run, suspicion);
  const isSaid = firstRunId !== run.id && !isReminderDue(trouble.reportedAt, setting.now);
  if (!isSaid) {
    const finishedAt = setting.now;
    const { counts } = seen;
    // The chain has not grown: it still ends where the baseline does.
    const { chain } = baseline;
    const told = {
      ...describeSnapshot({ run, baseline, finishedAt, counts, changes: suspects, chain }, seen),
      missedRuns: trouble.missedRuns,
      releasedRunIds: [],
      ...ground,
      firstRunId,
      nights: await readLastNights(tx, run.principal, setting),
    };
    const about = { runId: run.id, principalId: run.principalId };
    await oweAll(tx, composeHeldReports(told, suspects, tellingOf(setting.config)), { about, setting });
  }
  return { outcome: 'held', run, reason, suspects };
}

/**
 * Records that a run ended without a snapshot; the first of a row is reported, then one each day while it lasts. An
 * abandoned one is not: another takes its place.
 */
export async function concludeShort(
  tx: Database,
  run: ClaimedRun,
  { end, setting }: { end: Omit<ShortEnd, 'now'> & Pick<FailedRun, 'code'>; setting: Setting },
): Promise<void> {
  const { now, config } = setting;
  const trouble = await findTrouble(tx, run.principalId);
  const isOurs = await endRunShort(tx, run, { ...end, now });
  if (!isOurs || end.abandoned === true || !isReminderDue(trouble.reportedAt, now)) return;
  const { state, error, code, evidence } = end;
  const { lastComplete } = trouble;
  const told: FailedRun = {
    runId: run.id,
    principal: run.principal,
    source: run.source,
    state,
    error,
    code,
    requests: evidence.requests,
    finishedAt: now,
    lastComplete,
    nights: await readLastNights(tx, run.principal, setting),
  };
  const about = { runId: run.id, principalId: run.principalId };
  await oweAll(tx, composeFailureReports(told, tellingOf(config)), { about, setting });
}

function describeSnapshot(
  { run, baseline, finishedAt, counts, chain }: Omit<StoredSnapshot, 'releasedRunIds'>,
  { conclusion, cloudflareUserId }: Observation,
): Omit<ReportedRun, 'missedRuns' | 'releasedRunIds' | 'sourceChange'> {
  return {
    runId: run.id,
    principal: run.principal,
    baselineRunId: baseline?.runId ?? null,
    finishedAt,
    window: baseline === null ? null : { notBefore: baseline.startedAt, notAfter: finishedAt },
    aheadUntil:
      baseline !== null && liesAhead(baseline.finishedAt, run.startedAt) ? baseline.finishedAt : null,
    ...counts,
    chain,
    conclusion,
    identityChecked: cloudflareUserId !== null,
  };
}
