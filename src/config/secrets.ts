import { type Config } from '../config.ts';
import { secretOf } from '../domain/credentials.ts';
import { Secret } from '../domain/secret.ts';

/** Every secret in a configuration: each URL of one and the password within it, credentials, ping URLs. */
export function secretsOf({
  databaseUrl,
  smtpUrl,
  principals,
}: Pick<Config, 'databaseUrl' | 'smtpUrl' | 'principals'>): Secret[] {
  return [
    ...(databaseUrl === null ? [] : [databaseUrl, ...passwordsIn(databaseUrl)]),
    ...(smtpUrl === null ? [] : [smtpUrl, ...passwordsIn(smtpUrl)]),
    ...principals.map(({ credentials }) => secretOf(credentials)),
    ...principals.flatMap(({ pingUrl }) => (pingUrl === null ? [] : [pingUrl, withoutLastSlash(pingUrl)])),
  ];
}

/**
 * The password as it is written in the URL, and as it is. One that the URL also gives as user, host or database is none
 * to hide: texts are full of it, and the gaps would tell.
 */
function passwordsIn(secret: Secret): Secret[] {
  // At no host, as of a Unix socket, it would be no URL.
  const url = URL.parse(secret.reveal().replace('@/', '@localhost/'));
  if (url === null) return [];
  const told = [url.username, url.hostname, url.pathname.slice(1)].map(decode);
  return [url.password, url.searchParams.get('password') ?? '']
    .flatMap((written) => [written, decode(written)])
    .filter((password) => password !== '' && !told.includes(password))
    .map((password) => new Secret(password));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What is announced at it goes to an address that begins so. */
function withoutLastSlash(pingUrl: Secret): Secret {
  return new Secret(pingUrl.reveal().replace(/\/$/, ''));
}
