import { expect, test } from 'vitest';
import { planNextAttempt } from '../../src/deliver/deliver.ts';

const now = new Date('2026-08-01T02:00:00Z');

test('the wait after an attempt begins at a minute, doubles, and ends at an hour', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 8, 40, 5000].map(
    (attempts) => (planNextAttempt({ attempts }, now).getTime() - now.getTime()) / 60_000,
  );

  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
});
