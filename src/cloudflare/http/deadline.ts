/** The reason with which {@link withDeadline} ends work that took too long. */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';

  constructor(timeoutMs: number) {
    super(`no whole answer within ${timeoutMs / 1000} s`);
  }
}

/**
 * Does `work` under a signal that ends it when `signal` does, or with {@link DeadlinePassed} when `timeoutMs` are over.
 * Leaves neither timer nor listener behind: a long listing would gather thousands of `AbortSignal.timeout`.
 */
export async function withDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<T> {
  signal.throwIfAborted();
  const end = new AbortController();
  const follow = () => end.abort(signal.reason);
  const timer = setTimeout(() => end.abort(new DeadlinePassed(timeoutMs)), timeoutMs);
  signal.addEventListener('abort', follow, { once: true });
  try {
    return await work(end.signal);
  } catch (error) {
    // Whatever the work makes of being ended, the reason is what its caller needs.
    end.signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', follow);
  }
}
