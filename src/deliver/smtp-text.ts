import { storableText } from '../domain/membership.ts';
import { type SmtpServer } from './smtp-url.ts';

const longestText = 500;

/** A server's text for the ledger: without the password in any spelling it was sent in, on one line, and not long. */
export function quoteServer(text: string, { login }: SmtpServer): string {
  const withoutSecrets = login === null ? text : spellings(login).reduce(withoutSecret, text);
  const line = withoutSecrets
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\p{Cc}/gu, '\uFFFD')
    .trim();
  return storableText(line.slice(0, longestText));
}

function withoutSecret(text: string, secret: string): string {
  return text.replaceAll(secret, '[secret]');
}

/** As it is, as AUTH LOGIN and AUTH PLAIN send it, and as the URL has it. */
function spellings({ user, password }: NonNullable<SmtpServer['login']>): string[] {
  const plain = password.reveal();
  return [
    Buffer.from(`\0${user}\0${plain}`).toString('base64'),
    Buffer.from(plain).toString('base64'),
    encodeURIComponent(plain),
    plain,
  ];
}
