import { Command } from 'commander';
import { jobs } from '../../jobs/index.ts';
import { type Config, loadConfig, selectPrincipals } from '../config.ts';
import { type Context, withContext } from '../context.ts';
import { type Migrated } from '../context/migrate.ts';
import { describeError } from '../domain/errors.ts';
import { type Readiness } from '../health/answers.ts';
import { createMetrics } from '../health/metrics.ts';
import { probeDatabase } from '../health/probe.ts';
import { defaultHttpPlace, type HealthServer, startHealthServer } from '../health/server.ts';
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
      const config = loadConfig();
      selectPrincipals(config);
      const work = new AbortController();
      const onMigrated = (migrated: Migrated, log: Log) => log.info({ ...migrated }, 'database migrated');
      await withContext({ config, signal: work.signal, supervise: true, onMigrated }, (context) =>
        runInHealth(context, { stop: terminal.signal, endWork: (reason) => work.abort(reason) }),
      );
    });
}

interface Ending {
  stop: AbortSignal;
  endWork: (reason: Error) => void;
}

/** Runs the worker, and tells over HTTP how it is, from its start to its end. */
async function runInHealth(context: Context, ending: Ending): Promise<void> {
  let readiness: Readiness = 'starting';
  const server = await serveHealth(context, () => readiness);
  try {
    const onReady = (isReady: boolean) => (readiness = isReady ? 'ready' : 'stopping');
    await runWorker(context, { jobs, onReady, ...ending });
  } finally {
    await server?.close();
  }
}

/** `null` where it is turned off, or the default place is taken, as by a second worker on the same machine. */
async function serveHealth(context: Context, readiness: () => Readiness): Promise<HealthServer | null> {
  const { config, db, log, now } = context;
  if (config.http === null) return null;
  try {
    const server = await startHealthServer({
      ...(config.http ?? defaultHttpPlace),
      probe: () => probeDatabase(db),
      metrics: createMetrics(db, { principals: namesOf(config), now }),
      readiness,
      onFailure: (path, error) => log.warn({ path, error: describeError(error) }, 'health check failed'),
    });
    log.info({ url: server.url }, 'health is served');
    return server;
  } catch (error) {
    if (config.http !== undefined) throw error;
    log.warn({ error: describeError(error) }, 'health is not served');
    return null;
  }
}

function namesOf({ principals }: Config): string[] {
  return principals.map(({ name }) => name);
}
