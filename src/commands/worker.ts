import { Command } from 'commander';
import { jobs } from '../../jobs/index.ts';
import { loadConfig, selectPrincipals } from '../config.ts';
import { withContext } from '../context.ts';
import { runWorker } from '../worker.ts';
import { type Report } from './exit-status.ts';
import { type Terminal } from './terminal.ts';

export function workerCommand(terminal: Terminal, _report: Report): Command {
  return new Command('worker')
    .summary('run the jobs on their schedule until SIGTERM or SIGINT')
    .description(
      'Runs the jobs on their schedule until SIGTERM or SIGINT; then ends what is in hand, within 25 seconds. ' +
        'A second signal ends it at once.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  ROLLCALL_SCHEDULE="30 1 * * *" ROLLCALL_TIMEZONE=Europe/Madrid rollcall worker',
    )
    .action(async () => {
      const config = loadConfig();
      selectPrincipals(config);
      const work = new AbortController();
      await withContext({ config, signal: work.signal }, (context) =>
        runWorker(context, { jobs, stop: terminal.signal, endWork: (reason) => work.abort(reason) }),
      );
    });
}
