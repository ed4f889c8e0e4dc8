import { type Secret } from './secret.ts';

/** A text as it may be told: `[secret]` wherever it held a secret. */
export type Redact = (text: string) => string;

/** Which secrets are too short to be looked for. */
export interface RedactOptions {
  /**
   * Secrets of fewer characters are let through: taken out of the middle of innocent words, they could be read off the
   * gaps. Default: {@link shortestFindable}.
   */
  shortest?: number;
}

/** How many characters a secret needs to be looked for. A shorter one is to be kept out of texts from the first. */
export const shortestFindable = 6;

/**
 * Takes secrets out of texts, as they are and in the spellings in which they turn up: JSON-escaped, percent-encoded,
 * and in base64, be it alone or with something around it, such as a user's name.
 */
export function createRedactor(
  secrets: readonly Secret[],
  { shortest = shortestFindable }: RedactOptions = {},
): Redact {
  const texts = secrets.map((secret) => secret.reveal()).filter(({ length }) => length >= shortest);
  const spellings = [...new Set(texts.flatMap(spellingsOf))].filter(({ length }) => length > 0);
  if (spellings.length === 0) return (text) => text;
  // One pass, so that nothing is found in what was put in; the longest first, so that nothing is left of it.
  const longestFirst = spellings.toSorted((left, right) => right.length - left.length);
  const pattern = new RegExp(longestFirst.map(escapePattern).join('|'), 'g');
  return (text) => text.replaceAll(pattern, '[secret]');
}

/** Which secrets to take out of a text, and how much of it to tell. */
export interface Excerpt {
  secrets: readonly Secret[];
  /** In characters. */
  longest: number;
}

/**
 * The beginning of a text of any length without secrets. It is clipped before it is looked at, and nothing is told of a
 * secret that the clipping cut through.
 */
export function redactBeginning(text: string, { secrets, longest }: Excerpt): string {
  const spellings = secrets.flatMap((secret) => spellingsOf(secret.reveal()));
  const longestSpelling = Math.max(0, ...spellings.map(({ length }) => length));
  const clipped = text.slice(0, longest + longestSpelling);
  const told = createRedactor(secrets)(clipped);
  const whole = clipped.length === text.length ? told : told.slice(0, told.length - longestSpelling);
  return whole.slice(0, longest);
}

/** The ways in which programs write this text. */
export function spellingsOf(text: string): string[] {
  return [text, JSON.stringify(text).slice(1, -1), ...percentEncoded(text), ...inBase64(text)];
}

/** As in a path, as in one part of it, and as in a form; with hexadecimal digits of either case. */
function percentEncoded(text: string): string[] {
  const whole = text.toWellFormed();
  const form = new URLSearchParams([['', whole]]).toString().slice(1);
  return [encodeURI(whole), encodeURIComponent(whole), form].flatMap((encoded) => [
    encoded,
    encoded.replaceAll(/%[\dA-F]{2}/g, (byte) => byte.toLowerCase()),
  ]);
}

/** Fewer characters of base64 are found by chance. */
const shortestPiece = 6;

function inBase64(text: string): string[] {
  const bytes = Buffer.from(text);
  return (['base64', 'base64url'] as const).flatMap((alphabet) => [
    bytes.toString(alphabet),
    ...[0, 1, 2]
      .map((offset) => pieceOf(bytes, offset, alphabet))
      .filter((piece) => piece.length >= shortestPiece),
  ]);
}

/** The base64 of these bytes within that of a longer text, where they begin so many bytes after a multiple of three. */
function pieceOf(bytes: Buffer, offset: number, alphabet: 'base64' | 'base64url'): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString(alphabet);
  return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
}

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
