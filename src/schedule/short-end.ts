import { isPassingDatabaseError } from '../database/explain.ts';
import { type ErrorCode, RollcallError } from '../domain/errors.ts';
import { type RunState } from '../domain/run.ts';

/** How a run ends that comes to no snapshot. */
export type ShortState = Extract<RunState, 'incomplete' | 'failed' | 'timed_out'>;

/**
 * How what ended a run is recorded. Abandoned is what Cloudflare has no part in: the process was told to stop, the run
 * was taken over, the database went away for a moment. Another run may take the place of one that was abandoned.
 */
export function planShortEnd(error: unknown): {
  state: ShortState;
  abandoned: boolean;
  /** What kind of error it was; `null` for one that is not ours. */
  code: ErrorCode | null;
} {
  if (!(error instanceof RollcallError))
    return { state: 'failed', abandoned: isPassingDatabaseError(error), code: null };
  const { code } = error;
  if (code === 'incomplete' || code === 'timed_out') return { state: code, abandoned: false, code };
  return { state: 'failed', abandoned: code === 'stopped' || code === 'busy', code };
}
