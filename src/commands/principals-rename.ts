import { Command, InvalidArgumentError } from 'commander';
import { loadConfig } from '../config.ts';
import { principalNameRule } from '../config/rules.ts';
import { withContext } from '../context.ts';
import { type Renamed, renamePrincipal } from '../pipeline/principals.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { type Terminal } from '../terminal/terminal.ts';

/**
 * `rollcall principals rename OLD NEW`: gives a principal another name, and warns where the configuration does not go
 * along.
 */
export function principalsRenameCommand(terminal: Terminal, _setStatus: SetStatus): Command {
  return new Command('rename')
    .description(
      'Gives a principal another name. Its whole history stays its own; the name in the configuration is yours to change.',
    )
    .argument('<old>', 'its name in the history')
    .argument('<new>', 'the name that it is to have', configurableName)
    .addHelpText('after', '\nExample:\n  rollcall principals rename legacy legacy-2')
    .action(async (from: string, to: string) => {
      const config = loadConfig();
      await withContext({ config }, async (context) => {
        const renamed = await renamePrincipal(context, from, to);
        terminal.print(
          `${from} is called ${to} from now on; its history goes on under that name.${describe(renamed)}`,
        );
        const configured = config.principals.map(({ name }) => name);
        if (configured.includes(from)) {
          terminal.warn(`The configuration still names ${from}: change the name there to ${to}.`);
        } else if (!configured.includes(to)) {
          terminal.warn(`The configuration names no ${to}: nobody looks until it does.`);
        }
      });
    });
}

function describe({ movedRuns, retiredAt }: Renamed): string {
  const runs = movedRuns === 1 ? 'The run' : `The ${movedRuns} runs`;
  return [
    ...(movedRuns === 0 ? [] : [` ${runs} without a snapshot under the new name went into it.`]),
    ...(retiredAt === null ? [] : [' It is retired, as it was.']),
  ].join('');
}

/** A name that the configuration can have too, for commander. */
function configurableName(text: string): string {
  const { error } = principalNameRule.safeParse(text);
  if (error === undefined) return text;
  throw new InvalidArgumentError(error.issues.map(({ message }) => `${message}.`).join(' '));
}
