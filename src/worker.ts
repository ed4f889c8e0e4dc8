import { createTask, type ScheduledTask } from 'node-cron';
import { type Job } from '../jobs/job.ts';
import { type Context } from './context.ts';
import { systemNow } from './context/clock.ts';
import { isPassingDatabaseError } from './database/explain.ts';
import { clockToleranceMs } from './domain/clock-ahead.ts';
import { describeError, RollcallError } from './domain/errors.ts';
import { type Log } from './log.ts';

/** Which jobs to run, and how the worker is told to end. */
export interface WorkerOptions {
  jobs: readonly Job[];
  /** Tells the worker to end. */
  stop: AbortSignal;
  /** Ends what is still in hand, once the grace time is over. */
  endWork: (reason: Error) => void;
  /** Milliseconds that what is in hand may take to end by itself. Default 25,000. */
  graceMs?: number;
  /** Told when it takes work, and when it no longer does. */
  onReady?: (isReady: boolean) => void;
}

/** Milliseconds that what was ended may take to put itself in order. */
const endingMs = 5_000;

/**
 * Lets the clock tick and takes work from the queue, until it is told to stop; then lets what is in hand end, or ends it.
 *
 * Throws, once it has stopped, what keeps it from beginning or from going on: with the clock ticking and nothing else it
 * would live for ever and do nothing.
 */
export async function runWorker(context: Context, options: WorkerOptions): Promise<void> {
  const { jobs, stop, graceMs = 25_000, onReady = () => undefined } = options;
  const unfit = Promise.withResolvers<never>();
  // Whether anybody waits for it yet or not.
  unfit.promise.catch(() => undefined);
  const tasks = jobs.flatMap((job) => scheduleJob(context, job, unfit.reject));
  try {
    await begin(context, jobs, tasks);
  } catch (error) {
    await endAfter(error, () => end(context, tasks, { ...options, graceMs: 0 }));
  }
  onReady(true);
  try {
    await Promise.race([untilAborted(stop), unfit.promise]);
  } catch (error) {
    onReady(false);
    await endAfter(error, () => end(context, tasks, { ...options, graceMs }));
  }
  onReady(false);
  context.log.info('worker stopping');
  await end(context, tasks, { ...options, graceMs });
  context.log.info('worker stopped');
}

async function begin(context: Context, jobs: readonly Job[], tasks: readonly ScheduledTask[]): Promise<void> {
  for (const task of tasks) await task.start();
  for (const job of jobs) if (job.clock?.atStart === true) await tickFirst(context, job);
  for (const job of jobs) await takeWork(context, job);
  logStart(context, tasks);
}

/** Throws `error`; what keeps the worker from ending in order does not hide why it ends. */
async function endAfter(error: unknown, ending: () => Promise<void>): Promise<never> {
  await ending().catch(() => undefined);
  throw error;
}

/** Stops the clock, takes no more work, and lets what is in hand end within the grace time. */
async function end(
  context: Context,
  tasks: readonly ScheduledTask[],
  { jobs, endWork, graceMs }: Pick<WorkerOptions, 'jobs' | 'endWork'> & { graceMs: number },
): Promise<void> {
  for (const task of tasks) await task.destroy();
  const endWhatIsInHand = () => {
    endWork(new RollcallError('stopped', 'The worker is to stop, and its grace time is over.'));
    void context.mailer.close();
    void context.webhooks.close();
  };
  if (graceMs === 0) endWhatIsInHand();
  const grace = graceMs === 0 ? undefined : setTimeout(endWhatIsInHand, graceMs);
  try {
    await context.queue.close(graceMs + endingMs);
  } finally {
    clearTimeout(grace);
  }
  for (const job of jobs)
    await job.atEnd?.(context).catch((error: unknown) => logFailedEnd(context, job.name, error));
}

function logFailedEnd({ log }: Context, job: string, error: unknown): void {
  log.warn({ job, error: describeError(error) }, 'job not ended in order');
}

function logStart({ log, databaseDescription, mailer }: Context, tasks: readonly ScheduledTask[]): void {
  const next = Object.fromEntries(tasks.map((task) => [task.name ?? task.id, task.getNextRun()]));
  log.info({ database: databaseDescription, mail: mailer.describe, next }, 'worker started');
}

type OnUnfit = (error: unknown) => void;

function scheduleJob(context: Context, job: Job, onUnfit: OnUnfit): ScheduledTask[] {
  const schedule = job.clock?.schedule(context.config) ?? null;
  if (schedule === null) return [];
  const { expression, timezone } = schedule;
  const logger = loggerOf(context, job);
  // Late is better than not at all: a tick does what was due at its time.
  const options = { name: job.name, timezone, noOverlap: true, missedExecutionTolerance: 60_000, logger };
  const start = ({ date }: { date: Date }) => tick(context, job, { at: correct(context, date), onUnfit });
  return [createTask(expression, start, options)];
}

/** What time it was when the clock ticked: it ticks by this machine's, which may be far from the one that is followed. */
function correct({ now }: Context, date: Date): Date {
  const aheadMs = systemNow().getTime() - now().getTime();
  return Math.abs(aheadMs) > clockToleranceMs ? new Date(date.getTime() - aheadMs) : date;
}

/** What fails is logged, and the next tick tries again; unless the database is none for this version any more. */
async function tick(
  context: Context,
  job: Job,
  { at, onUnfit }: { at: Date; onUnfit: OnUnfit },
): Promise<void> {
  const log = context.log.child({ job: job.name });
  try {
    await job.clock?.tick({ ...context, log }, at);
  } catch (error) {
    if (error instanceof RollcallError && error.code === 'configuration') onUnfit(error);
    else logFailedTick(log, at, error);
  }
}

/** Throws what would fail again: only a database that is away for a moment may come back. */
async function tickFirst(context: Context, job: Job): Promise<void> {
  const log = context.log.child({ job: job.name });
  const at = context.now();
  try {
    await job.clock?.tick({ ...context, log }, at);
  } catch (error) {
    if (!isPassingDatabaseError(error)) throw error;
    logFailedTick(log, at, error);
  }
}

function logFailedTick(log: Log, at: Date, error: unknown): void {
  log.error({ at: at.toISOString(), error: describeError(error) }, 'tick failed');
}

async function takeWork(context: Context, { name, work }: Job): Promise<void> {
  if (work === undefined) return;
  const log = context.log.child({ job: name });
  await context.queue.work(work.queue, work.atOnce, async (data, taken) => {
    const signal = AbortSignal.any([context.signal, asInterruption(taken)]);
    try {
      return await work.handle({ ...context, log, signal }, data);
    } catch (error) {
      log.error({ data, error: describeError(error) }, 'job failed, to be tried again');
      return 'later';
    }
  });
}

/** Aborts when the queue has handed the job to another worker. */
function asInterruption(taken: AbortSignal): AbortSignal {
  const interruption = new AbortController();
  const onAbort = () =>
    interruption.abort(new RollcallError('stopped', 'The queue gave this job to another worker.'));
  if (taken.aborted) onAbort();
  else taken.addEventListener('abort', onAbort, { once: true });
  return interruption.signal;
}

/** What node-cron has to say, such as a tick that came too late, goes where everything else goes. */
function loggerOf({ log }: Context, job: Job) {
  const about = { job: job.name };
  return {
    info: (message: string) => log.info(about, message),
    warn: (message: string) => log.warn(about, message),
    error: (message: string | Error) =>
      log.error({ ...about, error: describeError(message) }, 'clock failed'),
    debug: (message: string | Error) => log.debug({ ...about, detail: describeError(message) }, 'clock'),
  };
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
