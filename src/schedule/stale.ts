import { liesAhead } from '../domain/clock-ahead.ts';
import { findFirstDue, type ScheduleInForce } from './in-force.ts';

/** How much later than its slot a complete run may come before its principal counts as stale. */
const patienceMs = 6 * 3_600_000;

/**
 * Whether the first slot after `since` is so long over that a complete run should have come of it. It is, too, where
 * `since` is still to come: no clock tells how long ago it was, and nobody is to be silent until it comes.
 */
export function isStale(since: Date, schedules: readonly ScheduleInForce[], at: Date): boolean {
  if (liesAhead(since, at)) return true;
  const due = findFirstDue(schedules, since);
  return due !== null && at.getTime() - due.getTime() > patienceMs;
}
