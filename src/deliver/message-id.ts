import { randomBytes, randomUUID } from 'node:crypto';

/** What a thread can be about: an incident, or the digests. */
export type ThreadKind = 'failure' | 'held' | 'digest';

/** A regular expression, for Postgres as for us: the thread that a Message-ID names. */
export const threadPattern = String.raw`^<[^.@]*\.((?:failure|held|digest)-[0-9a-f]{12})@`;

/** The name of a new thread, which nobody else has. */
export function createThread(kind: ThreadKind): string {
  return `${kind}-${randomBytes(6).toString('hex')}`;
}

/**
 * A Message-ID for one delivery, which keeps it at every retry. It names the thread of the report, so that this is kept
 * with it; `null` for a report that stands alone.
 */
export function createMessageId(mailFrom: string, thread: string | null = null): string {
  // Short enough for one line with most domains: not every program reads an id that is folded.
  const name = thread === null ? randomUUID() : `${randomBytes(8).toString('hex')}.${thread}`;
  return `<${name}@${domainOf(mailFrom)}>`;
}

/** How a mail is threaded, by its Message-ID alone. */
export interface Threading {
  /** The root of its thread, which no mail has for its own id; a mail that stands alone has a root of its own. */
  references: string;
  /** The same root; `null` for a mail that stands alone. */
  inReplyTo: string | null;
}

/** How the mail of that Message-ID is threaded. */
export function threadingOf(messageId: string): Threading {
  const thread = new RegExp(threadPattern).exec(messageId)?.[1];
  if (thread === undefined) return { references: messageId.replace(/^</, '<alone.'), inReplyTo: null };
  const root = `<thread.${thread}${messageId.slice(messageId.lastIndexOf('@'))}`;
  return { references: root, inReplyTo: root };
}

/** The domain of an address: `rollcall@example.com` and `Rollcall <rollcall@example.com>` are both at example.com. */
export function domainOf(address: string): string {
  return address.replace(/^.*@/, '').replace(/>\s*$/, '').trim();
}
