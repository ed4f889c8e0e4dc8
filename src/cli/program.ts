import { Command, CommanderError } from 'commander';
import { loadConfig } from '../config.ts';
import { secretsOf } from '../config/secrets.ts';
import { describeError, RollcallError } from '../domain/errors.ts';
import { type Secret } from '../domain/secret.ts';
import { approveCommand } from '../commands/approve.ts';
import { changesCommand } from '../commands/changes.ts';
import { checkCommand } from '../commands/check.ts';
import { demoCommand } from '../commands/demo.ts';
import { discreet } from '../terminal/discreet.ts';
import { type ExitStatus, type SetStatus } from '../terminal/exit-status.ts';
import { membersCommand } from '../commands/members.ts';
import { migrateCommand } from '../commands/migrate.ts';
import { organizationsCommand } from '../commands/organizations.ts';
import { principalsCommand } from '../commands/principals.ts';
import { rejectCommand } from '../commands/reject.ts';
import { reportsCommand } from '../commands/reports.ts';
import { runCommand } from '../commands/run.ts';
import { runsCommand } from '../commands/runs.ts';
import { simulateCommand } from '../commands/simulate.ts';
import { sqlCommand } from '../commands/sql.ts';
import { type Terminal } from '../terminal/terminal.ts';
import { describeVariables } from './variables-help.ts';
import { workerCommand } from '../commands/worker.ts';

/** Every command, in the order in which `--help` tells them. */
export function createProgram(terminal: Terminal, setStatus: SetStatus): Command {
  // Options are positional, so that the --csv of `reports show 7 --csv` is that of `show` and not of `reports`.
  const program = new Command('rollcall')
    .description(
      'Calls the roll of every Cloudflare organization a user belongs to, and reports what changed.',
    )
    .enablePositionalOptions()
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .showHelpAfterError('Run it with --help to see how it is used.')
    .addHelpText('after', describeVariables());
  const commands = [
    demoCommand,
    runCommand,
    workerCommand,
    migrateCommand,
    checkCommand,
    organizationsCommand,
    principalsCommand,
    runsCommand,
    membersCommand,
    changesCommand,
    reportsCommand,
    approveCommand,
    rejectCommand,
    sqlCommand,
    simulateCommand,
  ];
  for (const create of commands) program.addCommand(create(terminal, setStatus));
  for (const command of everyCommandOf(program)) command.exitOverride().configureOutput(outputOf(terminal));
  return program;
}

/** Runs one command line to its exit status. */
export async function readCommandLine(args: readonly string[], given: Terminal): Promise<ExitStatus> {
  const terminal = discreet(given, configuredSecrets);
  let status: ExitStatus = 0;
  const program = createProgram(terminal, (reported) => (status = reported));
  try {
    await program.parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    terminal.warn(`rollcall: ${error instanceof RollcallError ? error.message : describeError(error)}`);
    return error instanceof RollcallError && (error.code === 'usage' || error.code === 'configuration')
      ? 2
      : 1;
  }
}

/** None while the configuration has faults: those are told without values, and nothing is done with its secrets. */
function configuredSecrets(): Secret[] {
  try {
    return secretsOf(loadConfig());
  } catch {
    return [];
  }
}

/** The program and all commands below it. */
export function everyCommandOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommandOf)];
}

function outputOf(terminal: Terminal) {
  return {
    writeOut: (text: string) => terminal.print(text.trimEnd()),
    writeErr: (text: string) => terminal.warn(text.trimEnd()),
  };
}
