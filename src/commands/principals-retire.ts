import { Command } from 'commander';
import { loadConfig } from '../config.ts';
import { withContext } from '../context.ts';
import { retirePrincipal } from '../pipeline/principals.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { type Terminal } from '../terminal/terminal.ts';

/**
 * `rollcall principals retire NAME`: ends the audit of a principal, keeps its history, and warns while it is still
 * configured.
 */
export function principalsRetireCommand(terminal: Terminal, _setStatus: SetStatus): Command {
  return new Command('retire')
    .description(
      'Ends the audit of a principal: it is no longer current, has no runs and rings no alarm. Its history stays.',
    )
    .argument('<name>', 'the principal')
    .addHelpText('after', '\nExample:\n  rollcall principals retire legacy')
    .action(async (name: string) => {
      const config = loadConfig();
      await withContext({ config }, async (context) => {
        const { isNew, since } = await retirePrincipal(context, name);
        terminal.print(
          isNew
            ? `${name} is retired: it is no longer current, has no runs and rings no alarm. Its history stays.`
            : `${name} has been retired since ${since.toISOString()}: nothing was done.`,
        );
        if (config.principals.some((principal) => principal.name === name)) {
          terminal.warn(
            `The configuration still names ${name}: no run of it is begun, and \`rollcall run\` says so with exit status 1. Take it out.`,
          );
        }
      });
    });
}
