import { RollcallError } from '../../domain/errors.ts';
import { Secret } from '../../domain/secret.ts';
import { isThisMachine } from '../../domain/this-machine.ts';
import { isClientName } from './client-name.ts';

/** Where and how to reach a mail server: what `SMTP_URL` says. */
export interface SmtpServer {
  host: string;
  port: number;
  /**
   * - `implicit`: TLS from the first byte (`smtps://`)
   * - `starttls`: nothing is sent before the upgrade, and nothing without it
   * - `off`: in the clear
   */
  tls: 'implicit' | 'starttls' | 'off';
  /** What to call ourselves in EHLO; `null` to choose a name. */
  clientName: string | null;
  /** `null` for a server that asks for no login. */
  login: { user: string; password: Secret } | null;
}

const example = 'smtp://user:password@mail.example.com:587';

/**
 * Reads `smtp://` (port 587) or `smtps://` (port 465), `user:password@` percent-encoded. `smtp://` requires STARTTLS,
 * except of this machine itself; `?tls=off` gives it up, `?tls=on` asks it of this machine too. `?name=` is what to
 * call ourselves in EHLO. Throws a `RollcallError` of code `configuration`, which never shows the URL: it holds a password.
 */
export function parseSmtpUrl(secret: Secret): SmtpServer {
  const url = URL.parse(secret.reveal());
  if (url === null || url.hostname === '') throw fault(`a URL such as ${example}`);
  if (url.protocol !== 'smtp:' && url.protocol !== 'smtps:') throw fault('smtp:// or smtps://');
  if (!['', '/'].includes(url.pathname) || url.hash !== '') {
    throw fault('nothing behind the port; / and # in a password are written %2F and %23');
  }
  const implicit = url.protocol === 'smtps:';
  const host = url.hostname.replaceAll(/^\[|\]$/g, '').toLowerCase();
  return {
    host,
    port: url.port === '' ? (implicit ? 465 : 587) : Number(url.port),
    ...parseParameters(url, implicit, host),
    login: parseLogin(url),
  };
}

function parseParameters(
  { searchParams }: URL,
  implicit: boolean,
  host: string,
): Pick<SmtpServer, 'tls' | 'clientName'> {
  const { tls, name = null, ...others } = Object.fromEntries(searchParams);
  if (Object.keys(others).length > 0) throw fault('no parameters other than tls and name');
  if (name !== null && !isClientName(name))
    throw fault('name to be a host name, such as rollcall.example.com');
  if (implicit && tls !== undefined) throw fault('no tls behind smtps://, which is TLS throughout');
  return { tls: implicit ? 'implicit' : chooseTls(tls, host), clientName: name };
}

function chooseTls(tls: string | undefined, host: string): 'starttls' | 'off' {
  if (tls !== undefined && tls !== 'on' && tls !== 'off') throw fault('tls to be on or off');
  if (tls === undefined) return isThisMachine(host) ? 'off' : 'starttls';
  return tls === 'on' ? 'starttls' : 'off';
}

function parseLogin({ username, password }: URL): SmtpServer['login'] {
  if (username === '' && password === '') return null;
  if (username === '' || password === '') throw fault('both a user and a password, or neither');
  return { user: decode(username), password: new Secret(decode(password)) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw fault('user and password percent-encoded: a % is written %25');
  }
}

function fault(expected: string): RollcallError {
  return new RollcallError('configuration', `SMTP_URL: expected ${expected}`);
}
