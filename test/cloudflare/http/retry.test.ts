import { describe, expect, it } from 'vitest';
import { RetriesExhausted, withRetries } from '../../../src/cloudflare/http/retry.ts';
import { TransientFailure } from '../../../src/cloudflare/http/transient.ts';

const never = new AbortController().signal;
const fails = (message: string) => Promise.reject(new TransientFailure(message));

describe('retries', () => {
  it('tell each try which one it is', async () => {
    const attempts: number[] = [];
    const ask = (attempt: number) => (attempts.push(attempt) < 3 ? fails('again') : Promise.resolve('done'));
    expect(await withRetries(ask, { retries: 5, backoffMs: 1, signal: never })).toBe('done');
    expect(attempts).toEqual([1, 2, 3]);
  });

  it('end with what the last try met', async () => {
    const ask = (attempt: number) => fails(`try ${attempt}`);
    const error: unknown = await withRetries(ask, { retries: 2, backoffMs: 1, signal: never }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(RetriesExhausted);
    expect(error).toMatchObject({ attempts: 3, message: 'try 3', cause: { name: 'TransientFailure' } });
  });

  it.each([new Error('a bug'), new TypeError('fetch failed'), new TypeError('x is not a function')])(
    'are not made for what is no passing failure: %s',
    async (bug) => {
      let attempts = 0;
      const ask = () => {
        attempts += 1;
        return Promise.reject(bug);
      };
      await expect(withRetries(ask, { retries: 5, backoffMs: 1, signal: never })).rejects.toBe(bug);
      expect(attempts).toBe(1);
    },
  );

  it('end with the signal in the wait between two tries', async () => {
    const stop = new AbortController();
    const reason = new Error('told to end');
    const ask = () => {
      setImmediate(() => stop.abort(reason));
      return fails('again');
    };
    await expect(withRetries(ask, { retries: 5, backoffMs: 600_000, signal: stop.signal })).rejects.toBe(
      reason,
    );
  });
});
