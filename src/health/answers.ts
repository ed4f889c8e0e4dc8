import { codeOf } from '../database/explain.ts';
import { NoAnswer, shareWithin } from './limit.ts';
import { type Metrics } from './metrics.ts';

/** What is sent back to a GET; to a HEAD, without the body. */
export interface Answer {
  status: number;
  contentType: string;
  body: string;
}

/** Whether the worker takes work, and if not, whether it will or no longer does. */
export type Readiness = 'starting' | 'ready' | 'stopping';

/** What the answers are made of. */
export interface HealthSources {
  /** Rejects when the database does not answer. */
  probe: () => Promise<unknown>;
  metrics: Metrics;
  readiness: () => Readiness;
  /** Milliseconds that the probe may take. Default 2,000. */
  probeTimeoutMs?: number;
  /** Milliseconds that a scrape may take. Default 5,000. */
  scrapeTimeoutMs?: number;
  /**
   * Told why `path` answers that something failed. The answer says no more than a code, since an error may quote what
   * strangers must not read. Default: nobody is told.
   */
  onFailure?: (path: string, error: unknown) => void;
}

/** What the worker answers to GET, by path. */
export type Answers = ReadonlyMap<string, () => Answer | Promise<Answer>>;

/** Makes the answers of `/healthz`, `/readyz` and `/metrics`. They never reject: what fails is answered with 503. */
export function createAnswers(sources: HealthSources): Answers {
  const { readiness, metrics, onFailure = () => undefined } = sources;
  const probe = shareWithin(sources.probe, {
    timeoutMs: sources.probeTimeoutMs ?? 2_000,
    onFailure: (error) => onFailure('/healthz', error),
  });
  const scrape = shareWithin(() => metrics.scrape(), {
    timeoutMs: sources.scrapeTimeoutMs ?? 5_000,
    onFailure: (error) => onFailure('/metrics', error),
  });
  const answerMetrics = (body: string) => ({ status: 200, contentType: metrics.contentType, body });
  return new Map<string, () => Answer | Promise<Answer>>([
    ['/healthz', () => probe().then(answerHealthy, answerUnhealthy)],
    ['/readyz', () => answerReadiness(readiness())],
    ['/metrics', () => scrape().then(answerMetrics, answerNoMetrics)],
  ]);
}

function answerHealthy(): Answer {
  return asJson(200, { status: 'ok', process: 'ok', database: 'ok' });
}

function answerUnhealthy(error: unknown): Answer {
  return asJson(503, { status: 'failing', process: 'ok', database: describeFailure(error) });
}

function answerNoMetrics(error: unknown): Answer {
  return asText(503, `The metrics could not be read from the database: ${describeFailure(error)}.`);
}

const reasons: Readonly<Record<Readiness, string>> = {
  starting: 'The worker is about to start and takes no work yet.',
  ready: 'The worker takes work.',
  stopping: 'The worker was told to stop and takes no more work.',
};

function answerReadiness(status: Readiness): Answer {
  return asJson(status === 'ready' ? 200 : 503, { status, reason: reasons[status] });
}

/** The error's code at most: its text may hold a host, a user or a whole URL. */
function describeFailure(error: unknown): string {
  if (error instanceof NoAnswer) return error.message;
  const code = codeOf(error);
  return /^\w{1,40}$/.test(code) ? `failed (${code})` : 'failed';
}

function asJson(status: number, value: Readonly<Record<string, string>>): Answer {
  return { status, contentType: 'application/json; charset=utf-8', body: `${JSON.stringify(value)}\n` };
}

/** An answer for people. */
export function asText(status: number, line: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${line}\n` };
}
