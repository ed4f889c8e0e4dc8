import { describe, expect, it } from 'vitest';
import { planHold } from '../../src/domain/hold.ts';

const thresholds = { removals: 10, share: 0.25 };

describe('a listing from another source than its baseline', () => {
  it.each([
    [10, 1, null],
    [10, 2, 'only 8 of the baseline'],
    [30, 3, null],
    [30, 4, 'only 26 of the baseline'],
    [1, 1, 'only 0 of the baseline'],
    [0, 0, null],
    [100, 100, 'only 0 of the baseline'],
  ])('of %i organizations of which %i are not found again', (baseline, gone, reason) => {
    const loss = { baseline, gone, listed: baseline, isOtherSource: true };
    const held = planHold(loss, thresholds);
    if (reason === null) expect(held).toBeNull();
    else expect(held).toContain(reason);
  });

  it('is held for the removals too, where more were asked for', () => {
    const loss = { baseline: 100, gone: 10, listed: 90, isOtherSource: true };
    expect(planHold(loss, thresholds)).toBeNull();
    expect(planHold(loss, { removals: 5, share: 0.01 })).toContain('more than 5');
  });
});

describe('a listing from the source of its baseline', () => {
  it.each([
    [100, 26, 'more than 10 and more than 25 %'],
    [100, 25, null],
    [20, 10, null],
    [2, 2, 'all 2 organizations are gone'],
    [1, 1, null],
  ])('of %i organizations that lost %i', (baseline, gone, reason) => {
    const held = planHold({ baseline, gone, listed: baseline - gone, isOtherSource: false }, thresholds);
    if (reason === null) expect(held).toBeNull();
    else expect(held).toContain(reason);
  });
});
