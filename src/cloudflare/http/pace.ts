import { setTimeout as delay } from 'node:timers/promises';
import { type AnswerHeaders } from './body.ts';
import { longestWaitMs } from './transient.ts';

/** When the next request may go. Cloudflare's limit is the user's, so what one request learns holds for all. */
export interface Pace {
  /** Holds every request back for so long from now, unless a longer wait is already due. */
  holdBack(waitMs: number): void;
  /**
   * Slows down when the `Ratelimit` header of an answer says that little is left of a window, so that it lasts until
   * the window ends, and stops until then when all but the reserve is used.
   */
  heed(headers: AnswerHeaders): void;
  /** Resolves when a request may go; rejects when the signal ends. */
  turn(signal: AbortSignal): Promise<void>;
}

/** How much of Cloudflare's limit to leave to others, and the clock and timer to go by. */
export interface PaceOptions {
  /** Requests of a window left to others: those under way when the header came. Default 4. */
  reserve?: number;
  /** Requests left in a window below which the pace slows down. Default 50. */
  slowBelow?: number;
  /** Milliseconds that only grow. Default: `performance.now`. */
  now?: () => number;
  /** Default: a timer. */
  wait?: (waitMs: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Makes a pace that holds nothing back until it is told to. `heed` does not believe a window that ends in more than
 * six minutes.
 */
export function createPace(options: PaceOptions = {}): Pace {
  const { reserve = 4, slowBelow = 50, now = () => performance.now() } = options;
  const wait = options.wait ?? ((waitMs, signal) => delay(waitMs, undefined, { signal }));
  let resumesAt = -Infinity;
  const holdBack = (waitMs: number) => void (resumesAt = Math.max(resumesAt, now() + waitMs));
  return {
    holdBack,
    heed(headers) {
      for (const { remaining, resetMs } of parseRateLimit(headers.get('ratelimit'))) {
        if (resetMs > longestWaitMs) continue;
        if (remaining < reserve) holdBack(resetMs);
        // As many as the reserve go at a time: what is left is spread over what is left of the window.
        else if (remaining < slowBelow) holdBack((reserve * resetMs) / remaining);
      }
    },
    async turn(signal) {
      for (let left = resumesAt - now(); left > 0; left = resumesAt - now())
        await wait(Math.ceil(left), signal);
    },
  };
}

/** Reads `"default";r=50;t=30`, one or several separated by commas; what does not look so says nothing. */
function parseRateLimit(header: string | null): { remaining: number; resetMs: number }[] {
  const limits = (header ?? '').matchAll(/;\s*r=(\d+)\s*;\s*t=(\d+)/g);
  return [...limits].map(([, r, t]) => ({ remaining: Number(r), resetMs: Number(t) * 1000 }));
}
