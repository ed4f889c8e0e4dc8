import { RollcallError } from './errors.ts';

const unitMs: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

const iso = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** The first instants of year 1 and of year 10,000, in UTC: what is between them has a year of four digits, and can be stored. */
const [first, end] = [Date.parse('0001-01-01T00:00:00Z'), Date.UTC(10_000, 0)];

/**
 * An instant from what a person writes: ISO 8601 with its zone, a date (its first instant in UTC), or an age such as
 * `30d` (units m, h, d, w) before `now`. Throws `usage` for anything else, and for what is not in years 1 to 9999.
 */
export function parseTime(text: string, now: Date): Date {
  const [, count, unit = ''] = /^(\d+)([mhdw])$/.exec(text) ?? [];
  const instant =
    count === undefined ? readIso(text, iso) : new Date(now.getTime() - Number(count) * (unitMs[unit] ?? 0));
  if (instant !== null && isWithinYears(instant)) return instant;
  throw new RollcallError(
    'usage',
    `Expected a time such as 2026-03-01, 2026-03-01T02:00:00Z or 30d, got ${JSON.stringify(text.slice(0, 100))}.`,
  );
}

/** With its zone; Cloudflare has sent up to six digits of a second. */
const stamp = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

/** An instant from what a program writes, ISO 8601 with its zone; `null` for anything else, and outside of years 1 to 9999. */
export function readInstant(stamped: unknown): Date | null {
  const instant = typeof stamped === 'string' ? readIso(stamped, stamp) : null;
  return instant !== null && isWithinYears(instant) ? instant : null;
}

/** Only days that there are: JavaScript takes 30 February for 2 March. */
function readIso(text: string, form: RegExp): Date | null {
  if (!form.test(text)) return null;
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number);
  const isDay =
    month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
  return isDay ? new Date(text) : null;
}

function isWithinYears(instant: Date): boolean {
  return instant.getTime() >= first && instant.getTime() < end;
}
