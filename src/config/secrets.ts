import { type Config } from '../config.ts';
import { secretOf } from '../domain/credentials.ts';
import { Secret } from '../domain/secret.ts';
import { type Source } from '../domain/source.ts';
import { listKeptSecrets } from './kept-secrets.ts';

/**
 * Every secret in a configuration: each URL of one and the password within it, credentials, ping URLs, webhooks with
 * what they are signed with. With them what has been read from files by now, for this configuration or for an earlier one.
 */
export function secretsOf({
  databaseUrl,
  smtpUrl,
  principals,
  webhooks,
}: Pick<Config, 'databaseUrl' | 'smtpUrl' | 'principals' | 'webhooks'>): Secret[] {
  return [
    ...(databaseUrl === null ? [] : [databaseUrl, ...passwordsIn(databaseUrl)]),
    ...given(smtpUrl).flatMap((url) => [url, ...passwordsIn(url)]),
    ...principals.flatMap(({ credentials }) => given(credentials).map(secretOf)),
    ...principals.flatMap(({ pingUrl }) => given(pingUrl).flatMap((url) => [url, withoutLastSlash(url)])),
    ...webhooks.flatMap(({ url, secret }) => [...given(url), ...given(secret)].flatMap(partsOfWebhook)),
    ...listReadSecrets(),
  ];
}

/** What has been read from files by now; of a URL also its password, and what it is written as where more follows. */
export function listReadSecrets(): Secret[] {
  return listKeptSecrets().flatMap((secret) => [
    secret,
    ...passwordsIn(secret),
    withoutLastSlash(secret),
    ...partsOfWebhook(secret),
  ]);
}

/** {@link secretsOf} for those who ask again and again: the same list for as long as nothing new was read. */
export function followSecretsOf(config: Parameters<typeof secretsOf>[0]): () => readonly Secret[] {
  let read: readonly Secret[] | undefined;
  let secrets: readonly Secret[] = [];
  return () => {
    if (read !== listKeptSecrets()) secrets = secretsOf(config);
    read = listKeptSecrets();
    return secrets;
  };
}

/** What is read from a file is kept when it is. */
function given<T extends object>(source: Source<T> | null): T[] {
  return source === null || typeof source === 'function' ? [] : [source];
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
  return [url.password]
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

/** Shorter paths, such as `/webhook`, are in many texts, and no secret. */
const shortestPath = 16;

/** A URL is as good as told by its path, and what requests are signed with by its base64. */
function partsOfWebhook(secret: Secret): Secret[] {
  const text = secret.reveal();
  const { pathname = '', search = '', protocol = '' } = URL.parse(text) ?? {};
  const parts = [
    ...(protocol === 'https:' || protocol === 'http:' ? [pathname + search] : []),
    ...(text.startsWith('whsec_') ? [text.slice('whsec_'.length)] : []),
  ];
  return [secret, ...parts.filter((part) => part.length >= shortestPath).map((part) => new Secret(part))];
}

/** What is announced at it goes to an address that begins so. */
function withoutLastSlash(pingUrl: Secret): Secret {
  return new Secret(pingUrl.reveal().replace(/\/$/, ''));
}
