import { and, count, eq, gte, isNull, ne, or } from 'drizzle-orm';
import { type Database } from '../../database/database.ts';
import { checkpoints, principals, runs } from '../../database/schema.ts';
import { RollcallError } from '../../domain/errors.ts';
import { findPrincipalId } from '../known.ts';
import { readHistoryRows } from '../rows.ts';
import { type Verification, verifyHistory } from './verify.ts';

/** What of a recorded history to verify. */
export interface VerifyScope {
  /** Default: all. */
  principal?: string;
  /** The complete run to stop after, which is of that principal. Default: the newest. */
  untilRunId?: number | null;
  /** Told how many runs have matched, and how many there are. */
  onProgress?: (matched: number, all: number) => void;
  /** Ends it between two rows. */
  signal?: AbortSignal;
}

/** Verifies the history in a database as of one instant. */
export async function verifyRecorded(
  db: Database,
  { principal, untilRunId = null, onProgress, signal }: VerifyScope = {},
): Promise<Verification> {
  return db.transaction(
    async (tx) => {
      const principalId = principal === undefined ? undefined : await findPrincipalId(tx, principal);
      const all = await countEnded(tx, principalId);
      let matched = 0;
      const onRun = () => {
        matched += 1;
        onProgress?.(matched, all);
      };
      const rows = readHistoryRows(tx, principalId);
      return verifyHistory(rows, { onRun, untilRunId, signal });
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}

/** The complete run of that chain; `null` where none has it, or it is pruned, be it still there. */
export async function findRunByChain(
  db: Database,
  chain: string,
): Promise<{ runId: number; principal: string } | null> {
  const [found] = await db
    .select({ runId: runs.id, principal: principals.name })
    .from(runs)
    .innerJoin(principals, eq(principals.id, runs.principalId))
    .leftJoin(checkpoints, eq(checkpoints.principalId, runs.principalId))
    .where(and(eq(runs.chain, chain), or(isNull(checkpoints.runId), gte(runs.id, checkpoints.runId))))
    .limit(1);
  return found ?? null;
}

async function countEnded(tx: Database, principalId: number | undefined): Promise<number> {
  const isEnded = ne(runs.state, 'running');
  const [found] = await tx
    .select({ runs: count() })
    .from(runs)
    .where(principalId === undefined ? isEnded : and(isEnded, eq(runs.principalId, principalId)));
  return found?.runs ?? 0;
}

/** That no run has a chain: then the mail that has it is of another history than this one. */
export function noRunHas(chain: string, where: 'database' | 'export'): RollcallError {
  return new RollcallError(
    'incomplete',
    `No run has the chain ${chain}. Either it is of another ${where}, or pruned, or the history is not the one that it was when that was written.`,
  );
}
