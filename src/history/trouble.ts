import {
  and,
  count,
  desc,
  eq,
  gt,
  inArray,
  isNotNull,
  isNull,
  lte,
  max,
  ne,
  or,
  sql,
  type SQL,
} from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { reports, runs } from '../database/schema.ts';
import { believableEnd, latestPast } from './believable.ts';

/** What went wrong for a principal since its newest complete run. */
export interface Trouble {
  /** The newest complete run; `null` when there has been none. */
  lastComplete: { runId: number; finishedAt: Date; chain: string } | null;
  /** When it ended, or the newest before it did, by a clock that can be believed; `null` where none did. */
  lastCompleteAt: Date | null;
  /** When the newest failure, hold or silence since then was reported; `null` when none was. */
  reportedAt: Date | null;
  /** Runs since then that stored nothing. */
  missedRuns: number;
}

/** As it was before the run `exceptRunId`, where that one has just become complete. */
export async function findTrouble(db: Database, principalId: number, exceptRunId?: number): Promise<Trouble> {
  const isComplete = and(
    eq(runs.principalId, principalId),
    eq(runs.state, 'complete'),
    exceptRunId === undefined ? undefined : ne(runs.id, exceptRunId),
  );
  const [complete] = await db
    .select({ runId: runs.id, finishedAt: runs.finishedAt, chain: runs.chain })
    .from(runs)
    .where(isComplete)
    .orderBy(desc(runs.id))
    .limit(1);
  const lastCompleteAt = await findLastCompleteAt(db, isComplete);
  const since = and(eq(runs.principalId, principalId), gt(runs.id, complete?.runId ?? 0));
  // A report of silence is about no run.
  const ofSilence = and(
    isNull(reports.runId),
    lastCompleteAt === null ? undefined : gt(reports.createdAt, lastCompleteAt),
  );
  const [reported] = await db
    .select({ at: max(reports.createdAt) })
    .from(reports)
    .where(
      and(
        eq(reports.principalId, principalId),
        inArray(reports.kind, ['failure', 'held']),
        // One that is still to come would keep the next ones back until then.
        lte(reports.createdAt, latestPast),
        or(gt(reports.runId, complete?.runId ?? 0), ofSilence),
      ),
    );
  const [missed] = await db
    .select({ runs: count() })
    .from(runs)
    .where(and(since, inArray(runs.state, ['incomplete', 'failed', 'timed_out'])));
  return {
    lastComplete:
      complete?.finishedAt == null || complete.chain === null
        ? null
        : { runId: complete.runId, finishedAt: complete.finishedAt, chain: complete.chain },
    lastCompleteAt,
    reportedAt: reported?.at ?? null,
    missedRuns: missed?.runs ?? 0,
  };
}

async function findLastCompleteAt(db: Database, isComplete: SQL | undefined): Promise<Date | null> {
  const end = believableEnd('runs');
  const [newest] = await db
    .select({ at: sql`${end}`.mapWith(runs.finishedAt) })
    .from(runs)
    .where(and(isComplete, isNotNull(end)))
    .orderBy(desc(runs.id))
    .limit(1);
  return newest?.at ?? null;
}
