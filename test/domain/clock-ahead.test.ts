import { describe, expect, test } from 'vitest';
import { liesAhead } from '../../src/domain/clock-ahead.ts';
import { isReminderDue } from '../../src/domain/reminder.ts';
import { durationOf } from '../../src/domain/run.ts';
import { isStale } from '../../src/schedule/stale.ts';

const now = new Date('2026-08-14T12:00:00Z');
const hours = (count: number) => new Date(now.getTime() + count * 3_600_000);
const aYear = 365 * 24;

test('what is noted a moment later by another machine’s clock is no time still to come', () => {
  expect([0, -1, 0.03].map((count) => liesAhead(hours(count), now))).toEqual([false, false, false]);
  expect([0.05, 1, aYear].map((count) => liesAhead(hours(count), now))).toEqual([true, true, true]);
});

test('a reminder is due a day after the last one, and where that is still to come', () => {
  expect([-1, -19, 0.01].map((count) => isReminderDue(hours(count), now))).toEqual([false, false, false]);
  expect([-20, 1, aYear].map((count) => isReminderDue(hours(count), now))).toEqual([true, true, true]);
});

test('silence since a time that is still to come is silence', () => {
  const schedules = [{ schedule: { expression: '0 2 * * *', timezone: 'UTC' }, since: now }];
  expect([-9, 0.01].map((count) => isStale(hours(count), schedules, now))).toEqual([false, false]);
  expect([-35, 1, aYear].map((count) => isStale(hours(count), schedules, now))).toEqual([true, true, true]);
});

describe('a run took', () => {
  const took = (finished: number | null, heartbeat: number) =>
    durationOf({
      startedAt: now,
      finishedAt: finished === null ? null : hours(finished),
      heartbeatAt: hours(heartbeat),
    });

  test('from its start to its end', () => {
    expect(took(0.25, 0.24)).toBe(900_000);
    expect(took(0.5, 0)).toBe(1_800_000);
    expect(took(null, 1)).toBeNull();
  });

  test('to its last sign of life, where its end was pushed behind one that is still to come', () => {
    expect(took(aYear, 0.25)).toBe(900_000);
  });

  test('from start to end also where both are still to come', () => {
    expect(took(0.25, -aYear)).toBe(900_000);
  });
});
