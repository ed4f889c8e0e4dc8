import { Command } from 'commander';
import { jobs } from '../../jobs/index.ts';
import { type Job } from '../../jobs/job.ts';
import { settingsJob, tellChanged } from '../../jobs/settings.ts';
import { watchdogJob } from '../../jobs/watchdog.ts';
import { listSettingsFiles, loadConfig, selectPrincipals } from '../config.ts';
import { type SettingsWatch, watchSettings } from '../config/settings-watch.ts';
import { type Context, withContext } from '../context.ts';
import { systemNow } from '../context/clock.ts';
import { type Migrated } from '../context/migrate.ts';
import { describeError } from '../domain/errors.ts';
import { type Readiness } from '../health/answers.ts';
import { createMetrics } from '../health/metrics.ts';
import { probeDatabase } from '../health/probe.ts';
import { type Rounds, watchRounds } from '../health/rounds.ts';
import { serveHealth } from '../health/serve.ts';
import { type HealthServer } from '../health/server.ts';
import { type Log } from '../log.ts';
import { runWorker } from '../worker.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { type Terminal } from '../terminal/terminal.ts';

/**
 * `rollcall worker`: runs the jobs on their schedule until SIGTERM or SIGINT, and serves health and metrics meanwhile.
 */
export function workerCommand(terminal: Terminal, _setStatus: SetStatus): Command {
  return new Command('worker')
    .description(
      'Runs the jobs on their schedule until SIGTERM or SIGINT; then ends what is in hand, within 25 seconds. ' +
        'A second signal ends it at once. Start as many as you like on one PostgreSQL: they share the work.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  ROLLCALL_SCHEDULE="30 1 * * *" ROLLCALL_TIMEZONE=Europe/Madrid rollcall worker',
    )
    .action(async () => {
      const settings = watchSettings(listSettingsFiles());
      const config = loadConfig();
      selectPrincipals(config);
      const work = new AbortController();
      const onMigrated = (migrated: Migrated, log: Log) => log.info({ ...migrated }, 'database migrated');
      await withContext({ config, signal: work.signal, supervise: true, onMigrated }, (context) =>
        runInHealth(context, settings, { stop: terminal.signal, endWork: (reason) => work.abort(reason) }),
      );
    });
}

interface Ending {
  stop: AbortSignal;
  endWork: (reason: Error) => void;
}

/** Runs the worker, and tells over HTTP how it is, from its start to its end. */
async function runInHealth(context: Context, settings: SettingsWatch, ending: Ending): Promise<void> {
  let readiness: Readiness = 'starting';
  const rounds = watchRounds(context.now);
  const server = await tellHealth(context, { readiness: () => readiness, rounds });
  const hangUp = listenForHangUp(context, settings);
  try {
    const onReady = (isReady: boolean) => (readiness = isReady ? 'ready' : 'stopping');
    const all = [...jobs.map((job) => noteRounds(job, rounds)), settingsJob(settings)];
    const stop = AbortSignal.any([ending.stop, hangUp.stop]);
    await runWorker(context, { jobs: all, onReady, ...ending, stop });
  } finally {
    hangUp.close();
    await server?.close();
  }
}

/**
 * SIGHUP asks many programs to read their settings again: a worker says what has changed, and that it takes a restart.
 * From a terminal it says that this was closed, and the worker stops.
 */
function listenForHangUp(
  { log }: Context,
  settings: SettingsWatch,
): { stop: AbortSignal; close: () => void } {
  const stop = new AbortController();
  const onHangUp = () => {
    if (process.stderr.isTTY) {
      stop.abort();
      return;
    }
    log.warn('SIGHUP received: settings are read when a worker starts, and secrets in files at each run');
    tellChanged(log, settings);
  };
  process.on('SIGHUP', onHangUp);
  return { stop: stop.signal, close: () => void process.off('SIGHUP', onHangUp) };
}

/** The watchdog looks at everything that may stop the work: whether its rounds end is told by `/readyz`. */
function noteRounds(job: Job, rounds: Rounds): Job {
  const { clock } = job;
  if (job !== watchdogJob || clock === undefined) return job;
  const tick = (context: Context, at: Date) => clock.tick(context, at).finally(() => rounds.note());
  return { ...job, clock: { ...clock, tick } };
}

interface State {
  readiness: () => Readiness;
  rounds: Rounds;
}

/** `null` where it is turned off. */
async function tellHealth(context: Context, { readiness, rounds }: State): Promise<HealthServer | null> {
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
