import { isIPv6 } from 'node:net';
import { RollcallError } from '../domain/errors.ts';
import { Secret } from '../domain/secret.ts';

/** Where and how to reach a PostgreSQL: what `DATABASE_URL` says. */
export interface PostgresServer {
  /** For the drivers: host and port spelled out, and nothing about TLS, which each of them reads in its own way. */
  url: Secret;
  /** A name, an address, or the folder of a Unix socket, which begins with `/`. */
  host: string;
  port: number;
  tls: PostgresTls | 'off';
  /** For people: where the data lies, without credentials. */
  description: string;
}

/** What a connection over TLS asks of the server's certificate, and which one it shows. */
export interface PostgresTls {
  /**
   * - `name`: the certificate is signed by a CA that is trusted, and is the host's
   * - `chain`: it is signed by a CA that is trusted, for whatever host
   * - `nothing`: any certificate will do
   */
  verify: 'name' | 'chain' | 'nothing';
  /** The path of the certificates that are trusted, in PEM; `null` for those of the system and of Node.js. */
  ca: string | null;
  /** The paths of the certificate to show the server, and of its key, in PEM; `null` for none. */
  client: { certificate: string; key: string } | null;
}

type Mode = PostgresTls['verify'] | 'off';

/** What a connection does at each `sslmode` that never falls back to clear text. */
const modes = new Map<string, Mode>([
  ['disable', 'off'],
  ['require', 'nothing'],
  ['verify-ca', 'chain'],
  ['verify-full', 'name'],
]);

/** What to write in place of those that do, or that one driver alone knows. */
const replacements = new Map([
  ['allow', 'disable or require: allow leaves the choice to the server, without a word'],
  ['prefer', 'require or disable: prefer falls back to clear text without a word'],
  ['no-verify', 'require, which encrypts without verifying, in place of no-verify'],
]);

/** Whatever a driver may take for a word on TLS. */
const aboutTls = /^(?:ssl|tls|requiressl$|uselibpqcompat$)/i;

/**
 * Reads `postgres://user:password@host:5432/database`, percent-encoded. In place of the host, or in the parameter
 * `host`, may stand the folder of a Unix socket; without any it is `localhost`. TLS is required and the certificate
 * verified, except of this machine itself, unless `sslmode`, `sslrootcert`, `sslcert` and `sslkey` say otherwise; they
 * mean what they do to libpq (https://www.postgresql.org/docs/current/libpq-ssl.html). Throws a `RollcallError` of code
 * `configuration`, which never shows the URL: it holds a password.
 */
export function parsePostgresUrl(secret: Secret): PostgresServer {
  const url = parseUrl(secret.reveal());
  const host = readHost(url);
  const port = url.port === '' ? 5432 : Number(url.port);
  return {
    url: spellOut(url, writeHost(host), port),
    host,
    port,
    tls: chooseTls(url.searchParams, host),
    description: `PostgreSQL at ${isSocket(host) ? host : writeHost(host)}${url.port && `:${url.port}`}${url.pathname}`,
  };
}

function parseUrl(text: string): URL {
  // To libpq, a user at no host is one at the Unix socket that the parameters name.
  const url = URL.parse(text) ?? URL.parse(text.replace('@/', '@localhost/'));
  if (url === null || !/^postgres(?:ql)?:\/\//.test(url.href)) {
    throw fault('a URL such as postgres://user:password@host:5432/database');
  }
  const { username, password, hostname, pathname, search, hash } = url;
  // The rest of a password that ends the host too early would be told as the name of the database.
  const isCutShort = hash !== '' || `${pathname}${search}`.includes('@');
  if (isCutShort || ![username, password, hostname, pathname].every(isPercentEncoded)) {
    throw fault('user and password percent-encoded: / ? # @ % are written %2F %3F %23 %40 %25');
  }
  return url;
}

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function readHost({ hostname, searchParams }: URL): string {
  const host = searchParams.get('host') ?? decodeURIComponent(hostname).replaceAll(/^\[|\]$/g, '');
  if (host.includes(',')) throw fault('one host');
  return host === '' ? 'localhost' : host;
}

function isSocket(host: string): boolean {
  return host.startsWith('/');
}

/** A host as it stands in a URL. */
function writeHost(host: string): string {
  return isIPv6(host) ? `[${host}]` : encodeURIComponent(host);
}

/** The same URL in the form that both drivers understand alike, whatever PGHOST and PGPORT say. */
function spellOut(url: URL, host: string, port: number): Secret {
  const spelled = new URL(url);
  for (const name of url.searchParams.keys()) {
    if (name === 'host' || aboutTls.test(name)) spelled.searchParams.delete(name);
  }
  spelled.hostname = host;
  spelled.port = String(port);
  return new Secret(spelled.href);
}

function chooseTls(parameters: URLSearchParams, host: string): PostgresServer['tls'] {
  const given = [...parameters].filter(([name]) => aboutTls.test(name));
  const { sslmode, sslrootcert, sslcert, sslkey, ...others } = Object.fromEntries(given);
  if (Object.keys(others).length > 0) {
    throw fault(
      'sslmode=verify-full, require or disable, and no other word on TLS but sslrootcert, sslcert and sslkey',
    );
  }
  if (given.length > new Map(given).size) throw fault('each word on TLS once');
  const unsaid = sslrootcert === undefined && isThisMachine(host) ? 'disable' : 'verify-full';
  const mode = readMode(sslmode ?? unsaid);
  if (mode === 'off') {
    if ((sslrootcert ?? sslcert ?? sslkey) === undefined) return 'off';
    throw fault('sslmode=verify-full beside certificates, or no certificates');
  }
  if (isSocket(host)) throw fault('sslmode=disable or none for a Unix socket, which has no TLS');
  const { verify, ca } = readCa(mode, sslrootcert);
  return { verify, ca, client: readClient(sslcert, sslkey) };
}

function isThisMachine(host: string): boolean {
  return isSocket(host) || /^(?:localhost|::1|127(?:\.\d{1,3}){3})$/i.test(host);
}

function readMode(sslmode: string): Mode {
  const mode = modes.get(sslmode);
  if (mode !== undefined) return mode;
  throw fault(`sslmode to be ${replacements.get(sslmode) ?? 'disable, require, verify-ca or verify-full'}`);
}

function readCa(verify: PostgresTls['verify'], path: string | undefined): Pick<PostgresTls, 'verify' | 'ca'> {
  if (path === '') throw fault('sslrootcert to be the path of a file in PEM, or system');
  // libpq's word for what the system trusts; neither that nor a CA of one's own is left unused.
  if (path === 'system') return { verify: 'name', ca: null };
  if (path !== undefined) return { verify: verify === 'nothing' ? 'chain' : verify, ca: path };
  if (verify !== 'chain') return { verify, ca: null };
  throw fault(
    'sslrootcert, the path of your own CA, beside sslmode=verify-ca: a public one signs for anybody',
  );
}

function readClient(certificate: string | undefined, key: string | undefined): PostgresTls['client'] {
  if (certificate === undefined && key === undefined) return null;
  if (certificate && key) return { certificate, key };
  throw fault('both sslcert and sslkey, the paths of two files in PEM, or neither');
}

function fault(expected: string): RollcallError {
  return new RollcallError('configuration', `DATABASE_URL: expected ${expected}`);
}
