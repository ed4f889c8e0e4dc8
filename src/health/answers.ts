import { codeOf } from '../database/explain.ts';
import { NoAnswer, shareWithin } from './limit.ts';
import { type Metrics } from './metrics.ts';
import { type Fitness } from './probe.ts';

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
  /** Whether the database is one to work with. Rejects when it does not answer. */
  probe: () => Promise<Fitness>;
  metrics: Metrics;
  readiness: () => Readiness;
  /** Since when no round of the watchdog has ended, though one should have; `null` while they end as they should. */
  stuckSince: () => Date | null;
  /** Milliseconds that the probe may take. Default 2,000. */
  probeTimeoutMs?: number;
  /** Milliseconds that a scrape may take. Default 5,000. */
  scrapeTimeoutMs?: number;
  /**
   * Told why `path` answers that something failed, once when it begins to. The answer says no more than a code, since an
   * error may quote what strangers must not read. Default: nobody is told.
   */
  onFailure?: (path: string, error: unknown) => void;
  /** Told once when `path` answers again as it should. Default: nobody is told. */
  onRecovery?: (path: string) => void;
}

/** What the worker answers to GET, by path. */
export type Answers = ReadonlyMap<string, () => Answer | Promise<Answer>>;

/** Makes the answers of `/healthz`, `/readyz` and `/metrics`. They never reject: what fails is answered with 503. */
export function createAnswers(sources: HealthSources): Answers {
  const { readiness, stuckSince, metrics } = sources;
  const probe = shareWithin(sources.probe, {
    timeoutMs: sources.probeTimeoutMs ?? 2_000,
    ...tellTurns<Fitness>('/readyz', sources, findLack),
  });
  const scrape = shareWithin(() => metrics.scrape(), {
    timeoutMs: sources.scrapeTimeoutMs ?? 5_000,
    ...tellTurns<string>('/metrics', sources, () => null),
  });
  const answerReady = async (): Promise<Answer> => {
    const status = readiness();
    if (status !== 'ready') return asJson(503, { status, reason: reasons[status] });
    return answerFitness({
      ...(await probe().then(describeFitness, noFitness)),
      ...describeWork(stuckSince()),
    });
  };
  const answerMetrics = (body: string) => ({ status: 200, contentType: metrics.contentType, body });
  return new Map<string, () => Answer | Promise<Answer>>([
    // Asks nobody: a database that is away is no reason to kill the process, which waits for it.
    ['/healthz', () => asJson(200, { status: 'ok' })],
    ['/readyz', answerReady],
    ['/metrics', () => scrape().then(answerMetrics, answerNoMetrics)],
  ]);
}

type Ears = Pick<HealthSources, 'onFailure' | 'onRecovery'>;

/** Tells of the first of failures in a row, and of the first success after them: probes come every few seconds. */
function tellTurns<T>(
  path: string,
  { onFailure = () => undefined, onRecovery = () => undefined }: Ears,
  findFault: (found: T) => Error | null,
) {
  let isFailing = false;
  const fail = (error: unknown) => {
    if (!isFailing) onFailure(path, error);
    isFailing = true;
  };
  return {
    onFailure: fail,
    onSuccess: (found: T) => {
      const fault = findFault(found);
      if (fault !== null) {
        fail(fault);
        return;
      }
      if (isFailing) onRecovery(path);
      isFailing = false;
    },
  };
}

/** What the database answers and yet would not do. */
function findLack(fitness: Fitness): Error | null {
  const { database, queue } = describeFitness(fitness);
  if (database !== 'ok') return new Error(`the database ${database}`);
  return queue === 'ok' ? null : new Error(`the queue ${queue}`);
}

function answerNoMetrics(error: unknown): Answer {
  return asText(503, `The metrics could not be read from the database: ${describeFailure(error)}.`);
}

const reasons: Readonly<Record<Exclude<Readiness, 'ready'>, string>> = {
  starting: 'The worker is about to start and takes no work yet.',
  stopping: 'The worker was told to stop and takes no more work.',
};

/** What the work needs, each as `ok` or what is the matter with it. */
interface Parts {
  database: string;
  queue: string;
  work: string;
}

function describeFitness({ takesChanges, hasQueue }: Fitness): Pick<Parts, 'database' | 'queue'> {
  return {
    database: takesChanges ? 'ok' : 'takes no changes',
    queue: hasQueue ? 'ok' : 'is not there',
  };
}

function noFitness(error: unknown): Pick<Parts, 'database' | 'queue'> {
  return { database: describeFailure(error), queue: 'not looked at' };
}

function describeWork(stuckSince: Date | null): Pick<Parts, 'work'> {
  return { work: stuckSince === null ? 'ok' : `no round of the watchdog since ${stuckSince.toISOString()}` };
}

function answerFitness(parts: Parts): Answer {
  const isFit = Object.values(parts).every((part) => part === 'ok');
  return isFit ? asJson(200, { status: 'ready', ...parts }) : asJson(503, { status: 'failing', ...parts });
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
