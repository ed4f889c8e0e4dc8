import { type Database } from '../database/database.ts';
import { RollcallError } from '../domain/errors.ts';
import { type ClaimedRun } from '../domain/run.ts';
import { beat } from './claim.ts';

/** Which run to supervise, and what ends it. */
export interface Supervision {
  db: Database;
  run: ClaimedRun;
  /** Ends the work when the process is told to stop. */
  signal: AbortSignal;
  /** Milliseconds after which the run is ended as timed out. Default: 30 minutes. */
  deadlineMs?: number;
  /** Milliseconds between heartbeats. Default: 15 seconds. */
  heartbeatMs?: number;
}

/**
 * Does a run's work while saying that its process lives. The signal handed to the work ends it with the reason: the
 * process is told to stop, the deadline passed, or the run was given up for dead and taken over.
 */
export async function superviseRun<T>(
  { db, run, signal, deadlineMs = 30 * 60_000, heartbeatMs = 15_000 }: Supervision,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const end = new AbortController();
  const deadline = setTimeout(() => end.abort(deadlinePassed(run, deadlineMs)), deadlineMs);
  const heartbeat = setInterval(() => {
    beat(db, run.id).then(
      (ours) => ours || end.abort(takenOver(run)),
      // A heartbeat that fails is only missed: storing the snapshot needs the database anyway, and says so.
      () => undefined,
    );
  }, heartbeatMs);
  try {
    return await work(AbortSignal.any([signal, end.signal]));
  } finally {
    clearTimeout(deadline);
    clearInterval(heartbeat);
  }
}

function deadlinePassed(run: ClaimedRun, deadlineMs: number): RollcallError {
  return new RollcallError(
    'timed_out',
    `${run.principal}: the run was not done within ${deadlineMs / 60_000} minutes. Nothing was stored.`,
  );
}

function takenOver(run: ClaimedRun): RollcallError {
  return new RollcallError(
    'busy',
    `${run.principal}: run ${run.id} was given up for dead and its place taken.`,
  );
}
