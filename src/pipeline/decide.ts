import { type Context } from '../context.ts';
import { type Database } from '../database/database.ts';
import { RollcallError } from '../domain/errors.ts';
import { type Baseline, findBaseline } from '../snapshot/baseline.ts';
import { forgetHeldRoll, type HeldRun, rejectHeldRun, takeHeldRun } from '../snapshot/held.ts';
import { summarizeRoll } from '../snapshot/open-roll.ts';
import { findSourceChange } from '../snapshot/source-change.ts';
import { rollWithStaged, stageHeld } from '../snapshot/staging.ts';
import { type Observation, storeStaged } from '../snapshot/store.ts';
import { believe, type Believed } from './conclude.ts';

/** Makes a held run the baseline and its suspects history. Throws `usage` when there is nothing to approve. */
export async function approveRun(
  { db, config, queue, now }: Pick<Context, 'db' | 'config' | 'queue' | 'now'>,
  runId: number,
): Promise<Believed> {
  return db.transaction(async (tx) => {
    const held = await takeHeldRun(tx, runId);
    const { run, row } = held;
    const baseline = await findItsBaseline(tx, held);
    await stageHeld(tx, run.id);
    const seen: Observation = {
      ...(await summarizeRoll(tx, rollWithStaged(run.principal))),
      invitations: null,
      declined: [],
      seenAt: held.finishedAt,
      conclusion: `${row.conclusion ?? ''}; held, then approved by hand`,
      cloudflareUserId: row.cloudflareUserId,
      evidence: {
        requests: row.requests,
        retries: row.retries,
        listings: row.listings,
        pages: row.pages,
        proof: row.proof ?? [],
      },
    };
    const sourceChange = await findSourceChange(tx, { run, baseline, seen: rollWithStaged(run.principal) });
    const snapshot = await storeStaged(tx, run, { seen, baseline, from: 'held' });
    await forgetHeldRoll(tx, held);
    const setting = { config, queue, now: now() };
    return believe(tx, snapshot, { seen, setting, isApproved: true, sourceChange });
  });
}

/** What the held run was compared with, which must be the baseline still. */
async function findItsBaseline(tx: Database, { run, row }: HeldRun): Promise<Baseline> {
  const baseline = await findBaseline(tx, run.principal);
  if (baseline !== null && baseline.runId === row.baselineRunId) return baseline;
  throw new RollcallError('usage', `Run ${run.id} was compared with another baseline than today's.`);
}

/** Drops a held run. Throws `usage` when there is nothing to reject. */
export async function rejectRun({ db }: Pick<Context, 'db'>, runId: number): Promise<HeldRun> {
  return db.transaction(async (tx) => {
    const held = await takeHeldRun(tx, runId);
    await rejectHeldRun(tx, held);
    return held;
  });
}
