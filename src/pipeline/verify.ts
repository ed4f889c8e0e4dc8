import { and, eq, gte, isNull } from 'drizzle-orm';
import * as z from 'zod';
import { type Context } from '../context.ts';
import { type Database } from '../database/database.ts';
import { principals, reports, runs } from '../database/schema.ts';
import { describeMismatch, type Mismatch } from '../history/verify/mismatch.ts';
import { verifyRecorded } from '../history/verify/recorded.ts';
import { type PrincipalVerification } from '../history/verify/verify.ts';
import { composeMismatchReports } from '../report/addressed.ts';
import { type CompleteRun } from '../report/told.ts';
import { oweAll, tellingOf } from './owe.ts';

const payload = z.object({ slot: z.coerce.date() });

/** Enqueues the verification that is due at `slot`. However many workers do so, it waits once. */
export async function enqueueVerification({ db, queue }: Context, slot: Date): Promise<void> {
  const due = slot.toISOString();
  await queue.enqueue(db, 'verify', [{ key: due, data: { slot: due } }]);
}

/** Verifies the whole history, and owes a report about each principal of which something does not match. */
export async function verifyQueued(context: Context, data: unknown): Promise<'done'> {
  const { slot } = payload.parse(data);
  const { db, log, signal } = context;
  const { principals: found, strays } = await verifyRecorded(db, { signal });
  const wrong = found.filter(({ mismatch }) => mismatch !== null);
  for (const [index, one] of found.entries()) {
    // What is of nobody is told to those who hear of the first.
    const mismatches = [...[one.mismatch ?? []].flat(), ...(index === 0 ? strays : [])];
    if (mismatches.length > 0) await oweMismatch(context, slot, { ...one, mismatches });
  }
  const matched = found.reduce((sum, { runs: ofOne }) => sum + ofOne, 0);
  if (wrong.length + strays.length === 0) log.info({ runs: matched }, 'history matches');
  else
    log.error(
      { mismatches: [...wrong.flatMap(({ mismatch }) => mismatch ?? []), ...strays].map(describeMismatch) },
      'history does not match',
    );
  return 'done';
}

/** Owes the report, unless another worker, whose clock is behind, has owed it for the same slot. */
async function oweMismatch(
  context: Context,
  slot: Date,
  { principal, principalId, head, mismatches }: PrincipalVerification & { mismatches: readonly Mismatch[] },
): Promise<void> {
  const { config, db, queue, now } = context;
  await db.transaction(async (tx) => {
    await tx.select().from(principals).where(eq(principals.id, principalId)).for('no key update');
    const about = {
      principalId,
      runId: await findRunId(tx, mismatches[0]?.runId ?? head?.runId ?? null),
      // Whoever has muted one of them would never hear of the next.
      standsAlone: true,
    };
    const told = await tx
      .select({ id: reports.id })
      .from(reports)
      .where(
        and(
          eq(reports.principalId, principalId),
          eq(reports.kind, 'failure'),
          gte(reports.createdAt, slot),
          about.runId === null ? isNull(reports.runId) : eq(reports.runId, about.runId),
        ),
      )
      .limit(1);
    if (told.length > 0) return;
    const at = now();
    const mismatched = {
      principal,
      at,
      found: mismatches.map(describeMismatch),
      lastMatching: await readRun(tx, head?.runId),
    };
    await oweAll(tx, composeMismatchReports(mismatched, tellingOf(config)), {
      about,
      setting: { config, queue, now: at },
    });
  });
}

/** The run, if it is there: a row that was altered may name any. */
async function findRunId(tx: Database, runId: number | null): Promise<number | null> {
  if (runId === null) return null;
  const [run] = await tx.select({ id: runs.id }).from(runs).where(eq(runs.id, runId));
  return run?.id ?? null;
}

async function readRun(tx: Database, runId: number | undefined): Promise<CompleteRun | null> {
  if (runId === undefined) return null;
  const [run] = await tx
    .select({ finishedAt: runs.finishedAt, chain: runs.chain })
    .from(runs)
    .where(eq(runs.id, runId));
  const { finishedAt = null, chain = null } = run ?? {};
  return finishedAt === null || chain === null ? null : { runId, finishedAt, chain };
}
