import { Command, CommanderError } from 'commander';
import { describeError, RollcallError } from '../domain/errors.ts';
import { didYouMean } from '../domain/nearest.ts';
import { readVersion } from '../project.ts';
import { type Secret } from '../domain/secret.ts';
import { discreet } from '../terminal/discreet.ts';
import { type ExitStatus, type SetStatus } from '../terminal/exit-status.ts';
import { type Terminal } from '../terminal/terminal.ts';
import { type CommandEntry, commandEntries } from './commands.ts';
import { describeVariables } from './variables-help.ts';

/**
 * Every command, in the order in which `--help` tells them. With `args` only those named there are loaded; of the others
 * there is no more than `--help` tells.
 */
export async function createProgram(
  terminal: Terminal,
  setStatus: SetStatus,
  args?: readonly string[],
): Promise<Command> {
  // Options are positional, so that the --csv of `reports show 7 --csv` is that of `show` and not of `reports`.
  const program = new Command('rollcall')
    .description(
      'Calls the roll of every Cloudflare organization a user belongs to, and reports what changed.',
    )
    .version(readVersion(), '--version', 'print the version')
    .option('--env-file <file>', 'read this file instead of .env')
    .hook('preSubcommand', chooseEnvFile)
    .enablePositionalOptions()
    .configureHelp({ showGlobalOptions: true, subcommandTerm: (command) => command.name() })
    .addHelpText('after', describeVariables());
  const create = async ({ name, summary, load }: CommandEntry): Promise<Command> => {
    const isNeeded = args?.includes(name) ?? true;
    const command = isNeeded ? (await load())(terminal, setStatus) : new Command(name);
    return command.summary(summary);
  };
  for (const command of await Promise.all(commandEntries.map(create))) program.addCommand(command);
  for (const command of everyCommandOf(program)) {
    command
      .exitOverride()
      .configureOutput(outputOf(terminal))
      .showSuggestionAfterError()
      .showHelpAfterError('Run it with --help to see how it is used.');
    if (command.commands.length > 0) refuseUnknownBelow(command);
  }
  return program;
}

/** Of a command that does something itself, commander takes the misspelt name of one below it for an argument. */
function refuseUnknownBelow(command: Command): void {
  command.allowExcessArguments().hook('preAction', (_, called) => {
    const [word] = called.args;
    if (called !== command || word === undefined) return;
    const near = didYouMean(
      word,
      command.commands.map((below) => below.name()),
    );
    command.error(`error: unknown command '${word}'.${near}`);
  });
}

/** Runs one command line to its exit status. */
export async function readCommandLine(args: readonly string[], given: Terminal): Promise<ExitStatus> {
  const terminal = isQuestion(args) ? given : discreet(given, await loadSecretsReader());
  let status: ExitStatus = 0;
  const program = await createProgram(terminal, (reported) => (status = reported), args);
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

async function chooseEnvFile(program: Command): Promise<void> {
  const { envFile } = program.opts<{ envFile?: string }>();
  if (envFile === undefined) return;
  const { readInsteadOfDotenv } = await import('../config.ts');
  readInsteadOfDotenv(envFile);
}

/** `--help` and `--version` are answered without a secret, and so without loading what reads them. */
function isQuestion(args: readonly string[]): boolean {
  return args.every((arg) => arg === '--help' || arg === '--version');
}

async function loadSecretsReader(): Promise<() => readonly Secret[]> {
  const { loadConfig } = await import('../config.ts');
  const { followSecretsOf } = await import('../config/secrets.ts');
  const nothing = { databaseUrl: null, smtpUrl: null, principals: [], webhooks: [] };
  let list: (() => readonly Secret[]) | undefined;
  return () => {
    try {
      list ??= followSecretsOf(loadConfig());
    } catch {
      // Faults are told without values, and nothing is done with the secrets.
      list = followSecretsOf(nothing);
    }
    return list();
  };
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
