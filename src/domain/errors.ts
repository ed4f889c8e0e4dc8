import { inspect } from 'node:util';
import { visible, visibleLines } from './visible.ts';

/**
 * Why something failed, as a closed list. What a person or a script has to do next differs by code:
 *
 * - `usage`, `configuration`: nothing was done; the call or the settings are wrong
 * - `credentials`: Cloudflare does not know the credentials, or they are malformed
 * - `not_permitted`: Cloudflare knows the credentials and refuses them here
 * - `ended`: an endpoint is there no more, or not for this user's plan
 * - `not_found`, `refused`: the API answered 404, or another final refusal
 * - `unavailable`: no usable answer, after every retry
 * - `incomplete`: a listing that does not add up
 * - `timed_out`: a deadline passed
 * - `busy`: somebody else has what is needed (a principal's run, the embedded database)
 * - `database`, `delivery`: the database or the mail server failed
 * - `stopped`: the process was told to end
 */
export type ErrorCode =
  | 'usage'
  | 'configuration'
  | 'credentials'
  | 'not_permitted'
  | 'not_found'
  | 'ended'
  | 'refused'
  | 'unavailable'
  | 'incomplete'
  | 'timed_out'
  | 'busy'
  | 'database'
  | 'delivery'
  | 'stopped';

/**
 * The one error type that rollcall throws on purpose: a code, and one line that says what, the specifics, and the remedy;
 * faults of a configuration have a line each. What may have come from outside is made visible in it.
 */
export class RollcallError extends Error {
  override readonly name = 'RollcallError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(visibleLines(message.replaceAll('\r\n', '\n')), options);
    this.code = code;
  }
}

/** Characters of an error's text: enough for any of ours, and too few to fill a database, a log or a mail with. */
const longestText = 5_000;

/** How far an error's causes are followed. */
const mostCauses = 8;

/**
 * The text of anything thrown or emitted, whatever it is: an error's message, with those of its causes, or of the errors
 * that it gathers, where they add something. On one line, and as it may be printed, mailed and stored. Never throws.
 */
export function describeError(thrown: unknown): string {
  return visible(wordsOf(thrown, []), longestText);
}

function wordsOf(thrown: unknown, within: readonly object[]): string {
  try {
    if (typeof thrown === 'object' && thrown !== null) return oneLine(wordsOfObject(thrown, within));
    if (typeof thrown === 'string') return oneLine(asText(thrown)) || 'nothing was said';
    if (typeof thrown === 'function') return `a function (${thrown.name})`;
    if (thrown === undefined || thrown === null) return `nothing was said (${String(thrown)})`;
    return inspect(thrown);
  } catch {
    return 'an error that cannot be read';
  }
}

function wordsOfObject(thrown: object, within: readonly object[]): string {
  const { message, cause, error, reason, errors } = thrown as Readonly<Record<string, unknown>>;
  const ask = (one: unknown) => wordsOf(one, [...within, thrown]);
  // Drizzle's own text repeats the query with all its parameters, which here is a whole listing.
  if ('query' in thrown && cause !== undefined) return ask(cause);
  const said = asText(message);
  if (said !== '' && thrown instanceof RollcallError) return said;
  const others = said === '' ? [cause, error, reason] : [cause];
  const inner = (Array.isArray(errors) && errors.length > 0 ? (errors as unknown[]) : others)
    .filter((one) => isTelling(one) && one !== thrown && !within.includes(one as object))
    .slice(0, within.length < mostCauses ? mostCauses : 0)
    .map(ask)
    .filter((words) => !said.includes(words));
  const words = [said, [...new Set(inner)].join('; ')].filter(Boolean).join(': ');
  return words === '' ? nameOf(thrown) : words;
}

/** What it says of itself that says nothing: its name and code, or the names of what it holds, whose values may be secret. */
function nameOf(silent: object): string {
  const { name, code } = silent as Readonly<Record<string, unknown>>;
  const about = [asText(name), typeof code === 'number' ? String(code) : asText(code)].filter(Boolean);
  return (
    about.join(' ') || `something without a message (${Object.keys(silent).slice(0, mostCauses).join(', ')})`
  );
}

/** Whether a cause is an error or a text: of any other object nothing is told. */
function isTelling(cause: unknown): boolean {
  return typeof cause === 'string' ? cause.trim() !== '' : cause instanceof Error;
}

function asText(said: unknown): string {
  return typeof said === 'string' ? said.replaceAll('[object Object]', 'an object').trim() : '';
}

/** In parts that end at a line break: a pattern for blanks around it would look at each run of blanks again and again. */
function oneLine(text: string): string {
  return text
    .split(/[\t\n\v\f\r\u0085\u2028\u2029]/)
    .map((part) => part.trim())
    .filter(Boolean)
    .join(' ');
}
