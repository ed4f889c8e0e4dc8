/** What is known of a failure besides its text. */
export interface TransientOptions {
  /** What the server asked to wait, in milliseconds. Default `null`: it did not say, or said something absurd. */
  retryAfterMs?: number | null;
  /** What a person can do should it not pass. Default: look whether Cloudflare has trouble. */
  remedy?: string;
}

/** An answer that another try may mend; what it says is for the one line that is written when no try did. */
export class TransientFailure extends Error {
  override readonly name = 'TransientFailure';
  readonly retryAfterMs: number | null;
  readonly remedy: string;

  constructor(message: string, options: TransientOptions = {}) {
    super(message);
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.remedy = options.remedy ?? "This is on Cloudflare's side: see www.cloudflarestatus.com.";
  }
}

/** Cloudflare locks a user out for five minutes; a wait beyond this is not one it means. */
export const longestWaitMs = 6 * 60_000;

/**
 * The wait that a `Retry-After` header asks for, in milliseconds. Cloudflare sends whole seconds; anything that is
 * not a number from 0 to 360 counts as absent, so that a broken header cannot stop a night.
 */
export function parseRetryAfter(header: string | null): number | null {
  if (header === null || !/^\d+$/.test(header.trim())) return null;
  const waitMs = Number(header) * 1000;
  return waitMs <= longestWaitMs ? waitMs : null;
}
