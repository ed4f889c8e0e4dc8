import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import {
  type ConnectionOptions,
  createSecureContext,
  getCACertificates,
  type SecureContextOptions,
} from 'node:tls';
import { RollcallError, describeError } from '../domain/errors.ts';
import { type PostgresServer, type PostgresTls } from './postgres-url.ts';

/**
 * The option `ssl` of both drivers: `false` for clear text, else what `tls.connect` takes, and then neither goes on
 * without TLS. Throws `configuration` when a certificate or key cannot be read.
 */
export function readTlsOptions({ host, tls }: PostgresServer): ConnectionOptions | false {
  if (tls === 'off') return false;
  return {
    // Without it, postgres.js would verify the certificate of an address against the name `localhost`.
    host,
    rejectUnauthorized: tls.verify !== 'nothing',
    // Read once: the hundreds of certificates of a system take longer than a connection does.
    secureContext: secureContextOf(tls),
    ...(tls.verify === 'chain' && { checkServerIdentity: () => undefined }),
  };
}

function secureContextOf({ ca, client }: PostgresTls) {
  const options: SecureContextOptions = {
    ca: ca === null ? [...getCACertificates('default'), ...getCACertificates('system')] : readCa(ca),
    ...(client !== null && { cert: read('sslcert', client.certificate), key: read('sslkey', client.key) }),
  };
  try {
    return createSecureContext(options);
  } catch (error) {
    throw fault('sslcert and sslkey to be a certificate in PEM and its key, without a passphrase', error);
  }
}

const largestBytes = 1024 * 1024;

function readCa(path: string): string {
  const pem = read('sslrootcert', path);
  try {
    // A secure context takes any text, and then trusts nobody.
    new X509Certificate(pem);
  } catch (error) {
    throw fault('sslrootcert to be a file of certificates in PEM', error);
  }
  return pem;
}

function read(parameter: string, path: string): string {
  try {
    // A pipe would be waited for, and a device read without end.
    const stats = statSync(path);
    if (!stats.isFile() || stats.size > largestBytes)
      throw new Error('it is no plain file of at most a megabyte');
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw fault(`${parameter} to be a readable file`, error);
  }
}

function fault(expected: string, cause: unknown): RollcallError {
  const message = `DATABASE_URL: expected ${expected}: ${describeError(cause)}.`;
  return new RollcallError('configuration', message, { cause });
}

/** The first message of a client that wants TLS: https://www.postgresql.org/docs/current/protocol-message-formats.html */
const sslRequest = Buffer.of(0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f);

const answerTimeoutMs = 5_000;

/** Whether the server says that it has no TLS, which postgres.js does not tell from a connection that broke off. */
export async function declinesTls({ host, port }: PostgresServer): Promise<boolean> {
  const socket = connect({ host, port, timeout: answerTimeoutMs });
  socket.on('timeout', () => socket.destroy()).write(sslRequest);
  try {
    for await (const answer of socket as AsyncIterable<Buffer>) return answer.toString().startsWith('N');
  } catch {
    // Without an answer, what is known already has to do.
  }
  return false;
}
