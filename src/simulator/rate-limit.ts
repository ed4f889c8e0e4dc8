import { type Answer, type ApiError, refused } from './answers.ts';

/** How many requests go into a window of how many seconds. Cloudflare documents 1,200 in 300. */
export interface RateLimitOptions {
  /** Requests of one principal in a window; the next one starts a penalty of a whole window. */
  requests: number;
  windowSeconds: number;
}

/** What a request meets: headers for every answer, and the refusal when there were too many. */
export interface Allowance {
  readonly headers: Readonly<Record<string, string>>;
  readonly refusal: Answer | null;
}

interface Window {
  used: number;
  endsMs: number;
  isPenalty: boolean;
}

/** What stands in the body of a 429. */
export const tooManyRequests: ApiError = {
  code: 971,
  message: 'Please wait and consider throttling your request speed',
};

const documented: RateLimitOptions = { requests: 1200, windowSeconds: 300 };

/**
 * Cloudflare's limit: so many requests of one user in a window, and beyond it every call refused for the next one.
 * Without a limit the headers are there all the same, and say that nothing was used.
 */
export class RateLimit {
  readonly #limit: RateLimitOptions | null;
  readonly #now: () => number;
  readonly #windows = new Map<string, Window>();

  constructor(limit: RateLimitOptions | null, now: () => number) {
    this.#limit = limit;
    this.#now = now;
  }

  /** Counts one request of one user. A caller without a name is not counted. */
  count(user: string | null): Allowance {
    const limit = this.#limit ?? documented;
    if (user === null || this.#limit === null) {
      return { headers: headersOf(limit, limit.requests, limit.windowSeconds), refusal: null };
    }
    const window = this.#use(user, limit);
    const seconds = Math.ceil((window.endsMs - this.#now()) / 1000);
    const left = window.isPenalty ? 0 : limit.requests - window.used;
    const headers = headersOf(limit, left, seconds);
    if (!window.isPenalty) return { headers, refusal: null };
    return {
      headers,
      refusal: { ...refused(429, tooManyRequests), headers: { 'retry-after': String(seconds) } },
    };
  }

  #use(user: string, limit: RateLimitOptions): Window {
    const now = this.#now();
    const endsMs = now + limit.windowSeconds * 1000;
    let window = this.#windows.get(user);
    if (window === undefined || now >= window.endsMs) window = { used: 0, endsMs, isPenalty: false };
    window.used += 1;
    if (window.used > limit.requests && !window.isPenalty) window = { ...window, endsMs, isPenalty: true };
    this.#windows.set(user, window);
    return window;
  }
}

function headersOf(limit: RateLimitOptions, left: number, seconds: number): Record<string, string> {
  return {
    ratelimit: `"default";r=${left};t=${seconds}`,
    'ratelimit-policy': `"default";q=${limit.requests};w=${limit.windowSeconds}`,
  };
}
