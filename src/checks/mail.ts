import { type Config } from '../config.ts';
import { type Mailer } from '../deliver/mailer.ts';
import { createOutboxMailer } from '../deliver/outbox.ts';
import { openSmtpMailer } from '../deliver/smtp/current-mailer.ts';
import { createSmtpMailer } from '../deliver/smtp/smtp-mailer.ts';
import { describeError } from '../domain/errors.ts';
import { type Check, fail, ok } from './check.ts';
import { failure } from './failure.ts';
import { isWritable, nameFolder } from './folder.ts';

const subject = { check: 'mail' } as const;

const timeoutMs = 20_000;

/** The remedy when the mail server does not let us in, unless its error names a better one. */
export const unreachable = 'See that the mail server runs and can be reached from here, or correct SMTP_URL.';

/** Whether reports could be sent. Connects, logs in and names the sender, and sends nothing. */
export async function checkMail({ smtpUrl, outboxFolder, mailFrom }: Config, mailer: Mailer): Promise<Check> {
  return smtpUrl === null ? checkOutbox(outboxFolder) : checkServer(mailer, mailFrom);
}

async function checkServer(mailer: Mailer, mailFrom: string): Promise<Check> {
  try {
    await mailer.verify();
    return ok(subject, `${mailer.describe} answers, lets us in and takes ${mailFrom} as the sender`);
  } catch (error) {
    return failure(subject, describeError(error).replace('cannot send mail: ', ''), unreachable);
  }
}

/** Not by the mailer, which would make the folder. */
async function checkOutbox(folder: string): Promise<Check> {
  const what = `no SMTP_URL: each mail becomes a file in ${nameFolder(folder)}`;
  return (await isWritable(folder))
    ? ok(subject, what)
    : fail(
        subject,
        `${what}, which this user may not write to`,
        'Make the folder writable, or set SMTP_URL.',
      );
}

/** A mailer of its own, impatient, that ends with `signal`. */
export function openMailer({ smtpUrl, outboxFolder, mailFrom }: Config, signal: AbortSignal): Mailer {
  const mailer =
    smtpUrl === null
      ? createOutboxMailer({ folder: outboxFolder })
      : openSmtpMailer(smtpUrl, (url) => createSmtpMailer({ url, mailFrom, sendTimeoutMs: timeoutMs }));
  signal.addEventListener('abort', () => void mailer.close(), { once: true });
  return mailer;
}
