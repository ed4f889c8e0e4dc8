import pRetry from 'p-retry';
import { TransientFailure } from './transient.ts';

/** How often to try again, how long to wait in between, and what ends it. */
export interface RetryOptions {
  /** Tries after the first. */
  retries: number;
  /** Milliseconds before the second try, doubled before each further one up to 30 s, and spread at random. */
  backoffMs: number;
  signal: AbortSignal;
}

/** Thrown when the last try failed too; `cause` is what that one met. */
export class RetriesExhausted extends Error {
  override readonly name = 'RetriesExhausted';
  override readonly cause: TransientFailure;
  readonly attempts: number;

  constructor(attempts: number, last: TransientFailure) {
    super(last.message);
    this.cause = last;
    this.attempts = attempts;
  }
}

/**
 * Calls `ask` again while it throws {@link TransientFailure}, backing off in between. `attempt` counts from 1.
 * Throws {@link RetriesExhausted}, whatever else `ask` throws, or the signal's reason.
 */
export async function withRetries<T>(
  ask: (attempt: number) => Promise<T>,
  { retries, backoffMs, signal }: RetryOptions,
): Promise<T> {
  try {
    return await pRetry(ask, {
      retries,
      minTimeout: backoffMs,
      maxTimeout: 30_000,
      randomize: true,
      signal,
      shouldRetry: ({ error }) => error instanceof TransientFailure,
    });
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof TransientFailure ? new RetriesExhausted(retries + 1, error) : error;
  }
}
