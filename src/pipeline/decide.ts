import { believe, type Believed } from './conclude.ts';
import { type Context } from '../context.ts';
import { findBaseline } from '../snapshot/baseline.ts';
import { dropHeldListing, type HeldRun, rejectHeldRun, takeHeldRun } from '../snapshot/held.ts';

/** Makes a held run the baseline and its suspects history. Throws `usage` when there is nothing to approve. */
export async function approveRun({ db, config, queue, now }: Context, runId: number): Promise<Believed> {
  return db.transaction(async (tx) => {
    const held = await takeHeldRun(tx, runId);
    const baseline = await findBaseline(tx, held.run.principal);
    const observation = {
      memberships: held.memberships,
      invitations: null,
      seenAt: held.finishedAt,
      record: {
        conclusion: `${held.conclusion}; held, then approved by hand`,
        error: null,
        cloudflareUserId: held.cloudflareUserId,
      },
      baselineRunId: baseline?.runId ?? null,
      from: 'held' as const,
    };
    const believed = await believe(tx, held.run, { observation, setting: { config, queue, now: now() } });
    await dropHeldListing(tx, held);
    return believed;
  });
}

/** Drops a held run. Throws `usage` when there is nothing to reject. */
export async function rejectRun({ db }: Context, runId: number): Promise<HeldRun> {
  return db.transaction(async (tx) => {
    const held = await takeHeldRun(tx, runId);
    await rejectHeldRun(tx, held);
    return held;
  });
}
