import { DateTime } from 'luxon';

/** `2026-08-14 02:00:05`, in UTC; whoever prints it says so. */
export function formatTime(time: Date): string {
  return time.toISOString().slice(0, 19).replace('T', ' ');
}

/** `14 Aug 2026, 04:00`, in the zone: for a sentence, where seconds say nothing. */
export function formatMinute(time: Date, timezone: string): string {
  return DateTime.fromJSDate(time, { zone: timezone }).toFormat('d LLL yyyy, HH:mm', { locale: 'en' });
}

/** `14 Aug`, in the zone. */
export function formatDay(time: Date, timezone: string): string {
  return DateTime.fromJSDate(time, { zone: timezone }).toFormat('d LLL', { locale: 'en' });
}

/** `between 13 Aug 2026, 04:00 and 14 Aug 2026, 04:00 (Europe/Madrid)` */
export function formatWindow(
  { notBefore, notAfter }: { notBefore: Date; notAfter: Date },
  timezone: string,
): string {
  return `between ${formatMinute(notBefore, timezone)} and ${formatMinute(notAfter, timezone)} (${timezone})`;
}
