import { type Log } from '../log.ts';
import { type DeadRun } from '../schedule/claim.ts';

/** One line for a run that was under way when its process died, and is recorded as failed now. */
export function logDeadRun(log: Log, dead: DeadRun): void {
  log.warn({ ...dead }, 'run recorded as failed, for its process died');
}
