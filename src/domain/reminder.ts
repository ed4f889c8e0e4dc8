/** Less than a day, so that a nightly run that starts a little earlier than the last one still counts as the next day. */
const reminderMs = 20 * 3_600_000;

/** Whether trouble is to be reported now: the first time, then once a day while it lasts. */
export function isReminderDue(lastReportedAt: Date | null, now: Date): boolean {
  return lastReportedAt === null || now.getTime() - lastReportedAt.getTime() >= reminderMs;
}
