import { DateTime } from 'luxon';

/** `2026-08-14 02:00:05`, in UTC; whoever prints it says so. */
export function formatTime(time: Date): string {
  return time.toISOString().slice(0, 19).replace('T', ' ');
}

/** `14 Aug 2026, 04:00`, in the zone: for a sentence, where seconds say nothing. */
export function formatMinute(time: Date, timezone: string): string {
  return write(time, timezone, 'd LLL yyyy, HH:mm');
}

/** `between 13 Aug 2026, 04:00 and 14 Aug 2026, 04:00 (Europe/Madrid)` */
export function formatWindow(
  { notBefore, notAfter }: { notBefore: Date; notAfter: Date },
  timezone: string,
): string {
  return `between ${formatMinute(notBefore, timezone)} and ${formatMinute(notAfter, timezone)} (${timezone})`;
}

/** `Fri 14 Aug 2026, 02:00`, in that zone. */
export function nameInstant(instant: Date, timezone: string): string {
  return write(instant, timezone, 'ccc d LLL yyyy, HH:mm');
}

/** `Fri 14 Aug 2026`, in that zone. */
export function nameDay(instant: Date, timezone: string): string {
  return write(instant, timezone, 'ccc d LLL yyyy');
}

/** `14 Aug`, or where that is in another year than `now` `Aug 2025`, in that zone. */
export function nameDayShort(instant: Date, now: Date, timezone: string): string {
  const isThisYear = write(instant, timezone, 'yyyy') === write(now, timezone, 'yyyy');
  return write(instant, timezone, isThisYear ? 'd LLL' : 'LLL yyyy');
}

// The names of months and days are those of American English, in which every one of them has three letters.
function write(instant: Date, timezone: string, format: string): string {
  return DateTime.fromJSDate(instant, { zone: timezone }).setLocale('en-US').toFormat(format);
}
