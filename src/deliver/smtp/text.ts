import { storableText } from '../../domain/membership.ts';
import { createRedactor } from '../../domain/redact.ts';
import { Secret } from '../../domain/secret.ts';
import { type SmtpServer } from './url.ts';

const longestText = 500;

/** A server's text for the ledger: without the password in any spelling it was sent in, on one line, and not long. */
export function quoteServer(text: string, { login }: SmtpServer): string {
  const redact = createRedactor(login === null ? [] : [login.password, asPlain(login)], { shortest: 1 });
  const line = redact(text)
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\p{Cc}/gu, '\uFFFD')
    .trim();
  return storableText(line.slice(0, longestText));
}

/** What AUTH PLAIN sends, in base64. */
function asPlain({ user, password }: NonNullable<SmtpServer['login']>): Secret {
  return new Secret(`\0${user}\0${password.reveal()}`);
}
