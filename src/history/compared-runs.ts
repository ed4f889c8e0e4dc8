import { and, asc, desc, eq, gt, lt } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { principals, runs } from '../database/schema.ts';
import { RollcallError } from '../domain/errors.ts';
import { type RunSource, runStanding, type RunState } from '../domain/run.ts';

/** A run that is complete, as far as a comparison needs it. */
export interface CompleteRun {
  id: number;
  /** Which endpoint its listing was read from. */
  source: RunSource;
  startedAt: Date;
  finishedAt: Date;
}

/** Two complete runs of one principal, to be compared from the first to the second, whichever is older. */
export interface ComparedRuns {
  principalId: number;
  principal: string;
  from: CompleteRun;
  to: CompleteRun;
}

/**
 * The two runs of these numbers. Throws `usage` for a run that is not there or not complete, and for runs of two
 * principals, and names the complete ones that are nearest.
 */
export async function findRunsToCompare(db: Database, from: number, to: number): Promise<ComparedRuns> {
  const [first, second] = [await requireComplete(db, from), await requireComplete(db, to)];
  const { principalId, principal } = first;
  if (second.principalId === principalId) return { principalId, principal, from: first, to: second };
  throw new RollcallError(
    'usage',
    `Run ${from} is of ${principal} and run ${to} of ${second.principal}: only runs of one principal can be compared.` +
      (await tellNearest(db, { runId: to, principalId })),
  );
}

interface FoundRun {
  id: number;
  principalId: number;
  principal: string;
  source: RunSource;
  state: RunState;
  startedAt: Date;
  finishedAt: Date | null;
}

async function requireComplete(db: Database, runId: number): Promise<FoundRun & CompleteRun> {
  const [found] = await db
    .select({
      id: runs.id,
      principalId: runs.principalId,
      principal: principals.name,
      source: runs.source,
      state: runs.state,
      startedAt: runs.startedAt,
      finishedAt: runs.finishedAt,
    })
    .from(runs)
    .innerJoin(principals, eq(principals.id, runs.principalId))
    .where(eq(runs.id, runId));
  if (found === undefined) {
    throw new RollcallError('usage', `There is no run ${runId}.${await tellNearest(db, { runId })}`);
  }
  const { finishedAt, state, principal, principalId } = found;
  if (state === 'complete' && finishedAt !== null) return { ...found, finishedAt };
  throw new RollcallError(
    'usage',
    `Run ${runId} of ${principal} saw no snapshot that counts: it ${runStanding[state]}.` +
      (await tellNearest(db, { runId, principalId })),
  );
}

/** The complete runs on either side of a number, behind a blank: of one principal where it is given. */
async function tellNearest(
  db: Database,
  { runId, principalId }: { runId: number; principalId?: number },
): Promise<string> {
  const isComplete = and(
    eq(runs.state, 'complete'),
    principalId === undefined ? undefined : eq(runs.principalId, principalId),
  );
  const ask = () =>
    db
      .select({ id: runs.id, principal: principals.name })
      .from(runs)
      .innerJoin(principals, eq(principals.id, runs.principalId));
  const [before] = await ask()
    .where(and(isComplete, lt(runs.id, runId)))
    .orderBy(desc(runs.id))
    .limit(1);
  const [after] = await ask()
    .where(and(isComplete, gt(runs.id, runId)))
    .orderBy(asc(runs.id))
    .limit(1);
  const near = [before, after].flatMap((run) => (run === undefined ? [] : `${run.id} (${run.principal})`));
  if (near.length === 0) return ' No other run is complete; `rollcall runs` lists them.';
  return ` The nearest that ${near.length === 1 ? 'is' : 'are'} complete: ${near.join(' and ')}.`;
}
