import { expect, test } from 'vitest';
import { watchRounds } from '../../src/health/rounds.ts';

const start = Date.parse('2026-11-26T02:00:00Z');

function roundsAt() {
  let nowMs = start;
  const rounds = watchRounds(() => new Date(nowMs));
  return { rounds, goTo: (minutes: number) => void (nowMs = start + minutes * 60_000) };
}

test('a round that ends every quarter of an hour is as it should be, and so is one that is late', () => {
  const { rounds, goTo } = roundsAt();

  for (const minutes of [0, 15, 30, 60]) {
    goTo(minutes);
    rounds.note();
    expect(rounds.stuckSince()).toBeNull();
  }
  goTo(90);
  expect(rounds.stuckSince()).toBeNull();
});

test('one that does not end is told with the end of the one before, until one ends again', () => {
  const { rounds, goTo } = roundsAt();

  goTo(36);
  expect(rounds.stuckSince()).toEqual(new Date(start));
  rounds.note();
  expect(rounds.stuckSince()).toBeNull();
});

test('a clock that was a year ahead and is set back makes nobody blind for a year', () => {
  const { rounds, goTo } = roundsAt();

  goTo(365 * 24 * 60);
  rounds.note();
  goTo(15);
  expect(rounds.stuckSince()).toBeNull();
  goTo(60);
  expect(rounds.stuckSince()).toEqual(new Date(start + 15 * 60_000));
});
