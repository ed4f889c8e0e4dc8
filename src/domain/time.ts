import { RollcallError } from './errors.ts';

const unitMs: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

const iso = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/**
 * An instant from what a person writes: ISO 8601 with its zone, a date (its first instant in UTC), or an age such as
 * `30d` (units m, h, d, w) before `now`. Throws `usage` for anything else.
 */
export function parseTime(text: string, now: Date): Date {
  const [, count, unit = ''] = /^(\d+)([mhdw])$/.exec(text) ?? [];
  if (count !== undefined) return new Date(now.getTime() - Number(count) * (unitMs[unit] ?? 0));
  const instant = iso.test(text) ? new Date(text) : new Date(Number.NaN);
  if (Number.isNaN(instant.getTime())) {
    throw new RollcallError(
      'usage',
      `Expected a time such as 2026-03-01, 2026-03-01T02:00:00Z or 30d, got ${JSON.stringify(text)}.`,
    );
  }
  return instant;
}
