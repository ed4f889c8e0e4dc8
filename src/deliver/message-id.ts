import { createHash, randomUUID } from 'node:crypto';

/** A Message-ID for one delivery, which keeps it at every retry. */
export function createMessageId(mailFrom: string): string {
  return `<${randomUUID()}@${domainOf(mailFrom)}>`;
}

/** What all mail about one principal refers to, so that mail clients show it as one thread. */
export function threadIdOf(principal: string, mailFrom: string): string {
  const name = createHash('sha256').update(principal).digest('hex').slice(0, 16);
  return `<rollcall-${name}@${domainOf(mailFrom)}>`;
}

/** The domain of an address: `rollcall@example.com` and `Rollcall <rollcall@example.com>` are both at example.com. */
export function domainOf(address: string): string {
  return address.replace(/^.*@/, '').replace(/>\s*$/, '').trim();
}
