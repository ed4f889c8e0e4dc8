import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { domainOf } from '../message-id.ts';

/** What a mail server may hear of who we are. */
export interface ClientNames {
  /** `?name=` of `SMTP_URL`; `null` when it is left out. */
  given: string | null;
  /** This machine's own name, as the system tells it. */
  hostname: string;
  mailFrom: string;
}

/** As in a host's name, or an address in brackets: what RFC 5321 lets a client say of itself, in ASCII. */
const clientName = /^(?:[a-z\d_](?:[a-z\d_.-]*[a-z\d_])?|\[[a-z\d:.-]+\])$/i;

/** Whether a text can be the name in EHLO. */
export function isClientName(text: string): boolean {
  return text.length <= 255 && clientName.test(text);
}

/**
 * The name to greet a mail server by: the one that is given, else this machine's where it has a dot, else the domain of
 * the sender. Relays refuse names without a dot, as most machines and all containers have.
 */
export function chooseClientName({ given, hostname, mailFrom }: ClientNames): string {
  if (given !== null) return given;
  if (isIPv4(hostname)) return `[${hostname}]`;
  if (isIPv6(hostname)) return `[IPv6:${hostname}]`;
  const names = [hostname, domainToASCII(domainOf(mailFrom))];
  return names.find((name) => name.includes('.') && isClientName(name)) ?? '[127.0.0.1]';
}
