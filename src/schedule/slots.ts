import { type CronExpression, CronExpressionParser } from 'cron-parser';
import { IANAZone } from 'luxon';

// An expression names wall times: what a clock on the wall shows. They are enumerated as though the wall were in
// UTC, where no hour is missing and none comes twice, and each is then given its instant in the zone. Where the
// zone's clocks change, two wall times in one order can have instants in the other: 02:45, which New York skips, is
// due at 03:45 and so after 03:15. Hence each search goes on until no wall time to come can improve its answer.

/** When a job is due: a cron expression (five fields, or six with the seconds first) and the IANA zone to read it in. */
export interface Schedule {
  expression: string;
  timezone: string;
}

/**
 * The newest slot at or before `now` and at most `within.ms` before it; `null` when there is none. Throws for an
 * unknown zone, or an expression that cron-parser cannot read; one for a day that no month has just has no slots.
 */
export function findNewestSlot(schedule: Schedule, now: Date, within: { ms: number }): Date | null {
  const { expression, timezone } = schedule;
  const oldest = now.getTime() - within.ms;
  const newestWall = now.getTime() + Math.max(...findOffsets(timezone, now.getTime()));
  let newest = Number.NEGATIVE_INFINITY;
  // One ms later: the search leaves out where it starts.
  for (const wall of walkWallTimes(expression, newestWall + 1, 'back')) {
    const slot = findInstant(timezone, wall);
    if (slot <= now.getTime()) newest = Math.max(newest, slot);
    const latestToCome = wall - Math.min(...findOffsets(timezone, wall));
    if (latestToCome <= newest || latestToCome < oldest) break;
  }
  return Number.isFinite(newest) && newest >= oldest ? new Date(newest) : null;
}

/**
 * The next `count` slots after `after`, in their order; fewer when no more come. Throws as `findNewestSlot` does.
 */
export function findNextSlots(schedule: Schedule, after: Date, count: number): Date[] {
  const { expression, timezone } = schedule;
  const oldestWall = after.getTime() + Math.min(...findOffsets(timezone, after.getTime()));
  const slots = new Set<number>();
  let lastNeeded: number | null = null;
  for (const wall of walkWallTimes(expression, oldestWall, 'forth')) {
    const earliestToCome = wall - Math.max(...findOffsets(timezone, wall));
    if (lastNeeded !== null && earliestToCome >= lastNeeded) break;
    const slot = findInstant(timezone, wall);
    if (slot > after.getTime()) slots.add(slot);
    if (slots.size >= count) lastNeeded ??= Math.max(...slots);
  }
  return [...slots]
    .sort((left, right) => left - right)
    .slice(0, count)
    .map((slot) => new Date(slot));
}

/**
 * The newest `count` slots at or before `now` and at most `within.ms` before it, in their order; fewer where there are
 * not as many. Throws as `findNewestSlot` does.
 */
export function findLastSlots(schedule: Schedule, now: Date, within: { count: number; ms: number }): Date[] {
  const { expression, timezone } = schedule;
  const oldest = now.getTime() - within.ms;
  const newestWall = now.getTime() + Math.max(...findOffsets(timezone, now.getTime()));
  const slots = new Set<number>();
  let lastNeeded = oldest - 1;
  for (const wall of walkWallTimes(expression, newestWall + 1, 'back')) {
    const latestToCome = wall - Math.min(...findOffsets(timezone, wall));
    if (latestToCome <= lastNeeded) break;
    const slot = findInstant(timezone, wall);
    if (slot <= now.getTime() && slot >= oldest) slots.add(slot);
    if (slots.size === within.count) lastNeeded = Math.min(...slots);
  }
  return [...slots]
    .sort((left, right) => left - right)
    .slice(Math.max(0, slots.size - within.count))
    .map((slot) => new Date(slot));
}

/**
 * The instant at which a wall time is due, by the rule that Temporal calls "compatible": the first of two when clocks
 * go back, so that a job runs once; by the offset before the change when they skip it, so that the job still runs.
 */
function findInstant(timezone: string, wall: number): number {
  const [before, after] = findOffsets(timezone, wall);
  const existing = [wall - before, wall - after].filter(
    (instant) => instant + offsetAt(timezone, instant) === wall,
  );
  return existing.length === 0 ? wall - before : Math.min(...existing);
}

/** A day: more than any offset from UTC, so that a wall time may stand for its instant in asking what changes nearby. */
const nearbyMs = 86_400_000;

/** The zone's offsets in ms before and after this moment: two different ones only near a change of its clocks. */
function findOffsets(timezone: string, ms: number): [before: number, after: number] {
  return [offsetAt(timezone, ms - nearbyMs), offsetAt(timezone, ms + nearbyMs)];
}

function offsetAt(timezone: string, instant: number): number {
  return IANAZone.create(timezone).offset(instant) * 60_000;
}

/** The wall times before or after `start`, nearest first, each as the instant at which a clock in UTC shows it. */
function* walkWallTimes(expression: string, start: number, way: 'back' | 'forth'): Generator<number> {
  const times = readExpression(expression, new Date(start));
  if (times === null) return;
  const step = way === 'back' ? -1 : 1;
  for (let [time] = times.take(step); time !== undefined; [time] = times.take(step)) yield time.getTime();
}

/** What cron-parser makes of an expression; `null` when it refuses to because no month named has a day named. */
function readExpression(expression: string, currentDate: Date): CronExpression | null {
  try {
    return CronExpressionParser.parse(expression, { currentDate, tz: 'UTC' });
  } catch (error) {
    if (namesNoDay(expression)) return null;
    throw error;
  }
}

/** Whether an expression cannot be read as it stands, but can be without its day or its month, as with 30 February. */
function namesNoDay(expression: string): boolean {
  const fields = expression.trim().split(/\s+/);
  if (fields.length < 5 || isReadable(fields)) return false;
  return isReadable(fields.with(-3, '*')) && isReadable(fields.with(-2, '*'));
}

function isReadable(fields: readonly string[]): boolean {
  try {
    CronExpressionParser.parse(fields.join(' '));
    return true;
  } catch {
    return false;
  }
}
