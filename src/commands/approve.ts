import { Command } from 'commander';
import { deliverAll } from '../pipeline/deliver.ts';
import { loadConfig } from '../config.ts';
import { withContext } from '../context.ts';
import { approveRun } from '../pipeline/decide.ts';
import { runNumber } from '../terminal/options.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { describeRollCall } from '../terminal/run-results.ts';
import { describeAttempt } from '../terminal/attempts.ts';
import { type Terminal } from '../terminal/terminal.ts';
import { wrapped } from '../terminal/wrap.ts';

/**
 * `rollcall approve RUN`: makes a held run the baseline, and sends all mail that is still to be sent; status 1 where
 * some was not.
 */
export function approveCommand(terminal: Terminal, setStatus: SetStatus): Command {
  return new Command('approve')
    .description('Makes a held run the baseline and what it lost history, and sends the report about it.')
    .argument('<run>', 'the run id, as the mail and `rollcall runs --state held` tell it', runNumber)
    .addHelpText('after', '\nExample:\n  rollcall approve 42')
    .action(async (runId: number) => {
      await withContext({ config: loadConfig(), signal: terminal.signal }, async (context) => {
        const believed = await approveRun(context, runId);
        const { principal } = believed.snapshot.run;
        const results = wrapped(terminal);
        for (const line of describeRollCall({ principal, ...believed }, false)) results.print(line);
        const attempts = await deliverAll(context);
        for (const attempt of attempts) describeAttempt(results, attempt);
        setStatus(attempts.every(({ outcome }) => outcome.outcome === 'sent') ? 0 : 1);
      });
    });
}
