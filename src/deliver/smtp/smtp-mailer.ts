import { hostname } from 'node:os';
import { Readable } from 'node:stream';
import { type default as SMTPConnection, type SMTPConnectionSendInfo } from 'nodemailer/lib/smtp-connection';
import { RollcallError } from '../../domain/errors.ts';
import { type Secret } from '../../domain/secret.ts';
import { type Mail, type Mailer, type SendOutcome } from '../mailer.ts';
import { envelopeSender, type Message, writeMessage } from '../message.ts';
import { chooseClientName } from './client-name.ts';
import { codeOf, say, SmtpRefusal } from './dialogue.ts';
import { classifyFailure, type SmtpFailure } from './outcome.ts';
import { type SessionOptions, settle, withSmtpSession } from './session.ts';
import { explainFailure, placeOf, quoteServer } from './text.ts';
import { parseSmtpUrl, type SmtpServer } from './url.ts';

const pieceBytes = 64 * 1024;

/** Which server to send by, as whom, and how long it may take. */
export interface SmtpMailerOptions {
  /** `smtp://` or `smtps://`, as `parseSmtpUrl` reads it. */
  url: Secret;
  /** Whose domain may be our name in EHLO, and whom the server is asked about by `verify`. */
  mailFrom: string;
  /**
   * How long one mail may take from connecting to the server's answer. Default: 50,000, so that a mail that has to go a
   * second time, without its file, is done before the queue takes its sender for dead.
   */
  sendTimeoutMs?: number;
}

/** Sends each mail over a connection of its own. Throws a `RollcallError` of code `configuration` for a bad URL. */
export function createSmtpMailer({ url, mailFrom, sendTimeoutMs = 50_000 }: SmtpMailerOptions): Mailer {
  const server = parseSmtpUrl(url);
  const closing = new AbortController();
  const clientName = chooseClientName({ given: server.clientName, hostname: hostname(), mailFrom });
  const options = { clientName, timeoutMs: sendTimeoutMs, signal: closing.signal };
  return {
    describe: describeServer(server),
    send: (mail) => sendBySmtp(mail, server, options),
    verify: () => verifyServer(server, mailFrom, options),
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
  const session = { hasBegun: false };
  try {
    const response = await withSmtpSession(server, options, (connection) => {
      session.hasBegun = true;
      return transmit(connection, message, body);
    });
    const answer = quoteServer(response, server);
    if (body.readableEnded) return { outcome: 'sent', response: answer };
    const error = `${placeOf(server)}: answered before the end of the message: ${answer}`;
    return { outcome: 'unknown', error };
  } catch (thrown) {
    const failure = toFailure(thrown);
    const error = explainFailure(failure, server);
    if (!session.hasBegun) return { outcome: 'retry', error, isServerAway: true };
    const progress = { handedOver: body.readableEnded, hasFile: mail.attachment !== null };
    const outcome = classifyFailure(failure, progress);
    return outcome === 'too_large' ? { outcome: 'refused', error, isTooLarge: true } : { outcome, error };
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

async function verifyServer(server: SmtpServer, mailFrom: string, options: SessionOptions): Promise<void> {
  const sender = envelopeSender(mailFrom);
  if (sender === null) throw cannotSend('expected MAIL_FROM to be one mail address');
  try {
    await withSmtpSession(server, options, (connection) => askForSender(connection, sender));
  } catch (error) {
    // Without its cause: a server may have repeated the password in its answer, and a log would print it.
    throw cannotSend(explainFailure(toFailure(error), server));
  }
}

/** Begins a mail, as the server may refuse only then, and drops it. Throws {@link SmtpRefusal}. */
async function askForSender(connection: SMTPConnection, sender: string): Promise<void> {
  const parameters = /^[\x21-\x7e]*$/.test(sender) ? '' : ' SMTPUTF8';
  const answer = await say(connection, `MAIL FROM:<${sender}>${parameters}`);
  if (Math.floor(codeOf(answer) / 100) !== 2) throw new SmtpRefusal('MAIL FROM', answer);
  await say(connection, 'RSET');
}

function cannotSend(why: string): RollcallError {
  return new RollcallError('delivery', `cannot send mail: ${why}`);
}

function describeServer(server: SmtpServer): string {
  const protection = { implicit: 'TLS', starttls: 'STARTTLS', off: 'no TLS' };
  return `${placeOf(server)} (${protection[server.tls]})`;
}

function toFailure(thrown: unknown): SmtpFailure {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
