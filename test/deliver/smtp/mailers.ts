import { type SMTPServerOptions } from 'smtp-server';
import { onTestFinished } from 'vitest';
import { type Mailer } from '../../../src/deliver/mailer.ts';
import { createSmtpMailer } from '../../../src/deliver/smtp/smtp-mailer.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { type MailServer, startMailServer, startScriptedServer } from '../mail-server.ts';

/** A real SMTP server that ends with the test. */
export async function aServer(given: SMTPServerOptions = {}): Promise<MailServer> {
  const server = await startMailServer(given);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

/** A server that says what it is told to, and ends with the test. */
export async function aScriptedServer(
  answer: (line: string) => string,
  greeting?: string,
): Promise<MailServer> {
  const server = await startScriptedServer(answer, greeting);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

/** How to reach a server on this machine. */
export interface Way {
  scheme?: 'smtp' | 'smtps';
  host?: string;
  /** `user:password@` */
  login?: string;
  query?: string;
  sendTimeoutMs?: number;
  mailFrom?: string;
}

/** A mailer that sends to the server on that port, in the clear unless the way says otherwise. */
export function mailerFor({ port }: { port: number }, given: Way = {}): Mailer {
  const { scheme = 'smtp', host = '127.0.0.1', login = '', query = '', ...options } = given;
  const url = new Secret(`${scheme}://${login}${host}:${port}${query}`);
  return createSmtpMailer({ url, mailFrom: 'Rollcall <rollcall@example.com>', ...options });
}

/** An SMTP reply with that code, as smtp-server takes it from its callbacks. */
export function reply(responseCode: number, text = 'no'): Error {
  return Object.assign(new Error(text), { responseCode });
}
