import { type Command } from 'commander';
import { createProgram } from '../../src/cli/program.ts';
import { type Terminal } from '../../src/terminal/terminal.ts';

/** A call such as `npx rollcall run` or, where a line begins, `NAME=value rollcall run`. */
const call = /(?:\bnpx rollcall|^\s*(?:[A-Z_]+=(?:"[^"]*"|'[^']*'|\S*) )*rollcall) (?<rest>[\s\S]*)/m;

/** A word of a shell's command line: quoted parts and bare ones. */
const word = /^[ \t]*(?<word>(?:"[^"]*"|'[^']*'|[^\s"'|&;>#])+)/;

/** The words after `rollcall` of every call in a piece of code. */
export function callsIn(code: string): string[][] {
  const found = call.exec(code)?.groups?.['rest'];
  if (found === undefined) return [];
  const words: string[] = [];
  let rest = found;
  for (let next = word.exec(rest); next !== null; next = word.exec(rest)) {
    words.push((next.groups?.['word'] ?? '').replaceAll(/["']/g, ''));
    rest = rest.slice(next[0].length);
  }
  return [words, ...callsIn(rest)];
}

/** The program, with what it prints collected. */
export async function programOnPaper(): Promise<{ program: Command; printed: string[] }> {
  const printed: string[] = [];
  const terminal: Terminal = {
    print: (text) => void printed.push(text),
    write: (text) => void printed.push(text),
    pour: () => Promise.resolve(true),
    warn: (text) => void printed.push(text),
    progress: () => undefined,
    ask: () => Promise.reject(new Error('Nobody is asked.')),
    width: null,
    signal: new AbortController().signal,
    close: () => Promise.resolve(true),
  };
  return { program: await createProgram(terminal, () => undefined), printed };
}

/** Every command that can be called, by its words: `organizations list`. */
export function leavesOf(command: Command, words: readonly string[] = []): Map<string, Command> {
  const below = command.commands.flatMap((child) => [...leavesOf(child, [...words, child.name()])]);
  return new Map(canBeCalled(command) ? [[words.join(' '), command], ...below] : below);
}

/** `reports` can be called as well as `reports show`; the program, and a group that only holds others, cannot. */
function canBeCalled({ commands, options, parent }: Command): boolean {
  return parent !== null && (commands.length === 0 || options.length > 0);
}

/** Reads a call without doing it; throws when a command, an option or an argument does not exist or is missing. */
export async function parseOnPaper(words: readonly string[]): Promise<void> {
  const { program, printed } = await programOnPaper();
  let command = program;
  // What stands before the command is the program's own.
  const { operands: named, unknown: others } = program.parseOptions(
    words.filter((one) => !asked.includes(one)),
  );
  let rest = [...named, ...others];
  for (let child = find(command, rest[0]); child !== undefined; child = find(command, rest[0])) {
    command = child;
    rest = rest.slice(1);
  }
  if (!canBeCalled(command) && !isPlaceholder(rest[0]) && !isPlaceholder(words[0])) {
    throw new Error(`There is no command ${words.join(' ')}.`);
  }
  const { operands, unknown } = command.parseOptions(rest);
  if (unknown.length > 0) throw new Error(`${unknown.join(' ')} is unknown; ${printed.join(' ')}`);
  if (words.includes('--help') || !canBeCalled(command)) return;
  const required = command.registeredArguments.filter((argument) => argument.required).length;
  if (operands.length < required || operands.length > command.registeredArguments.length) {
    throw new Error(`${words.join(' ')} has ${operands.length} arguments.`);
  }
}

function find(command: Command, name: string | undefined): Command | undefined {
  return command.commands.find((child) => child.name() === name);
}

/** What commander answers at once, instead of reading on. */
const asked = ['--help', '--version'];

/** `npx rollcall COMMAND`, and what can be asked of all of it. */
function isPlaceholder(name: string | undefined): boolean {
  return name === undefined || name === 'COMMAND' || asked.includes(name);
}
