import { type Secret } from './secret.ts';

/** How a principal proves itself to Cloudflare: a user's API token, or an email with its Global API Key. */
export type Credentials = { kind: 'token'; token: Secret } | { kind: 'key'; email: string; key: Secret };

/** The secret part, for comparing and for keeping it out of texts. */
export function secretOf(credentials: Credentials): Secret {
  return credentials.kind === 'token' ? credentials.token : credentials.key;
}
