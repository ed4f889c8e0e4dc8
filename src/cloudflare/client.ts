import pLimit from 'p-limit';
import { type Credentials } from '../domain/credentials.ts';
import { RollcallError } from '../domain/errors.ts';
import { exchange, type Answer } from './exchange.ts';
import { type Question } from './refusal.ts';
import { RetriesExhausted, withRetries } from './retry.ts';

export interface ClientOptions {
  principal: string;
  credentials: Credentials;
  /** Up to and including `/client/v4`. */
  baseUrl: string;
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
}

/** One principal's way to the API: all its requests share one budget and are counted together. */
export interface Client {
  readonly principal: string;
  /** Requests sent, and those among them that were retries. */
  readonly sent: { requests: number; retries: number };
  /** Asks, again where that may help; throws {@link RollcallError} when there is no usable answer. */
  ask(question: Omit<Question, 'principal'>, retries?: number): Promise<Answer>;
}

export function createClient(options: ClientOptions): Client {
  const { principal, timeoutMs = 30_000, backoffMs = 500, signal = new AbortController().signal } = options;
  const limit = pLimit(options.concurrency ?? 4);
  const sent = { requests: 0, retries: 0 };

  const askOnce = (question: Question) =>
    limit(() => {
      signal.throwIfAborted();
      sent.requests += 1;
      return exchange(question, {
        credentials: options.credentials,
        baseUrl: options.baseUrl,
        timeoutMs,
        signal,
      });
    });

  return {
    principal,
    sent,
    async ask(asked, retries = options.retries ?? 5) {
      const question = { ...asked, principal };
      try {
        const onRetry = () => void (sent.retries += 1);
        return await withRetries(() => askOnce(question), { retries, backoffMs, signal, onRetry });
      } catch (error) {
        throw error instanceof RetriesExhausted ? unavailable(question, error) : error;
      }
    },
  };
}

function unavailable(question: Question, error: RetriesExhausted): RollcallError {
  const page = question.query?.['page'] === undefined ? '' : ` (page ${question.query['page']})`;
  const tries = error.attempts === 1 ? 'in one try' : `in ${error.attempts} tries`;
  return new RollcallError(
    'unavailable',
    `${question.principal}: no usable answer to ${question.method} ${question.path}${page} ${tries}; ` +
      `the last was: ${error.message}. Nothing was changed; the next run tries again.`,
    { cause: error },
  );
}
