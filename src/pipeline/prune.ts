import { type Context } from '../context.ts';
import { principals } from '../database/schema.ts';
import { moveCheckpoint } from '../snapshot/checkpoint.ts';
import { pruneBefore, pruneDigests } from '../snapshot/prune.ts';

/** Enqueues the pruning that is due at `slot`, where history is not kept for ever. However many workers do so, it waits once. */
export async function enqueuePruning({ config, db, queue }: Context, slot: Date): Promise<void> {
  if (config.retentionMs === null) return;
  await queue.enqueue(db, 'prune', [{ key: slot.toISOString(), data: {} }]);
}

/**
 * Deletes the history that is older than it is kept, of everybody whose history there is. Nothing that is current, held or
 * still to be sent goes, and what stays can be verified from a checkpoint on.
 */
export async function prune({ config, db, log, now, signal }: Context): Promise<'done'> {
  if (config.retentionMs === null) return 'done';
  const before = new Date(now().getTime() - config.retentionMs);
  for (const { id, name } of await db.select().from(principals).orderBy(principals.id)) {
    const checkpoint = await db.transaction((tx) => moveCheckpoint(tx, id, { before, now: now() }));
    if (checkpoint === null) continue;
    const rows = await pruneBefore(db, checkpoint, { signal });
    if (rows > 0) log.info({ principal: name, rows, begins: checkpoint.runId }, 'history pruned');
  }
  const digests = await pruneDigests(db, before, { signal });
  if (digests > 0) log.info({ digests }, 'digests pruned');
  return 'done';
}
