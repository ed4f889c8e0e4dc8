import { createHash } from 'node:crypto';
import { access, constants, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, RollcallError } from '../domain/errors.ts';
import { type Mail, type Mailer, type SendOutcome } from './mailer.ts';
import { writeMessage } from './message.ts';
import { writeNewFile } from './new-file.ts';

/**
 * Writes each mail to a folder as an `.eml` file, which every mail client opens. A file is there whole or not at
 * all, and its name depends on the mail alone: a repeat overwrites it. It is for this user alone to read, as is the folder,
 * which is made when it is missing.
 */
export function createOutboxMailer({ folder }: { folder: string }): Mailer {
  return {
    describe: `.eml files in ${folder}`,
    send: (mail) => writeToOutbox(mail, folder),
    verify: () => verifyOutbox(folder),
    close: () => Promise.resolve(),
  };
}

async function writeToOutbox(mail: Mail, folder: string): Promise<SendOutcome> {
  const message = await writeMessage(mail);
  if ('outcome' in message) return message;
  const file = join(folder, filenameOf(mail));
  try {
    await makeFolder(folder);
    await writeNewFile(`${file}.partial`, message.source);
    await rename(`${file}.partial`, file);
  } catch (error) {
    return { outcome: 'retry', error: `cannot write ${file}: ${describeError(error)}` };
  }
  return { outcome: 'sent', response: `written to ${file}`, file };
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

async function verifyOutbox(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
    await access(folder, constants.W_OK);
  } catch (error) {
    const message = `cannot write mail to ${folder}: ${describeError(error)}; make the folder writable, or set SMTP_URL`;
    throw new RollcallError('delivery', message, { cause: error });
  }
}

/** `2026-08-14T020005Z-ops-bot-2-left-1-joined-5f0c2b9d.eml`: sorted by time, and told apart by the Message-ID. */
function filenameOf({ date, subject, messageId }: Mail): string {
  const time = date.toISOString().slice(0, 19).replaceAll(':', '');
  const title = subject
    .replace('[rollcall] ', '')
    .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 60);
  const identity = createHash('sha256').update(messageId).digest('hex').slice(0, 8);
  return `${time}Z-${title}-${identity}.eml`;
}
