import { type Job } from '../../jobs/job.ts';
import { watchdogJob } from '../../jobs/watchdog.ts';
import { type Context } from '../context.ts';
import { systemNow } from '../context/clock.ts';
import { describeError } from '../domain/errors.ts';
import { type Readiness } from '../health/answers.ts';
import { createMetrics } from '../health/metrics.ts';
import { probeDatabase } from '../health/probe.ts';
import { type Rounds } from '../health/rounds.ts';
import { serveHealth } from '../health/serve.ts';
import { type HealthServer } from '../health/server.ts';

/** The watchdog looks at everything that may stop the work: whether its rounds end is told by `/readyz`. */
export function noteRounds(job: Job, rounds: Rounds): Job {
  const { clock } = job;
  if (job !== watchdogJob || clock === undefined) return job;
  const tick = (context: Context, at: Date) => clock.tick(context, at).finally(() => rounds.note());
  return { ...job, clock: { ...clock, tick } };
}

/** What only the worker knows of itself. */
export interface WorkerState {
  readiness: () => Readiness;
  rounds: Rounds;
}

/** Serves a worker's health, and logs where and how it is; `null` where it is turned off. */
export async function serveWorkerHealth(
  context: Context,
  { readiness, rounds }: WorkerState,
): Promise<HealthServer | null> {
  const { config, db, log } = context;
  const served = await serveHealth({
    config,
    probe: () => probeDatabase(db),
    metrics: createMetrics(db, { principals: config.principals.map(({ name }) => name), now: systemNow }),
    readiness,
    stuckSince: () => rounds.stuckSince(),
    onFailure: (path, error) => log.warn({ path, error: describeError(error) }, 'health check failed'),
    onRecovery: (path) => log.info({ path }, 'health check is well again'),
  });
  if (served === null) return null;
  const { server, moved } = served;
  if (moved === null) log.info({ url: server.url }, 'health is served');
  else log.warn({ url: server.url, error: describeError(moved) }, 'health is served elsewhere');
  return server;
}
