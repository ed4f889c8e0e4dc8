import { Command } from 'commander';
import { loadConfig } from '../config.ts';
import { withContext } from '../context.ts';
import { restorePrincipal } from '../pipeline/principals.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { type Terminal } from '../terminal/terminal.ts';

/**
 * `rollcall principals restore NAME`: takes back that a principal was retired; for one that is not, does nothing, with
 * status 0.
 */
export function principalsRestoreCommand(terminal: Terminal, _setStatus: SetStatus): Command {
  return new Command('restore')
    .description('Takes back that a principal was retired: its next run goes on with its history.')
    .argument('<name>', 'the principal')
    .addHelpText('after', '\nExample:\n  rollcall principals restore legacy')
    .action(async (name: string) => {
      const config = loadConfig();
      await withContext({ config }, async (context) => {
        const since = await restorePrincipal(context, name);
        if (since === null) {
          terminal.print(`${name} is not retired: nothing was done.`);
          return;
        }
        terminal.print(
          `${name}, retired since ${since.toISOString()}, is audited again. Its next run tells what changed since its newest complete one.`,
        );
        if (config.principals.every((principal) => principal.name !== name)) {
          terminal.warn(`The configuration names no ${name}: nobody looks until it does.`);
        }
      });
    });
}
