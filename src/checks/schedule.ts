import { DateTime } from 'luxon';
import { findNextSlots, type Schedule } from '../schedule/slots.ts';
import { type Check, fail, ok } from './check.ts';

const subject = { check: 'schedule' } as const;

/** The next three slots, in the zone of the schedule and in UTC. */
export function checkSchedule(schedule: Schedule, now: Date): Check {
  const { expression, timezone } = schedule;
  const what = `${JSON.stringify(expression)} in ${timezone}`;
  const slots = findNextSlots(schedule, now, 3);
  if (slots.length === 0) return fail(subject, `${what} is never due`, 'Correct ROLLCALL_SCHEDULE.');
  return ok(subject, `${what}; next ${slots.map((slot) => describeSlot(slot, timezone)).join(', ')}`);
}

/** `2026-11-24 02:00 (2026-11-24 01:00 UTC)` */
function describeSlot(slot: Date, timezone: string): string {
  const local = formatIn(slot, timezone);
  const utc = formatIn(slot, 'UTC');
  return local === utc ? `${utc} UTC` : `${local} (${utc} UTC)`;
}

function formatIn(slot: Date, zone: string): string {
  const format = slot.getUTCSeconds() === 0 ? 'yyyy-MM-dd HH:mm' : 'yyyy-MM-dd HH:mm:ss';
  return DateTime.fromJSDate(slot, { zone }).toFormat(format);
}
