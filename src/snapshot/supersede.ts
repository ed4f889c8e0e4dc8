import { and, eq, inArray, lt } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { heldMemberships, runs } from '../database/schema.ts';
import { sealRows } from '../database/seals.ts';
import { type ClaimedRun } from '../domain/run.ts';

/** Ends every held run of the principal in whose place a later one stands now, held or complete, and returns their ids. */
export async function supersedeHeldRuns(tx: Database, later: ClaimedRun): Promise<number[]> {
  const superseded = await tx
    .update(runs)
    .set({ state: 'superseded', supersededBy: later.id })
    .where(and(eq(runs.principalId, later.principalId), eq(runs.state, 'held'), lt(runs.id, later.id)))
    .returning({ id: runs.id });
  const ids = superseded.map(({ id }) => id);
  await sealRows(tx, 'runs', ids);
  await forgetHeld(tx, ids);
  return ids;
}

/** Drops what runs saw that are not held any more. */
export async function forgetHeld(tx: Database, runIds: readonly number[]): Promise<void> {
  if (runIds.length > 0) await tx.delete(heldMemberships).where(inArray(heldMemberships.runId, [...runIds]));
}
