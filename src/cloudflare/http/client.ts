import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';
import { type Credentials } from '../../domain/credentials.ts';
import { RollcallError } from '../../domain/errors.ts';
import { type Proxies } from '../../domain/proxies.ts';
import { type RunSource } from '../../domain/run.ts';
import { readSource, type Source } from '../../domain/source.ts';
import { defaultBounds, type ListingBounds } from '../allowance.ts';
import { type Answered, exchange } from './exchange.ts';
import { createPace, type Pace } from './pace.ts';
import { nameQuestion, type Question } from './question.ts';
import { RetriesExhausted, withRetries } from './retry.ts';
import { TransientFailure } from './transient.ts';

/** Whose requests a client sends, where to, and how patiently. */
export interface ClientOptions {
  principal: string;
  /** Which list the roll is read from. Default: `organizations`. */
  source?: RunSource;
  /** Read at the first request where it is a function, which throws what is wrong with them. */
  credentials: Source<Credentials>;
  /** Up to and including `/client/v4`. */
  baseUrl: string;
  /** By which requests go. Default: none. */
  proxies?: Proxies;
  /** Ends everything under way, with its own reason. Default: never. */
  signal?: AbortSignal;
  /** Requests under way at once. Default 4. */
  concurrency?: number;
  /** Milliseconds for one exchange, body included. Default 30,000. */
  timeoutMs?: number;
  /** Tries after the first, for what a retry may mend. Default 5. */
  retries?: number;
  /** Milliseconds before the first retry; see {@link withRetries}. Default 500. */
  backoffMs?: number;
  /** Milliseconds before a listing that does not add up is read again, one for each time. Default: 2,000 and 6,000. */
  rereadPausesMs?: readonly number[];
  /** What one listing may come to. Default: a million organizations, 512 MiB. */
  bounds?: ListingBounds;
  /** Told of every request that is sent, with how many there have been: for people who wait. */
  onRequest?: (requests: number) => void;
  /** What holds requests back. Default: one of its own. */
  pace?: Pace;
}

/** How one question is asked, where that differs from the rest of its client's. */
export interface AskOptions {
  /** Tries after the first. Default: the client's. */
  retries?: number;
  /** Ends this question as well as the client's own signal does. Default: never. */
  signal?: AbortSignal;
}

/** One principal's way to the API: all its requests share one budget and are counted together. */
export interface Client {
  readonly principal: string;
  /** Which list the roll is read from. */
  readonly source: RunSource;
  /** Requests sent, and those among them that were retries. */
  readonly sent: { requests: number; retries: number };
  /** Requests under way at once. */
  readonly concurrency: number;
  readonly rereadPausesMs: readonly number[];
  /** What one listing may come to. */
  readonly bounds: ListingBounds;
  /** Waits, unless the client's signal ends it. */
  pause(waitMs: number): Promise<void>;
  /** Asks, again where that may help; throws {@link RollcallError} when there is no usable answer. */
  ask(question: Omit<Question, 'principal'>, options?: AskOptions): Promise<Answered>;
}

/** Makes a principal's way to the API. Sends nothing until it is asked, and need not be closed. */
export function createClient(options: ClientOptions): Client {
  const { principal, baseUrl, proxies, timeoutMs = 30_000, backoffMs = 500, concurrency = 4 } = options;
  const { signal: always = new AbortController().signal, pace = createPace({ reserve: concurrency }) } =
    options;
  const limit = pLimit(concurrency);
  const sent = { requests: 0, retries: 0 };
  const joined = new WeakMap<AbortSignal, AbortSignal>();
  /** One for all pages of a listing: to join two signals costs a page several percent. */
  const either = (ended: AbortSignal) => {
    const known = joined.get(ended) ?? AbortSignal.any([always, ended]);
    joined.set(ended, known);
    return known;
  };

  let read: Credentials | undefined;

  const askOnce = async (question: Question, attempt: number, signal: AbortSignal) => {
    read ??= readSource(options.credentials);
    const credentials = read;
    // In a place of its own, so that what waits for its turn keeps the others from asking too.
    await pace.turn(signal);
    signal.throwIfAborted();
    sent.requests += 1;
    options.onRequest?.(sent.requests);
    if (attempt > 1) sent.retries += 1;
    try {
      const answer = await exchange(question, {
        credentials,
        baseUrl,
        ...(proxies && { proxies }),
        timeoutMs,
        signal,
      });
      pace.heed(answer.headers);
      return answer;
    } catch (error) {
      if (error instanceof TransientFailure && error.retryAfterMs !== null) pace.holdBack(error.retryAfterMs);
      throw error;
    }
  };

  return {
    principal,
    source: options.source ?? 'organizations',
    sent,
    concurrency,
    rereadPausesMs: options.rereadPausesMs ?? [2_000, 6_000],
    bounds: options.bounds ?? defaultBounds,
    async pause(waitMs) {
      await delay(waitMs, undefined, { signal: always }).catch(() => undefined);
      always.throwIfAborted();
    },
    async ask(asked, { retries = options.retries ?? 5, signal: ended } = {}) {
      const question = { ...asked, principal };
      const signal = ended === undefined ? always : either(ended);
      try {
        const inTurn = (attempt: number) => limit(askOnce, question, attempt, signal);
        return await withRetries(inTurn, { retries, backoffMs, signal });
      } catch (error) {
        throw error instanceof RetriesExhausted ? unavailable(question, error) : error;
      }
    },
  };
}

function unavailable(question: Question, { attempts, cause }: RetriesExhausted): RollcallError {
  const tries = attempts === 1 ? 'in one try' : `in ${attempts} tries; the last`;
  const effect =
    question.method === 'GET'
      ? 'Nothing was changed; the next run tries again.'
      : 'Whether it took effect is not known: look whether the organization is still listed before asking again.';
  return new RollcallError(
    'unavailable',
    `${question.principal}: no usable answer to ${nameQuestion(question)} ${tries}: ${cause.message}. ${cause.remedy} ${effect}`,
    { cause },
  );
}
