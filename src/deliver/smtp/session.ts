import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { logIn } from './login.ts';
import { type SmtpServer } from './url.ts';

/** Whom we say that we are, and what ends a session that does not end by itself. */
export interface SessionOptions {
  /** The name in EHLO. */
  clientName: string;
  /** From the first packet to the last, whatever happens in between. */
  timeoutMs: number;
  /** Cuts the session when it aborts. */
  signal: AbortSignal;
}

/** Longer than any answer that a server gives. */
const longestAnswerBytes = 64 * 1024;

/** More than a server has to say in a session, its certificates included; nodemailer bounds single answers alone. */
const mostBytes = 512 * 1024;

const meterMs = 100;

/**
 * Connects and logs in, lets `talk` use the connection, and says goodbye. Rejects with what went wrong: nodemailer's
 * error, `SmtpRefusal` or `NoWayToLogIn`, the deadline, or the signal. The connection never outlives the deadline.
 */
export async function withSmtpSession<T>(
  server: SmtpServer,
  options: SessionOptions,
  talk: (connection: SMTPConnection) => Promise<T>,
): Promise<T> {
  const connection = new SMTPConnection(connectionOptions(server, options));
  const broken = watch(connection, options);
  try {
    const result = await Promise.race([broken, connect(connection, server).then(() => talk(connection))]);
    connection.quit();
    return result;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Rejects once the connection fails, ends, or has to end; never resolves. */
function watch(connection: SMTPConnection, { timeoutMs, signal }: SessionOptions): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  const cut = (reason: string): void => {
    reject(new Error(reason));
    connection.close();
  };
  const tooLate = (): void =>
    cut(`${isSilent(connection) ? 'no greeting came' : 'not finished'} within ${timeoutMs} ms`);
  const timer = setTimeout(tooLate, timeoutMs);
  const meter = setInterval(() => {
    if (bytesRead(connection) > mostBytes) cut('the server says too much');
  }, meterMs);
  const stop = (): void => cut('stopped');
  signal.addEventListener('abort', stop);
  connection.on('error', reject);
  connection.once('end', () => {
    clearTimeout(timer);
    clearInterval(meter);
    signal.removeEventListener('abort', stop);
    // Not at once: an answer that ends the session is about to be told.
    setImmediate(reject, new Error('the connection was closed'));
  });
  if (signal.aborted) stop();
  return promise;
}

/** Whether somebody took the connection and has said nothing on it. */
function isSilent(connection: SMTPConnection): boolean {
  return connection.stage === 'connected' && bytesRead(connection) === 0;
}

function bytesRead({ _socket: socket }: SMTPConnection): number {
  return socket === false || socket === null ? 0 : socket.bytesRead;
}

async function connect(connection: SMTPConnection, { login }: SmtpServer): Promise<void> {
  try {
    await settle((done) => connection.connect(done));
  } catch (error) {
    throw isSilent(connection) ? new Error('no greeting came before the server hung up') : error;
  }
  if (login !== null) await logIn(connection, login);
}

/** A callback of nodemailer's as a promise. */
export function settle<T>(
  start: (done: (error?: Error | null, result?: T) => void) => void,
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    start((error, result) => (error ? reject(error) : resolve(result)));
  });
}

function connectionOptions({ host, port, tls }: SmtpServer, { clientName, timeoutMs }: SessionOptions) {
  // Longer than the deadline, which tells what was the matter.
  const patienceMs = 2 * timeoutMs;
  return {
    host,
    port,
    name: clientName,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'off',
    maxResponseSize: longestAnswerBytes,
    dnsTimeout: patienceMs,
    connectionTimeout: patienceMs,
    greetingTimeout: patienceMs,
    socketTimeout: patienceMs,
    // A connection that is given up is gone at once, not when the other side agrees.
    socketCloseTimeout: 0,
  };
}
