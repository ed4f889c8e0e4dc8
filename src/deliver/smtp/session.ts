import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { type SmtpServer } from './url.ts';

/** What ends a session that does not end by itself. */
export interface SessionOptions {
  /** From the first packet to the last, whatever happens in between. */
  timeoutMs: number;
  /** Cuts the session when it aborts. */
  signal: AbortSignal;
}

/**
 * Connects and logs in, lets `talk` use the connection, and says goodbye. Rejects with what went wrong: nodemailer's
 * error, the deadline, or the signal. The connection never outlives the deadline.
 */
export async function withSmtpSession<T>(
  server: SmtpServer,
  options: SessionOptions,
  talk: (connection: SMTPConnection) => Promise<T>,
): Promise<T> {
  const connection = new SMTPConnection(connectionOptions(server, options.timeoutMs));
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
  const timer = setTimeout(cut, timeoutMs, `not finished within ${timeoutMs} ms`);
  const stop = (): void => cut('stopped');
  signal.addEventListener('abort', stop);
  connection.on('error', reject);
  connection.once('end', () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    reject(new Error('the connection was closed'));
  });
  if (signal.aborted) stop();
  return promise;
}

async function connect(connection: SMTPConnection, { login }: SmtpServer): Promise<void> {
  await settle((done) => connection.connect(done));
  if (login === null) return;
  if (!connection.allowsAuth)
    throw new Error('the server offers no login, and SMTP_URL has a password for one');
  const credentials = { user: login.user, pass: login.password.reveal() };
  await settle((done) => connection.login({ credentials }, done));
}

/** A callback of nodemailer's as a promise. */
export function settle<T>(
  start: (done: (error?: Error | null, result?: T) => void) => void,
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    start((error, result) => (error ? reject(error) : resolve(result)));
  });
}

function connectionOptions({ host, port, tls }: SmtpServer, timeoutMs: number) {
  return {
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'off',
    dnsTimeout: timeoutMs,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    // A connection that is given up is gone at once, not when the other side agrees.
    socketCloseTimeout: 0,
  };
}
