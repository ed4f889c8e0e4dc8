import { setTimeout as delay } from 'node:timers/promises';
import pRetry from 'p-retry';
import { TransientFailure } from './transient.ts';

export interface RetryOptions {
  /** Tries after the first. */
  retries: number;
  /** Milliseconds before the second try, doubled before each further one and spread at random. */
  backoffMs: number;
  signal: AbortSignal;
  onRetry?: () => void;
}

/** Thrown when the last try failed too; `cause` is what that one met. */
export class RetriesExhausted extends Error {
  override readonly name = 'RetriesExhausted';
  readonly attempts: number;

  constructor(attempts: number, last: TransientFailure) {
    super(last.message, { cause: last });
    this.attempts = attempts;
  }
}

/**
 * Calls `ask` again while it throws {@link TransientFailure}, waiting as long as the server asks or else backing off.
 * Throws {@link RetriesExhausted}, whatever else `ask` throws, or the signal's reason.
 */
export async function withRetries<T>(ask: () => Promise<T>, options: RetryOptions): Promise<T> {
  try {
    return await pRetry(ask, {
      retries: options.retries,
      minTimeout: options.backoffMs,
      maxTimeout: 30_000,
      randomize: true,
      signal: options.signal,
      shouldRetry: ({ error }) => error instanceof TransientFailure,
      onFailedAttempt: async ({ error, retriesLeft, retryDelay }) => {
        if (!(error instanceof TransientFailure) || retriesLeft === 0) return;
        options.onRetry?.();
        const asked = (error.retryAfterMs ?? 0) - retryDelay;
        if (asked > 0) await delay(asked, undefined, { signal: options.signal });
      },
    });
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof TransientFailure) throw new RetriesExhausted(options.retries + 1, error);
    throw error;
  }
}
