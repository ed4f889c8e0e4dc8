import { liesAhead } from './clock-ahead.ts';

/** Less than a day, so that a nightly run that starts a little earlier than the last one still counts as the next day. */
const reminderMs = 20 * 3_600_000;

/**
 * Whether trouble is to be reported now: the first time, then once a day while it lasts. What was reported at a time
 * that is still to come, by a clock that was ahead, keeps nobody silent until then.
 */
export function isReminderDue(lastReportedAt: Date | null, now: Date): boolean {
  if (lastReportedAt === null || liesAhead(lastReportedAt, now)) return true;
  return now.getTime() - lastReportedAt.getTime() >= reminderMs;
}
