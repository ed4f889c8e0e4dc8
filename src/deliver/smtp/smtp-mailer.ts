import { Readable } from 'node:stream';
import { type NodemailerError } from 'nodemailer';
import { type default as SMTPConnection, type SMTPConnectionSendInfo } from 'nodemailer/lib/smtp-connection';
import { describeError, RollcallError } from '../../domain/errors.ts';
import { type Secret } from '../../domain/secret.ts';
import { type Mail, type Mailer, type SendOutcome } from '../mailer.ts';
import { type Message, writeMessage } from '../message.ts';
import { classifyFailure } from './outcome.ts';
import { type SessionOptions, settle, withSmtpSession } from './session.ts';
import { quoteServer } from './text.ts';
import { parseSmtpUrl, type SmtpServer } from './url.ts';

const pieceBytes = 64 * 1024;

/** Which server to send by, and how long it may take. */
export interface SmtpMailerOptions {
  /** `smtp://` or `smtps://`, as `parseSmtpUrl` reads it. */
  url: Secret;
  /** How long one mail may take from connecting to the server's answer. Default: 60,000. */
  sendTimeoutMs?: number;
}

/** Sends each mail over a connection of its own. Throws a `RollcallError` of code `configuration` for a bad URL. */
export function createSmtpMailer({ url, sendTimeoutMs = 60_000 }: SmtpMailerOptions): Mailer {
  const server = parseSmtpUrl(url);
  const closing = new AbortController();
  const options = { timeoutMs: sendTimeoutMs, signal: closing.signal };
  return {
    describe: describeServer(server),
    send: (mail) => sendBySmtp(mail, server, options),
    verify: () => verifyServer(server, options),
    close: () => {
      closing.abort();
      return Promise.resolve();
    },
  };
}

async function sendBySmtp(mail: Mail, server: SmtpServer, options: SessionOptions): Promise<SendOutcome> {
  const message = await writeMessage(mail);
  if ('outcome' in message) return message;
  const body = readInPieces(message.source);
  try {
    const response = await withSmtpSession(server, options, (connection) =>
      transmit(connection, message, body),
    );
    if (body.readableEnded) return { outcome: 'sent', response: quoteServer(response, server) };
    const error = `${placeOf(server)}: answered before the end of the message: ${response}`;
    return { outcome: 'unknown', error: quoteServer(error, server) };
  } catch (error) {
    return {
      outcome: classifyFailure(toError(error), body.readableEnded),
      error: explain(error, server),
    };
  }
}

/** Resolves with the server's answer to the whole message. */
async function transmit(connection: SMTPConnection, { envelope }: Message, body: Readable): Promise<string> {
  const info = await settle<SMTPConnectionSendInfo>((done) => connection.send(envelope, body, done));
  return info?.response ?? '';
}

/**
 * The message as a stream that nodemailer reads only once the server has agreed to DATA, and whose end, when it has
 * been read, is followed by the dot that ends the message: so `readableEnded` tells what the server can have.
 */
function readInPieces(source: Buffer): Readable {
  const pieces = function* (): Generator<Buffer> {
    for (let start = 0; start < source.length; start += pieceBytes) {
      yield source.subarray(start, start + pieceBytes);
    }
  };
  return Readable.from(pieces(), { objectMode: false });
}

async function verifyServer(server: SmtpServer, options: SessionOptions): Promise<void> {
  try {
    await withSmtpSession(server, options, () => Promise.resolve());
  } catch (error) {
    // Without its cause: a server may have repeated the password in its answer, and a log would print it.
    throw new RollcallError('delivery', `cannot send mail: ${explain(error, server)}`);
  }
}

function describeServer(server: SmtpServer): string {
  const protection = { implicit: 'TLS', starttls: 'STARTTLS', off: 'no TLS' };
  return `${placeOf(server)} (${protection[server.tls]})`;
}

function placeOf({ host, port }: SmtpServer): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** What went wrong, where, and the remedy where it is known. */
function explain(thrown: unknown, server: SmtpServer): string {
  const error = toError(thrown);
  const remedy = error.code === 'EAUTH' ? '; check the user and the password in SMTP_URL' : '';
  return quoteServer(`${placeOf(server)}: ${describeError(error)}`, server) + remedy;
}

function toError(thrown: unknown): NodemailerError {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
