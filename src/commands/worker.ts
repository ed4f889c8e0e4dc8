import { Command } from 'commander';
import { jobs } from '../../jobs/index.ts';
import { settingsJob } from '../../jobs/settings.ts';
import { listSettingsFiles, loadConfig, selectPrincipals } from '../config.ts';
import { type SettingsWatch, watchSettings } from '../config/settings-watch.ts';
import { type Context, withContext } from '../context.ts';
import { type Migrated } from '../context/migrate.ts';
import { type Readiness } from '../health/answers.ts';
import { watchRounds } from '../health/rounds.ts';
import { type Log } from '../log.ts';
import { runWorker } from '../worker.ts';
import { listenForHangUp } from '../worker/hang-up.ts';
import { noteRounds, serveWorkerHealth } from '../worker/health.ts';
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
  const server = await serveWorkerHealth(context, { readiness: () => readiness, rounds });
  const hangUp = listenForHangUp(context.log, settings);
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
