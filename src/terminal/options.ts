import { InvalidArgumentError, Option } from 'commander';
import { systemNow } from '../context/clock.ts';
import { describeError, RollcallError } from '../domain/errors.ts';
import { didYouMean } from '../domain/nearest.ts';
import { runSources } from '../domain/run.ts';
import { parseTime } from '../domain/time.ts';

/** A whole number within bounds, for commander. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= least && number <= most) return number;
    const bounds = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`Expected a whole number ${bounds}.`);
  };
}

/** A run id, for commander. */
export const runNumber = wholeNumber(1, Number.MAX_SAFE_INTEGER);

/** A report id, for commander. */
export const reportNumber = wholeNumber(1, Number.MAX_SAFE_INTEGER);

/** An instant, ISO 8601 or an age such as 30d, for commander. */
export function instant(text: string): Date {
  try {
    // An age is counted from when the command was called.
    return parseTime(text, systemNow());
  } catch (error) {
    throw new InvalidArgumentError(describeError(error));
  }
}

/** One of these words, for commander; another is refused, and the nearest of them named. */
export function oneOf(flags: string, description: string, words: readonly string[]): Option {
  return new Option(flags, description).choices(words).argParser((text) => {
    if (words.includes(text)) return text;
    throw new InvalidArgumentError(
      `${didYouMean(text, words).trim()} Allowed are ${words.join(', ')}.`.trim(),
    );
  });
}

/** How many rows at most, for commander. */
export const rowCount = wholeNumber(1, Number.MAX_SAFE_INTEGER);

/** Throws `usage` for a period that has nothing in it: one that has not begun, or ends before it begins. */
export function requirePeriod({ since, until }: { since?: Date; until?: Date }): void {
  if (since !== undefined) requirePast('--since', since);
  if (since === undefined || until === undefined || since < until) return;
  throw new RollcallError(
    'usage',
    `--since ${since.toISOString()} is not before --until ${until.toISOString()}: there is nothing in between.`,
  );
}

/** Throws `usage` for an instant that is yet to come, and of which nothing can be known. */
export function requirePast(option: string, instant: Date): void {
  if (instant <= systemNow()) return;
  throw new RollcallError(
    'usage',
    `${option} ${instant.toISOString()} is yet to come: nothing is known of it.`,
  );
}

/** Values of an option that may be given several times. */
export function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}

/** For commands that print what is stored: only what is of one principal. */
export function principalOption(): Option {
  return new Option('--principal <name>', 'only this principal');
}

/** For commands that ask the API as one principal. */
export function asPrincipalOption(): Option {
  return new Option('--principal <name>', 'as this principal; needed when several are configured');
}

/** For commands that ask one of the endpoints that a roll can be read from. */
export function askedSourceOption(): Option {
  return oneOf(
    '--source <source>',
    "which endpoint to ask: /user/organizations or /memberships; default: the one that the principal's roll is read from",
    runSources,
  );
}
