import { createHash } from 'node:crypto';
import { fieldNames, columnOf, type Membership, membershipFields } from './membership.ts';

/**
 * The recipe by which digests and links are made now. A later recipe gets a number of its own, and what was made by an
 * earlier one keeps its number: docs/history.md has them all.
 *
 * - 1: made by PostgreSQL, until November 2026; the link covers the principal's name, which can change
 * - 2: canonical JSON, one line for each membership and each change; the link covers what the run says of itself
 */
export const digestVersion = 2;

/**
 * Canonical JSON (RFC 8785): keys sorted, no blanks, texts escaped as JSON.stringify does. What is `null` is left out, so
 * that a field that is added later, and is unknown in the past, changes no digest of the past. A time is ISO 8601 in UTC
 * with milliseconds.
 */
export function canonicalJson(value: unknown): string {
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== null && member !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

/** SHA-256, hex, over these lines in UTF-8, each ended by LF. */
export function digestLines(lines: Iterable<string>): string {
  const digest = startDigest();
  for (const line of lines) digest.add(line);
  return digest.end();
}

/** A digest that lines are added to as they come. */
export interface LineDigest {
  add(line: string): void;
  /** SHA-256, hex; nothing can be added after. */
  end(): string;
}

/** More than this many characters are hashed at once: a call for each line would take longer than the hashing. */
const bufferLength = 65_536;

/** Starts a digest over lines, each ended by LF. */
export function startDigest(): LineDigest {
  const hash = createHash('sha256');
  let buffer = '';
  return {
    add(line) {
      buffer += `${line}\n`;
      if (buffer.length < bufferLength) return;
      hash.update(buffer, 'utf8');
      buffer = '';
    },
    end: () => hash.update(buffer, 'utf8').digest('hex'),
  };
}

/** The digest of a snapshot: one line for each of its memberships, which come in the order of `byOrganizationId`. */
export function digestRoll(memberships: Iterable<Membership>): string {
  const digest = startDigest();
  for (const membership of memberships) digest.add(membershipLine(membership));
  return digest.end();
}

/** The fields in the order of their keys, each with what stands before its value: as the first of a line, and later. */
const parts = (['organizationId', ...fieldNames] as const)
  .map((field) => {
    const key = JSON.stringify(columnOf(field));
    const isSet = field !== 'organizationId' && membershipFields[field] === 'set';
    return { field, key, first: `{${key}:`, next: `,${key}:`, isSet };
  })
  .sort((left, right) => (left.key < right.key ? -1 : 1));

/** What {@link canonicalJson} writes of a membership's row, in a fifth of the time: most sets have been written before. */
export function membershipLine(membership: Membership): string {
  let line = '';
  for (const part of parts) {
    const value = membership[part.field];
    if (value === null) continue;
    line += line === '' ? part.first : part.next;
    line += part.isSet ? writeSet(value as readonly string[]) : JSON.stringify(value);
  }
  return `${line}}`;
}

/** Equal sets are one object in a listing, so that each is written once. */
const written = new WeakMap<readonly string[], string>();

function writeSet(set: readonly string[]): string {
  const known = written.get(set);
  if (known !== undefined) return known;
  const text = JSON.stringify(set);
  written.set(set, text);
  return text;
}
