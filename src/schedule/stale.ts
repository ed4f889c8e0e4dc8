import { findNextSlots, type Schedule } from './slots.ts';

/** How much later than its slot a complete run may come before its principal counts as stale. */
const patienceMs = 6 * 3_600_000;

/** Whether the first slot after `since` is so long over that a complete run should have come of it. */
export function isStale(since: Date, schedule: Schedule, at: Date): boolean {
  const [due] = findNextSlots(schedule, since, 1);
  return due !== undefined && at.getTime() - due.getTime() > patienceMs;
}
