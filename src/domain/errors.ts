/**
 * Why something failed, as a closed list. What a person or a script has to do next differs by code:
 *
 * - `usage`, `configuration`: nothing was done; the call or the settings are wrong
 * - `credentials`: Cloudflare does not know the credentials, or they are malformed
 * - `not_permitted`: Cloudflare knows the credentials and refuses them here
 * - `not_found`, `ended`, `refused`: the API answered 404, 410, or another final refusal
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

/** The one error type that rollcall throws on purpose: a code, and one line that says what, the specifics, and the remedy. */
export class RollcallError extends Error {
  override readonly name = 'RollcallError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The text of anything thrown, on one line: an error's message, with its cause's where that adds something. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return oneLine(String(error));
  // Drizzle's own text repeats the query with all its parameters, which here is a whole listing.
  if ('query' in error && error.cause !== undefined) return describeError(error.cause);
  const message = error.message === '' ? error.name : error.message;
  if (error instanceof RollcallError || !(error.cause instanceof Error)) return oneLine(message);
  return oneLine(`${message}: ${describeError(error.cause)}`);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*[\r\n]+\s*/g, ' ').trim();
}
