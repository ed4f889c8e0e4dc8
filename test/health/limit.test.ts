import { expect, test } from 'vitest';
import { NoAnswer, shareWithin } from '../../src/health/limit.ts';

const anHour = 3_600_000;

test('who asks while work is under way is told the same, and the next after it is told anew', async () => {
  let works = 0;
  const ask = shareWithin(() => Promise.resolve((works += 1)), {
    timeoutMs: anHour,
    onFailure: () => undefined,
  });

  expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1]);
  expect(await ask()).toBe(2);
});

test('a failure is everybody’s who asked, and is told once', async () => {
  const failure = new Error('down');
  const told: unknown[] = [];
  const ask = shareWithin(() => Promise.reject(failure), {
    timeoutMs: anHour,
    onFailure: (error) => told.push(error),
  });

  const outcomes = await Promise.allSettled([ask(), ask()]);

  expect(outcomes).toEqual(Array(2).fill({ status: 'rejected', reason: failure }));
  expect(told).toEqual([failure]);
});

test('work that takes too long is given up, and does not stand in the way of the next', async () => {
  const told: unknown[] = [];
  const works = [() => new Promise<string>(() => undefined), () => Promise.resolve('back')];
  const ask = shareWithin(() => works.shift()?.() ?? Promise.resolve('too often'), {
    timeoutMs: 20,
    onFailure: (error) => told.push(error),
  });

  await expect(ask()).rejects.toThrow('no answer within 0.02 s');
  expect(told).toEqual([expect.any(NoAnswer)]);
  expect(await ask()).toBe('back');
});

test('work that throws at once fails like any other', async () => {
  const ask = shareWithin(
    () => {
      throw new Error('at once');
    },
    { timeoutMs: anHour, onFailure: () => undefined },
  );

  await expect(ask()).rejects.toThrow('at once');
});
