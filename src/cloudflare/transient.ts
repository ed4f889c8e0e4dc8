/** An answer that another try may mend; what it says is for the one line that is written when no try did. */
export class TransientFailure extends Error {
  override readonly name = 'TransientFailure';
  /** What the server asked to wait, in milliseconds; `null` when it did not say, or said something absurd. */
  readonly retryAfterMs: number | null;

  constructor(message: string, retryAfterMs: number | null = null) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Cloudflare locks a user out for five minutes; a wait beyond this is not one it means. */
const longestWaitMs = 6 * 60_000;

/**
 * The wait that a `Retry-After` header asks for, in milliseconds. Cloudflare sends whole seconds; anything that is
 * not a number from 0 to 360 counts as absent, so that a broken header cannot stop a night.
 */
export function parseRetryAfter(header: string | null): number | null {
  if (header === null || !/^\d+$/.test(header.trim())) return null;
  const waitMs = Number(header) * 1000;
  return waitMs <= longestWaitMs ? waitMs : null;
}
