import { type JsonRow } from '../../domain/seal.ts';
import { type HistoryRows, type HistoryTable } from '../rows.ts';
import { type Mismatch, Mismatched } from './mismatch.ts';
import { type Head, PrincipalWalk, type Walks } from './principal.ts';
import { checkReport } from './reports.ts';
import { walk } from './walk.ts';

/** What to verify beside everything. */
export interface VerifyOptions {
  /** The complete run to stop after, of the one principal that is read. Default: the newest of each. */
  untilRunId?: number | null;
  /** Told of each run that matched. */
  onRun?: () => void;
  /** Ends it between two rows. */
  signal?: AbortSignal | undefined;
}

/** What was found of one principal. */
export interface PrincipalVerification {
  principalId: number;
  principal: string;
  /** How many runs matched. */
  runs: number;
  /** The newest complete run that matched; `null` where there is none. */
  head: Head | null;
  /** The run that the history begins with since what was before was pruned; `null` where nothing was. */
  beginsAt: number | null;
  /** How many rows from before that are there still, until they are deleted: nothing proves them. */
  unchecked: number;
  /** `null` where all of it matches. */
  mismatch: Mismatch | null;
}

/** What was found of a history. */
export interface Verification {
  principals: readonly PrincipalVerification[];
  /** What is of no principal that there is. */
  strays: readonly Mismatch[];
}

/**
 * Recomputes everything that the history says of itself from its rows, in one pass: digests, links, seals, and that they
 * hang together. Of each principal it stops at the first that does not match.
 */
export async function verifyHistory(
  history: HistoryRows,
  { untilRunId = null, onRun: onEachRun, signal }: VerifyOptions = {},
): Promise<Verification> {
  const rows = untilAborted(history, signal);
  const walks: Walks = {
    runs: walk(rows.read('runs')),
    memberships: walk(rows.read('memberships')),
    changes: walk(rows.read('changes')),
    reports: walk(rows.read('reports')),
  };
  const checkpoints = await readCheckpoints(rows);
  const found: PrincipalVerification[] = [];
  const strays: Mismatch[] = [];
  for await (const { id, name } of rows.read('principals')) {
    const principalId = id as number;
    strays.push(...(await takeStrays(walks, (of) => of !== null && Number(of) < principalId)));
    const checkpoint = checkpoints.get(principalId) ?? null;
    let runs = 0;
    const onRun = () => {
      runs += 1;
      onEachRun?.();
    };
    const { head, unchecked, mismatch } = await verifyPrincipal(
      { principalId, checkpoint, untilRunId, onRun },
      walks,
    );
    const beginsAt = (checkpoint?.['run_id'] ?? null) as number | null;
    found.push({ principalId, principal: name as string, runs, head, beginsAt, unchecked, mismatch });
  }
  strays.push(...(await takeStrays(walks, (of) => of !== null)), ...(await verifyDigests(walks)));
  return { principals: found, strays };
}

function untilAborted(rows: HistoryRows, signal: AbortSignal | undefined): HistoryRows {
  if (signal === undefined) return rows;
  return {
    async *read(table) {
      for await (const row of rows.read(table)) {
        signal.throwIfAborted();
        yield row;
      }
    },
  };
}

async function readCheckpoints(rows: HistoryRows): Promise<Map<number, JsonRow>> {
  const checkpoints = new Map<number, JsonRow>();
  for await (const row of rows.read('checkpoints')) checkpoints.set(row['principal_id'] as number, row);
  return checkpoints;
}

async function verifyPrincipal(
  history: ConstructorParameters<typeof PrincipalWalk>[0],
  walks: Walks,
): Promise<Pick<PrincipalVerification, 'head' | 'unchecked' | 'mismatch'>> {
  const { principalId } = history;
  const ours = new PrincipalWalk(history, walks);
  let mismatch: Mismatch | null = null;
  try {
    await ours.check();
  } catch (error) {
    if (!(error instanceof Mismatched)) throw error;
    mismatch = { principalId, ...error.found };
  }
  await leaveOut(walks, (of) => of === principalId);
  return { head: ours.head, unchecked: ours.unchecked, mismatch };
}

const names: readonly Exclude<HistoryTable, 'principals' | 'checkpoints'>[] = [
  'runs',
  'memberships',
  'changes',
  'reports',
];

/** Goes over rows that nobody looks at any more. */
async function leaveOut(walks: Walks, isOf: (principalId: unknown) => boolean): Promise<void> {
  for (const name of names) for await (const _ of walks[name].takeWhile((row) => isOf(row['principal_id'])));
}

/** Rows of principals that there are none of: the first of each table. */
async function takeStrays(walks: Walks, isOf: (principalId: unknown) => boolean): Promise<Mismatch[]> {
  const strays: Mismatch[] = [];
  for (const name of names) {
    const row = await walks[name].peek();
    if (row === null || !isOf(row['principal_id'])) continue;
    const principalId = row['principal_id'] as number;
    strays.push({
      principalId,
      runId: null,
      of: 'principal',
      detail: `${name} has rows of principal ${principalId}, which is not there`,
    });
  }
  await leaveOut(walks, isOf);
  return strays;
}

/** Reports that are of no principal: each has its seal. */
async function verifyDigests({ reports }: Walks): Promise<Mismatch[]> {
  const found: Mismatch[] = [];
  for await (const report of reports.takeWhile(() => true)) {
    try {
      checkReport(report);
    } catch (error) {
      if (!(error instanceof Mismatched)) throw error;
      found.push({ principalId: null, ...error.found });
    }
  }
  return found;
}
