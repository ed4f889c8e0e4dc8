import { Command } from 'commander';
import { loadConfig } from '../config.ts';
import { withDatabase } from '../context/database.ts';
import { rejectRun } from '../pipeline/decide.ts';
import { runNumber } from '../terminal/options.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { type Terminal } from '../terminal/terminal.ts';

/** `rollcall reject RUN`: drops what a held run saw; the baseline stays. */
export function rejectCommand(terminal: Terminal, _setStatus: SetStatus): Command {
  return new Command('reject')
    .description('Drops what a held run saw: the baseline stays, and nothing of it becomes history.')
    .argument('<run>', 'the run id, as the mail and `rollcall runs --state held` tell it', runNumber)
    .addHelpText('after', '\nExample:\n  rollcall reject 42')
    .action(async (runId: number) => {
      await withDatabase(loadConfig(), async (history) => {
        const { run } = await rejectRun(history, runId);
        terminal.print(`${run.principal}: run ${run.id} rejected; the baseline stays.`);
      });
    });
}
