import { type Credentials, secretOf } from '../../domain/credentials.ts';
import { RollcallError } from '../../domain/errors.ts';
import { noProxies, type Proxies } from '../../domain/proxies.ts';
import { type AnswerHeaders, describeBody, isWebPage, parseJson } from './body.ts';
import { challengeOf } from './challenge.ts';
import { DeadlinePassed, withDeadline } from './deadline.ts';
import { codesOf, describeProblems, readVerdict } from './envelope.ts';
import { networkFailure } from './network-failure.ts';
import { findProxyRefusal, proxyRefusal, proxyRemedy } from './proxy-failure.ts';
import { type Question } from './question.ts';
import { refusal } from './refusal.ts';
import { addressOf, headersFor } from './request.ts';
import { transfer, type Transferred } from './transfer.ts';
import { parseRetryAfter, TransientFailure, type TransientOptions } from './transient.ts';
import { findWay } from './way.ts';

/** Whose credentials to ask with, where the API is, and what ends the exchange. */
export interface ExchangeOptions {
  credentials: Credentials;
  baseUrl: string;
  /** By which requests go. Default: none. */
  proxies?: Proxies;
  /** Milliseconds for the whole exchange, body included. */
  timeoutMs: number;
  /** Ends the exchange early, with its own reason. */
  signal: AbortSignal;
}

/** What came back with a 2xx: JSON that does not say it failed. */
export interface Answered {
  body: unknown;
  /** Of the body. */
  bytes: number;
  headers: AnswerHeaders;
}

/**
 * Asks once. Throws {@link TransientFailure} for what another try may mend (408, 429, 5xx, the network, a deadline, a
 * challenge, a web page under 403, a body that is not JSON, `success: false` under 200), and the principal's refusal for
 * everything final.
 */
export async function exchange(question: Question, options: ExchangeOptions): Promise<Answered> {
  const { status, headers, text, bytes } = await send(question, options);
  const body = parseJson(text);
  const challenge = body === undefined ? challengeOf({ status, headers, text }) : null;
  if (challenge !== null) throw challenge;
  const { failed, problems } = readVerdict(body);
  const said = describeProblems(problems, secretOf(options.credentials));
  const codes = codesOf(problems);
  const outcome = said === '' ? String(status) : `${status} (${said})`;
  if (isPassing(status) && !codes.includes(lockedOut)) {
    throw new TransientFailure(outcome, passingOptions(status, headers));
  }
  if (status < 200 || status >= 300) {
    const { credentials } = options;
    throw refusal(question, { status, said, codes, credentials, isWebPage: isWebPage(text, headers) });
  }
  if (body === undefined) throw new TransientFailure(`${status} with ${describeBody(text, headers)}`);
  if (failed) throw new TransientFailure(`${outcome} with "success": false`);
  return { body, bytes, headers };
}

/** Too many attempts with wrong credentials; each further one prolongs it. */
const lockedOut = 10502;

function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

function passingOptions(status: number, headers: AnswerHeaders): TransientOptions {
  const retryAfterMs = parseRetryAfter(headers.get('retry-after'));
  if (status !== 429) return { retryAfterMs };
  const remedy =
    'Cloudflare allows a user 1,200 requests in five minutes, over the dashboard and every tool together: see what ' +
    'else works as this user.';
  return { retryAfterMs, remedy };
}

async function send(question: Question, options: ExchangeOptions): Promise<Transferred> {
  const address = addressOf(question, options.baseUrl);
  const headers = headersFor(question, options.credentials);
  const { method } = question;
  const { agent, proxy } = findWay(address, options.proxies ?? noProxies);
  const request = { method, headers, agent, ...(method === 'DELETE' ? { body: '{}' } : {}) };
  try {
    const answer = await withDeadline((signal) => transfer(address, { ...request, signal }), options);
    if (proxy !== null && answer.status === 407) throw proxyRefusal(question, proxy, 407);
    return answer;
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof TransientFailure || error instanceof RollcallError) throw error;
    if (error instanceof DeadlinePassed) {
      throw new TransientFailure(error.message, { remedy: proxy === null ? slowRemedy : proxyRemedy(proxy) });
    }
    const refused = findProxyRefusal(error);
    if (proxy !== null && refused !== null) throw proxyRefusal(question, proxy, refused);
    throw networkFailure(error, proxy);
  }
}

const slowRemedy =
  "Either Cloudflare is slow (see www.cloudflarestatus.com), or something on this machine's way to it.";
