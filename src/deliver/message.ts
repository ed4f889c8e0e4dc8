import { createHash } from 'node:crypto';
import addressparser from 'nodemailer/lib/addressparser';
import MailComposer from 'nodemailer/lib/mail-composer';
import { visible } from '../domain/visible.ts';
import { encodeWords } from './encoded-words.ts';
import { listIdOf } from './list-id.ts';
import { type Mail, type SendOutcome } from './mailer.ts';

/** A mail as it goes over the wire. */
export interface Message {
  envelope: { from: string; to: string[]; size: number };
  source: Buffer;
}

interface Mailbox {
  name: string;
  address: string;
}

/**
 * The mail as a message of RFC 5322, the same bytes for the same mail: its boundaries come from the Message-ID. An
 * address that is not exactly one mailbox gives an outcome instead: `retry` for the sender, which a setting can
 * mend, `refused` for the recipient.
 */
export async function writeMessage(mail: Mail): Promise<Message | SendOutcome> {
  const from = parseMailbox(mail.from);
  if (from === null) return { outcome: 'retry', error: faultOf('the sender', mail.from) };
  const to = parseMailbox(mail.to);
  if (to === null) return { outcome: 'refused', error: faultOf('the recipient', mail.to) };
  return composeMessage(mail, from, to);
}

/** The address that mail from there is sent by, its domain in ASCII; `null` when it is not exactly one. */
export function envelopeSender(from: string): string | null {
  const mailbox = parseMailbox(from);
  if (mailbox === null) return null;
  return new MailComposer({ from: mailbox }).compile().getEnvelope().from || mailbox.address;
}

async function composeMessage(mail: Mail, from: Mailbox, to: Mailbox): Promise<Message> {
  const composer = new MailComposer({
    from,
    to,
    subject: mail.subject,
    date: mail.date,
    messageId: mail.messageId,
    ...(mail.inReplyTo === null ? {} : { inReplyTo: mail.inReplyTo }),
    references: mail.references,
    headers: headersOf(mail, from),
    text: mail.text,
    html: mail.html,
    attachments: mail.attachment === null ? [] : [attachmentOf(mail.attachment)],
    baseBoundary: createHash('sha256').update(mail.messageId).digest('hex').slice(0, 32),
    newline: 'win',
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const node = composer.compile();
  const source = await node.build();
  const envelope = node.getEnvelope();
  return { envelope: { from: envelope.from || from.address, to: envelope.to, size: source.length }, source };
}

/** For those who sort mail, and for whoever would answer by itself. */
function headersOf({ kind, principal, runId, isImportant }: Mail, from: Mailbox): Record<string, string> {
  return {
    'Auto-Submitted': 'auto-generated',
    'X-Auto-Response-Suppress': 'All',
    'List-Id': listIdOf(principal, from.address),
    'X-Rollcall-Kind': kind,
    ...(principal === null ? {} : { 'X-Rollcall-Principal': encodeWords(visible(principal)) }),
    ...(runId === null ? {} : { 'X-Rollcall-Run': String(runId) }),
    ...(isImportant ? { Importance: 'high' } : {}),
  };
}

/** Base64, so that no server on the way can touch a line ending: the CSV's hash has to hold at the recipient's. */
function attachmentOf({ filename, csv }: { filename: string; csv: string }) {
  return {
    filename,
    content: Buffer.from(csv, 'utf8'),
    contentType: 'text/csv; charset=utf-8; header=present',
    contentTransferEncoding: 'base64',
  };
}

function parseMailbox(text: string): Mailbox | null {
  const line = text.trim();
  if (!/^[^<>\p{Cc}]*(?:<[^<>\p{Cc}]*>)?$/u.test(line)) return null;
  const [mailbox, ...others] = addressparser(line, { flatten: true });
  if (mailbox === undefined || others.length > 0) return null;
  return /^[^\s@<>]+@[^\s@<>]+$/u.test(mailbox.address) ? mailbox : null;
}

function faultOf(whose: string, text: string): string {
  return `expected ${whose} to be one mail address, got ${JSON.stringify(text)}`;
}
