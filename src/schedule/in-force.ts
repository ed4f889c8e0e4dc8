import { findLastSlots, findNewestSlot, findNextSlots, type Schedule } from './slots.ts';

/** A schedule that workers went by, from an instant on until the next one of a list. */
export interface ScheduleInForce {
  schedule: Schedule;
  /** When the first worker that had it began. */
  since: Date;
}

/**
 * The newest slot that was due up to `at`, and at most `within.ms` before it, under the schedule that was in force at that
 * slot; `null` when there is none. A schedule has no slots from before it was in force, be they in its past or not: nobody
 * had promised them. The first that is known counts as in force since ever, so that a first worker takes its baseline at once.
 */
export function findNewestDue(
  schedules: readonly ScheduleInForce[],
  at: Date,
  within: { ms: number },
): Date | null {
  const oldestMs = at.getTime() - within.ms;
  for (const { schedule, fromMs, toMs } of listPeriods(schedules).toReversed()) {
    const endMs = Math.min(toMs, at.getTime());
    const beginMs = Math.max(fromMs, oldestMs);
    if (endMs < beginMs) continue;
    const slot = findNewestSlot(schedule, new Date(endMs), { ms: endMs - beginMs });
    if (slot !== null) return slot;
  }
  return null;
}

/**
 * The newest `within.count` slots that were due up to `at`, and at most `within.ms` before it, each under the schedule that
 * was in force at it, oldest first; fewer where there are not as many.
 */
export function findLastDue(
  schedules: readonly ScheduleInForce[],
  at: Date,
  within: { count: number; ms: number },
): Date[] {
  const oldestMs = at.getTime() - within.ms;
  const found: Date[] = [];
  for (const { schedule, fromMs, toMs } of listPeriods(schedules).toReversed()) {
    const endMs = Math.min(toMs, at.getTime());
    const ms = endMs - Math.max(fromMs, oldestMs);
    const count = within.count - found.length;
    if (ms >= 0 && count > 0) found.unshift(...findLastSlots(schedule, new Date(endMs), { count, ms }));
  }
  return found;
}

/**
 * The schedules that workers began with, one after the other; last the one that this process goes by, from `at` on where no
 * worker had it yet.
 */
export function listSchedules(
  workers: readonly { schedule: Schedule; startedAt: Date }[],
  current: Schedule,
  at: Date,
): ScheduleInForce[] {
  const inOrder = workers.toSorted((left, right) => left.startedAt.getTime() - right.startedAt.getTime());
  const begun = inOrder.map(({ schedule, startedAt }) => ({ schedule, since: startedAt }));
  return [...begun, { schedule: current, since: at }].filter(
    ({ schedule }, index, all) => index === 0 || !isSame(schedule, all[index - 1]?.schedule),
  );
}

function isSame(one: Schedule, other: Schedule | undefined): boolean {
  return one.expression === other?.expression && one.timezone === other.timezone;
}

/** The first slot after `after` that was or will be due under the schedule in force at that slot; `null` when there is none. */
export function findFirstDue(schedules: readonly ScheduleInForce[], after: Date): Date | null {
  for (const { schedule, fromMs, toMs } of listPeriods(schedules)) {
    if (toMs <= after.getTime()) continue;
    // One ms before its beginning: the search leaves out where it starts.
    const [slot] = findNextSlots(schedule, new Date(Math.max(fromMs - 1, after.getTime())), 1);
    if (slot !== undefined && slot.getTime() <= toMs) return slot;
  }
  return null;
}

/** A schedule with the first and the last ms at which it was in force. */
interface Period {
  schedule: Schedule;
  fromMs: number;
  toMs: number;
}

/** One after the other, oldest first; together they are all of time. */
function listPeriods(schedules: readonly ScheduleInForce[]): Period[] {
  const inOrder = schedules.toSorted((left, right) => left.since.getTime() - right.since.getTime());
  return inOrder.map(({ schedule, since }, index) => ({
    schedule,
    fromMs: index === 0 ? Number.NEGATIVE_INFINITY : since.getTime(),
    toMs: (inOrder[index + 1]?.since.getTime() ?? Number.POSITIVE_INFINITY) - 1,
  }));
}
