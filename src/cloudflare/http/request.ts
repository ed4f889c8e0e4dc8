import { type Credentials, secretOf } from '../../domain/credentials.ts';
import { RollcallError } from '../../domain/errors.ts';
import { type Question } from './question.ts';

/** Where a question goes. */
export function addressOf({ path, query = {} }: Question, baseUrl: string): URL {
  const url = new URL(baseUrl.replace(/\/+$/, '') + path);
  const given = Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]);
  url.search = new URLSearchParams(given).toString();
  return url;
}

/**
 * The headers that prove who asks. Throws `credentials` for a secret that no header can carry: what
 * Node.js says of it may repeat it.
 */
export function headersFor({ principal }: Question, credentials: Credentials): Record<string, string> {
  if (!/^[\x21-\x7e]+$/.test(secretOf(credentials).reveal())) {
    const name = credentials.kind === 'token' ? 'API token' : 'Global API Key';
    throw new RollcallError(
      'credentials',
      `${principal}: the ${name} has a space, a line break or another character that none has: copy it again.`,
    );
  }
  const common = { accept: 'application/json', 'content-type': 'application/json', 'user-agent': 'rollcall' };
  return credentials.kind === 'token'
    ? { ...common, authorization: `Bearer ${credentials.token.reveal()}` }
    : { ...common, 'x-auth-email': credentials.email, 'x-auth-key': credentials.key.reveal() };
}
