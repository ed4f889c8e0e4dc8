import { eq, sql } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { principals } from '../database/schema.ts';
import { RollcallError } from '../domain/errors.ts';
import { type ClaimedRun } from '../domain/run.ts';

/**
 * Keeps the principal's history to this transaction until it ends: whoever claims, stores, holds, approves, rejects,
 * renames or retires does so first, before any of its runs, so that they come one after the other. Reports about it may be stored meanwhile.
 */
export async function lockPrincipal(tx: Database, principalId: number): Promise<void> {
  await tx
    .select({ id: principals.id })
    .from(principals)
    .where(eq(principals.id, principalId))
    .for('no key update');
}

/** Keeps the history of a Cloudflare user to this transaction, under whatever name it is or comes to be. */
export async function lockUser(tx: Database, userId: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${userId}, 0))`);
}

/** What is thrown where a run has been ended by somebody else. */
export function notOurs(run: ClaimedRun): RollcallError {
  return new RollcallError(
    'busy',
    `${run.principal}: run ${run.id} was given up for dead and its place taken; what it saw was not stored.`,
  );
}
