import { and, desc, eq, gte } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { principals, runs } from '../database/schema.ts';
import { type RunState } from '../domain/run.ts';

/** Which runs to list; what is left out narrows nothing. */
export interface RunFilter {
  /** Begun at this instant or later. */
  since?: Date;
  principal?: string;
  state?: RunState;
  /** How many at most, newest first. */
  limit: number;
}

/** Runs with their principal's name, newest first. */
export async function listRuns(db: Database, { since, principal, state, limit }: RunFilter) {
  const found = await db
    .select({ run: runs, principal: principals.name })
    .from(runs)
    .innerJoin(principals, eq(principals.id, runs.principalId))
    .where(
      and(
        since === undefined ? undefined : gte(runs.startedAt, since),
        principal === undefined ? undefined : eq(principals.name, principal),
        state === undefined ? undefined : eq(runs.state, state),
      ),
    )
    .orderBy(desc(runs.id))
    .limit(limit);
  return found.map(({ run, principal: name }) => ({ ...run, principal: name }));
}
