import { describe, expect, it } from 'vitest';
import { createPace, type Pace } from '../../../src/cloudflare/http/pace.ts';
import { parseRetryAfter } from '../../../src/cloudflare/http/transient.ts';

const never = new AbortController().signal;

/** A pace by a clock that only its own waiting moves, and what it waited. */
function pacedByHand(): { pace: Pace; waits: number[]; pass: (ms: number) => void } {
  let nowMs = 0;
  const waits: number[] = [];
  const wait = (waitMs: number) => {
    waits.push(waitMs);
    nowMs += waitMs;
    return Promise.resolve();
  };
  return { pace: createPace({ now: () => nowMs, wait }), waits, pass: (ms) => void (nowMs += ms) };
}

const rateLimit = (value: string) => new Headers({ ratelimit: value });

describe('the pace', () => {
  it('lets requests go at once while nothing holds them back', async () => {
    const { pace, waits } = pacedByHand();
    await pace.turn(never);
    expect(waits).toEqual([]);
  });

  it('holds every request back for as long as the longest wait that was asked, and then no more', async () => {
    const { pace, waits } = pacedByHand();
    pace.holdBack(5_000);
    pace.holdBack(1_000);
    await pace.turn(never);
    await pace.turn(never);
    expect(waits).toEqual([5_000]);
  });

  it('waits on when a longer wait is asked meanwhile', async () => {
    const waits: number[] = [];
    let nowMs = 0;
    const pace = createPace({
      now: () => nowMs,
      wait: (waitMs) => {
        if (waits.length === 0) pace.holdBack(3_000);
        waits.push(waitMs);
        nowMs += waitMs;
        return Promise.resolve();
      },
    });
    pace.holdBack(1_000);
    await pace.turn(never);
    expect(waits).toEqual([1_000, 2_000]);
  });

  it('slows down as a window runs low, so that what is left lasts until it ends', async () => {
    const { pace, waits } = pacedByHand();
    pace.heed(rateLimit('"default";r=50;t=30'));
    await pace.turn(never);
    for (const [left, seconds] of [
      [40, 30],
      [20, 15],
      [8, 6],
    ]) {
      pace.heed(rateLimit(`"default";r=${left};t=${seconds}`));
      await pace.turn(never);
    }
    expect(waits).toEqual([3_000, 3_000, 3_000]);
  });

  it('holds requests back until the window ends when all but a few of it are used', async () => {
    const { pace, waits, pass } = pacedByHand();
    pace.heed(rateLimit('"burst";r=50;t=10, "default";r=3;t=30'));
    pass(10_000);
    await pace.turn(never);
    expect(waits).toEqual([20_000]);
  });

  it.each(['', 'default', '"default";r=0', '"default";r=0;t=86400', '"default";r=-1;t=5', 'r=0, t=5'])(
    'makes nothing of the absurd header %j',
    async (value) => {
      const { pace, waits } = pacedByHand();
      pace.heed(rateLimit(value));
      await pace.turn(never);
      expect(waits).toEqual([]);
    },
  );

  it('makes nothing of an answer without the header', async () => {
    const { pace, waits } = pacedByHand();
    pace.heed(new Headers());
    await pace.turn(never);
    expect(waits).toEqual([]);
  });

  it('ends with the signal', async () => {
    const pace = createPace();
    pace.holdBack(300_000);
    const stop = new AbortController();
    const turn = pace.turn(stop.signal);
    stop.abort();
    await expect(turn).rejects.toThrow();
  });
});

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    ['7', 7_000],
    [' 300 ', 300_000],
    ['360', 360_000],
  ])('of %j is a wait in seconds', (header, waitMs) => {
    expect(parseRetryAfter(header)).toBe(waitMs);
  });

  it.each([
    null,
    '',
    '361',
    '-1',
    '1.5',
    '1e2',
    'soon',
    '99999999999999999999',
    'Wed, 21 Oct 2026 07:28:00 GMT',
  ])('of %j counts as absent', (header) => {
    expect(parseRetryAfter(header)).toBeNull();
  });
});
