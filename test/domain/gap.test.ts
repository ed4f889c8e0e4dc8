import { describe, expect, it } from 'vitest';
import { isGap, type Stretch } from '../../src/domain/gap.ts';

const hour = 3_600_000;

/** So many hours between two nights of the schedule, in which nothing happened. */
function stretch(hours: number, given: Partial<Stretch> = {}): Stretch {
  const from = new Date(Date.UTC(2026, 7, 1, 2));
  const to = new Date(from.getTime() + hours * hour);
  return { from, to, isScheduled: true, shortRuns: [], usualMs: 24 * hour, ...given };
}

const failed = { id: 7, state: 'failed', isByHand: false } as const;
const byHand = { ...failed, isByHand: true };
const now = new Date(Date.UTC(2027, 0, 1));

describe('a nightly schedule that went well has no gap', () => {
  it.each([
    ['a night', stretch(24)],
    ['one when the clocks go back', stretch(25)],
    ['one that was caught up in the morning', stretch(32)],
    ['one beside many runs by hand on the first day', stretch(24, { usualMs: hour })],
    ['one with an attempt by hand that failed at noon', stretch(24, { shortRuns: [byHand] })],
    ['the first, of which nobody knows what is usual', stretch(24, { usualMs: null })],
  ])('%s', (_, night) => expect(isGap(night, now)).toBe(false));
});

describe('a gap is where somebody was to look and nobody did', () => {
  it.each([
    ['a night without any run', stretch(48)],
    ['a night that failed', stretch(48, { shortRuns: [failed] })],
    ['one that failed and was mended soon', stretch(26, { shortRuns: [failed], isScheduled: false })],
    [
      'a run by hand that failed between two by hand',
      stretch(1, { shortRuns: [byHand], isScheduled: false }),
    ],
    ['a night without any run, of the first two', stretch(48, { usualMs: null })],
  ])('%s', (_, night) => expect(isGap(night, now)).toBe(true));
});

it('what is usual is of the principal: a weekly schedule has a gap where a week is missing', () => {
  const usualMs = 7 * 24 * hour;
  expect(isGap(stretch(7 * 24, { usualMs }), now)).toBe(false);
  expect(isGap(stretch(14 * 24, { usualMs }), now)).toBe(true);
});

it('one that lasts is measured up to now', () => {
  const { from } = stretch(0);
  expect(isGap(stretch(0, { to: null }), new Date(from.getTime() + 30 * hour))).toBe(false);
  expect(isGap(stretch(0, { to: null }), new Date(from.getTime() + 40 * hour))).toBe(true);
});
