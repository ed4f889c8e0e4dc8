import { createTask, type ScheduledTask } from 'node-cron';
import { type Job } from '../jobs/job.ts';
import { type Context } from './context.ts';
import { describeError, RollcallError } from './domain/errors.ts';

export interface WorkerOptions {
  jobs: readonly Job[];
  /** Tells the worker to end. */
  stop: AbortSignal;
  /** Ends what is still in hand, once the grace time is over. */
  endWork: (reason: Error) => void;
  /** Milliseconds that what is in hand may take to end by itself. Default 25,000. */
  graceMs?: number;
}

/** Runs each job when it is due, until it is told to stop; then lets what is in hand end, or ends it. */
export async function runWorker(
  context: Context,
  { jobs, stop, endWork, graceMs = 25_000 }: WorkerOptions,
): Promise<void> {
  const inHand = new Set<Promise<void>>();
  const runInHand = (job: Job, slot: Date) => {
    const work = runJob(context, job, slot).finally(() => inHand.delete(work));
    inHand.add(work);
    return work;
  };
  const tasks = jobs.map((job) => scheduleJob(context, job, runInHand));
  for (const task of tasks) await task.start();
  logStart(context, tasks);
  for (const job of jobs) if (job.atStart === true) void runInHand(job, context.now());
  await untilAborted(stop);
  for (const task of tasks) await task.destroy();
  context.log.info({ inHand: inHand.size }, 'worker stopping');
  const graceIsOver = new RollcallError(
    'stopped',
    'The worker was told to stop, and its grace time is over.',
  );
  const grace = setTimeout(() => {
    endWork(graceIsOver);
    void context.mailer.close();
  }, graceMs);
  await Promise.all(inHand);
  clearTimeout(grace);
  context.log.info('worker stopped');
}

function logStart({ log, databaseDescription, mailer }: Context, tasks: readonly ScheduledTask[]): void {
  const next = Object.fromEntries(tasks.map((task) => [task.name ?? task.id, task.getNextRun()]));
  log.info({ database: databaseDescription, mail: mailer.describe, next }, 'worker started');
}

type RunJob = (job: Job, slot: Date) => Promise<void>;

function scheduleJob(context: Context, job: Job, run: RunJob): ScheduledTask {
  const { expression, timezone } = job.schedule(context.config);
  const options = { name: job.name, timezone, noOverlap: true, logger: loggerOf(context, job) };
  return createTask(expression, ({ date }) => run(job, date), options);
}

async function runJob(context: Context, job: Job, slot: Date): Promise<void> {
  const log = context.log.child({ job: job.name });
  try {
    await job.run({ ...context, log }, slot);
  } catch (error) {
    log.error({ slot: slot.toISOString(), error: describeError(error) }, 'job failed');
  }
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
