import { type Credentials, secretOf } from '../domain/credentials.ts';
import { describeError } from '../domain/errors.ts';
import { describeProblem, envelopeSchema, type Problem } from './envelope.ts';
import { refusal, type Question } from './refusal.ts';
import { TransientFailure, parseRetryAfter } from './transient.ts';

export interface ExchangeOptions {
  credentials: Credentials;
  baseUrl: string;
  /** Milliseconds for the whole exchange, body included. */
  timeoutMs: number;
  /** Ends the exchange early, with its own reason. */
  signal: AbortSignal;
}

/** What came back with a 2xx: JSON that does not say it failed. */
export interface Answer {
  body: unknown;
  headers: Headers;
}

/**
 * Asks once. Throws {@link TransientFailure} for what another try may mend (408, 429, 5xx, the network, a deadline,
 * a body that is not JSON, `success: false` under 200), and the principal's refusal for everything final.
 */
export async function exchange(question: Question, options: ExchangeOptions): Promise<Answer> {
  const { response, text } = await fetchWhole(question, options);
  const problems = readProblems(text, secretOf(options.credentials).reveal());
  if (response.status === 408 || response.status === 429 || response.status >= 500) {
    throw new TransientFailure(
      describeStatus(response, problems),
      parseRetryAfter(response.headers.get('retry-after')),
    );
  }
  if (!response.ok)
    throw refusal(question, { status: response.status, problems, credentials: options.credentials });
  const body = parseJson(text, response);
  if (envelopeSchema.safeParse(body).data?.success === false) {
    throw new TransientFailure(`${describeStatus(response, problems)} with "success": false`);
  }
  return { body, headers: response.headers };
}

async function fetchWhole(
  question: Question,
  options: ExchangeOptions,
): Promise<{ response: Response; text: string }> {
  const deadline = AbortSignal.timeout(options.timeoutMs);
  try {
    const response = await fetch(addressOf(question, options.baseUrl), {
      method: question.method,
      headers: headersFor(options.credentials),
      // A redirect would carry the key to wherever it points.
      redirect: 'manual',
      signal: AbortSignal.any([options.signal, deadline]),
      ...(question.method === 'DELETE' ? { body: '{}' } : {}),
    });
    return { response, text: await response.text() };
  } catch (error) {
    options.signal.throwIfAborted();
    if (deadline.aborted) throw new TransientFailure(`no whole answer within ${options.timeoutMs / 1000} s`);
    throw new TransientFailure(`the connection failed: ${describeError(error)}`);
  }
}

function addressOf(question: Question, baseUrl: string): URL {
  const url = new URL(baseUrl.replace(/\/+$/, '') + question.path);
  for (const [name, value] of Object.entries(question.query ?? {})) url.searchParams.set(name, String(value));
  return url;
}

function headersFor(credentials: Credentials): Record<string, string> {
  const common = { accept: 'application/json', 'content-type': 'application/json', 'user-agent': 'rollcall' };
  return credentials.kind === 'token'
    ? { ...common, authorization: `Bearer ${credentials.token.reveal()}` }
    : { ...common, 'x-auth-email': credentials.email, 'x-auth-key': credentials.key.reveal() };
}

/** The API's own account of what went wrong, with the secret taken out should it be echoed. */
function readProblems(text: string, secret: string): Problem[] {
  try {
    return envelopeSchema.safeParse(JSON.parse(text.replaceAll(secret, '[secret]'))).data?.errors ?? [];
  } catch {
    return [];
  }
}

function parseJson(text: string, response: Response): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TransientFailure(
      `${response.status} with ${describeBody(text, response)} instead of whole JSON`,
    );
  }
}

function describeStatus(response: Response, problems: readonly Problem[]): string {
  const [first] = problems;
  return first === undefined ? String(response.status) : `${response.status} (${describeProblem(first)})`;
}

function describeBody(text: string, response: Response): string {
  if (text.trim() === '') return 'an empty body';
  const isHtml =
    response.headers.get('content-type')?.includes('html') === true || text.trimStart().startsWith('<');
  return isHtml ? 'an HTML page' : `a body of ${text.length} characters that breaks off`;
}
