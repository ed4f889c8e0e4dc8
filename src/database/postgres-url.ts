import { isIPv6 } from 'node:net';
import { RollcallError } from '../domain/errors.ts';
import { Secret } from '../domain/secret.ts';
import { isThisMachine } from '../domain/this-machine.ts';

/** Where and how to reach a PostgreSQL: what `DATABASE_URL` says. */
export interface PostgresServer {
  /** A name, an address, or the folder of a Unix socket, which begins with `/`. */
  host: string;
  port: number;
  /** `null` leaves it to `PGUSER`, or is the user of this process. */
  user: string | null;
  /** `null` leaves it to `PGPASSWORD` or a password file, or is none. */
  password: Secret | null;
  /** `null`: the one that has the user's name. */
  database: string | null;
  /** By which a DBA tells our sessions from others. */
  applicationName: string;
  /** Command-line options for the server, as some providers need them; `null` for none. */
  options: string | null;
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

/** What to write in place of those that do, or that some drivers alone know. */
const replacements = new Map([
  ['allow', 'disable or require: allow leaves the choice to the server, without a word'],
  ['prefer', 'require or disable: prefer falls back to clear text without a word'],
  ['no-verify', 'require, which encrypts without verifying, in place of no-verify'],
]);

/** Whatever a driver may take for a word on TLS. */
const aboutTls = /^(?:ssl|tls|requiressl$|uselibpqcompat$)/i;

/** What a URL may say besides TLS and is heard. */
const heard = new Set(['host', 'application_name', 'options', 'channel_binding']);

/**
 * Words of libpq, of other drivers and of providers that change nothing here: about their pools, caches and retries, or
 * about settings that each transaction has of its own. Anything else may matter, and is refused.
 */
const unheard = new Set([
  ...['connect_timeout', 'fallback_application_name', 'client_encoding', 'gssencmode', 'load_balance_hosts'],
  ...['keepalives', 'keepalives_idle', 'keepalives_interval', 'keepalives_count', 'tcp_user_timeout'],
  ...['pgbouncer', 'connection_limit', 'pool_timeout', 'socket_timeout', 'statement_cache_size', 'schema'],
  ...['pool', 'pool_size', 'pool_mode', 'max_conns', 'min_conns', 'pool_max_conns', 'pool_min_conns'],
  ...['prepared_statements', 'prepareThreshold', 'preparedStatementCacheQueries', 'statement_cache_mode'],
  ...['default_query_exec_mode', 'binary_parameters', 'reWriteBatchedInserts', 'reconnect', 'timeout'],
  ...['serverVersion', 'charset', 'encoding', 'currentSchema', 'search_path', 'timezone', 'TimeZone'],
  ...['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'supa', 'workaround'],
]);

/** Of libpq, where any one server will do as long as it takes changes. */
const targets = new Set(['any', 'read-write', 'primary', 'prefer-standby']);

/**
 * Reads `postgres://user:password@host:5432/database`, percent-encoded. In place of the host, or in the parameter
 * `host`, may stand the folder of a Unix socket; without any it is `localhost`. TLS is required and the certificate
 * verified, except of this machine itself, unless `sslmode`, `sslrootcert`, `sslcert` and `sslkey` say otherwise; they
 * mean what they do to libpq (https://www.postgresql.org/docs/current/libpq-ssl.html). A word that could matter and is
 * not known is refused. Throws a `RollcallError` of code `configuration`, which never shows the URL: it holds a password.
 */
export function parsePostgresUrl(secret: Secret): PostgresServer {
  const url = parseUrl(secret.reveal());
  refuseUnknownWords(url.searchParams);
  const host = readHost(url);
  const password = decodeURIComponent(url.password);
  return {
    host,
    port: url.port === '' ? 5432 : Number(url.port),
    user: decodeURIComponent(url.username) || null,
    password: password === '' ? null : new Secret(password),
    database: decodeURIComponent(url.pathname.slice(1)) || null,
    applicationName: url.searchParams.get('application_name') ?? 'rollcall',
    options: url.searchParams.get('options'),
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

function refuseUnknownWords(parameters: URLSearchParams): void {
  for (const [name, value] of parameters) {
    if (aboutTls.test(name) || heard.has(name) || unheard.has(name)) continue;
    if (name === 'target_session_attrs' && targets.has(value)) continue;
    throw fault(`no ${name}=… among the words after ?, which rollcall does not know`);
  }
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
  const unsaid =
    sslrootcert === undefined && (isSocket(host) || isThisMachine(host)) ? 'disable' : 'verify-full';
  const mode = bindChannel(readMode(sslmode ?? unsaid), parameters.get('channel_binding'));
  if (mode === 'off') {
    if ((sslrootcert ?? sslcert ?? sslkey) === undefined) return 'off';
    throw fault('sslmode=verify-full beside certificates, or no certificates');
  }
  if (isSocket(host)) throw fault('sslmode=disable or none for a Unix socket, which has no TLS');
  const { verify, ca } = readCa(mode, sslrootcert);
  return { verify, ca, client: readClient(sslcert, sslkey) };
}

/** To require it asks that the server prove to be the one at the other end of TLS, which here a certificate does. */
function bindChannel(mode: Mode, binding: string | null): Mode {
  if (binding === null || binding === 'prefer' || binding === 'disable') return mode;
  if (binding === 'require' && mode !== 'off') return mode === 'nothing' ? 'name' : mode;
  throw fault('channel_binding to be disable, prefer or, beside TLS, require');
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
