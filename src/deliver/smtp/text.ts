import { storableText } from '../../domain/membership.ts';
import { redactBeginning, shortestFindable } from '../../domain/redact.ts';
import { Secret } from '../../domain/secret.ts';
import { codeOf } from './dialogue.ts';
import { type SmtpFailure } from './outcome.ts';
import { findRemedy } from './remedy.ts';
import { type SmtpServer } from './url.ts';

const longestText = 500;

/**
 * A server's words for the ledger: on one line, not long, and without the password in any spelling it was sent in. A server
 * may repeat a password, and one that is too short to be looked for would stay in them: then only the reply codes are told.
 */
export function quoteServer(answer: string, { login }: SmtpServer): string {
  if (login !== null && login.password.reveal().length < shortestFindable) return codesOf(answer);
  const secrets = login === null ? [] : [login.password, asPlain(login)];
  return onOneLine(redactBeginning(answer, { secrets, longest: longestText }));
}

/** What went wrong and where, and the remedy where it is known. Only what a server says can hold a secret, and is quoted. */
export function explainFailure(failure: SmtpFailure, server: SmtpServer): string {
  const remedy = findRemedy(failure, server);
  return `${placeOf(server)}: ${describeFailure(failure, server)}${remedy === null ? '' : `; ${remedy}`}`;
}

/** `mail.example.com:587`, `[2001:db8::1]:587` */
export function placeOf({ host, port }: SmtpServer): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function describeFailure({ message, command, response, reason }: SmtpFailure, server: SmtpServer): string {
  if (response !== undefined) {
    const answer = quoteServer(response, server);
    return command === undefined || command === 'CONN'
      ? `the server says: ${answer}`
      : `the server answers ${command} with: ${answer}`;
  }
  // Node.js has a remedy of its own for a certificate, behind a semicolon.
  const [what = ''] = message.split('; if the root CA');
  return onOneLine((reason === undefined ? what : `no TLS came about: ${reason}`).slice(0, longestText));
}

/** `535 5.7.8` */
function codesOf(answer: string): string {
  const enhanced = /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})(?!\S)/.exec(answer)?.[1];
  return [codeOf(answer), ...(enhanced === undefined ? [] : [enhanced])].join(' ');
}

function onOneLine(text: string): string {
  const line = text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\p{Cc}/gu, '\uFFFD')
    .trim();
  return storableText(line);
}

/** What AUTH PLAIN sends, in base64. */
function asPlain({ user, password }: NonNullable<SmtpServer['login']>): Secret {
  return new Secret(`\0${user}\0${password.reveal()}`);
}
