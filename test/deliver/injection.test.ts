import fc from 'fast-check';
import { type AddressObject, type ParsedMail, simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import { type Mail } from '../../src/deliver/mailer.ts';
import { createMessageId, createThread, threadingOf } from '../../src/deliver/message-id.ts';
import { listIdOf } from '../../src/deliver/list-id.ts';
import { type Message, writeMessage } from '../../src/deliver/message.ts';
import { visible } from '../../src/domain/visible.ts';
import { aMail } from './builders.ts';

/** What somebody may call a principal or an organization who wants to write our mail. */
const hostile = [
  'x\r\nBcc: thief@example.com',
  'x\nBcc: thief@example.com',
  'x\rBcc: thief@example.com',
  'x\r\n\r\n<p>forged body</p>',
  'x\r\n Bcc: folded@example.com',
  'x\u2028Bcc: thief@example.com\u2029',
  'x\u0085Bcc: thief@example.com\v\f\0',
  '=?utf-8?Q?x=0D=0ABcc:_thief@example.com?=',
  '=?utf-8?B?eA0KQmNjOiB0aGllZkBleGFtcGxlLmNvbQ==?=',
  '"><thief@example.com>, "',
  'a, thief@example.com; other@example.com',
  `"; filename="other.exe"; x="`,
  `x'; filename*=utf-8''other.exe`,
  `${'long '.repeat(300)}\r\nBcc: thief@example.com`,
  '--boundary--\r\nContent-Type: text/html\r\n\r\nforged',
  '🐦'.repeat(200),
  '%0d%0aBcc: thief@example.com',
  '\uD83D half',
];

const headersOfOurs = [
  'auto-submitted',
  'content-type',
  'date',
  'from',
  'importance',
  'in-reply-to',
  'list-id',
  'message-id',
  'mime-version',
  'references',
  'subject',
  'to',
  'x-auto-response-suppress',
  'x-rollcall-kind',
  'x-rollcall-principal',
  'x-rollcall-run',
];

async function written(mail: Partial<Mail>): Promise<Message> {
  const message = await writeMessage(aMail(mail));
  if ('outcome' in message) throw new Error(`It was not written: ${JSON.stringify(message)}`);
  return message;
}

/** The names in the block at the head of these bytes, in lower case and sorted. */
function namesIn(source: string): string[] {
  const [head = ''] = source.split('\r\n\r\n');
  const lines = head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n');
  return lines.map((line) => (/^([\w-]+):/.exec(line)?.[1] ?? `no header: ${line}`).toLowerCase()).sort();
}

/** A header as a mail client reads it: encoded words, and what is none, as RFC 2047 has them. */
function decodeWords(header: string): string {
  return header
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?UTF-8\?B\?([A-Za-z0-9+/=]*)\?=/g, (_word, base64: string) =>
      Buffer.from(base64, 'base64').toString(),
    );
}

/** That it is one of our mails, to our recipient alone, and nothing more. Returns what a mail client reads. */
async function expectOurs({ envelope, source }: Message): Promise<ParsedMail> {
  const text = source.toString('latin1');
  expect(namesIn(text)).toEqual(headersOfOurs);
  expect(text).not.toMatch(/(?<!\r)\n|\r(?!\n)|\0/);
  expect(envelope).toMatchObject({ from: 'rollcall@example.com', to: ['security@example.com'] });
  const parsed = await simpleParser(source);
  expect(parsed.headers.has('bcc')).toBe(false);
  expect((parsed.to as AddressObject).value.map(({ address }) => address)).toEqual(['security@example.com']);
  expect(parsed.from?.value.map(({ address }) => address)).toEqual(['rollcall@example.com']);
  expect(parsed).toMatchObject({ text: aMail().text, html: aMail().html });
  expect(parsed.attachments).toHaveLength(1);
  expect(parsed.attachments[0]).toMatchObject({ contentType: 'text/csv', contentDisposition: 'attachment' });
  expect(parsed.attachments[0]?.content.toString()).toBe(aMail().attachment?.csv);
  return parsed;
}

describe.each(hostile)('a name such as %j adds no header and no recipient', (name) => {
  it('in the subject, which is read as it was written, on one line', async () => {
    const subject = `[rollcall] ${name}: 2 left, 1 joined`;
    const parsed = await expectOurs(await written({ subject }));
    expect(parsed.subject).not.toMatch(/[\r\n]/);
    expect(parsed.subject).toMatch(/2 left, 1 joined$/);
  });

  it('in the filename, which stays one filename', async () => {
    const filename = `rollcall-${name}-2026-08-14.csv`;
    const attachment = { filename, csv: aMail().attachment?.csv ?? '' };
    const { attachments } = await expectOurs(await written({ attachment }));
    expect(attachments[0]?.filename).toMatch(/^rollcall-.*\.csv$/s);
  });

  it('in the domain of MAIL_FROM, which is in the Message-ID and the thread', async () => {
    const mailFrom = `rollcall@example.com${name}`;
    const messageId = createMessageId(mailFrom, createThread('held'));
    await expectOurs(await written({ messageId, ...threadingOf(messageId) }));
  });

  it('in a Message-ID from elsewhere', async () => {
    const [messageId, root] = [`<1${name}@example.com>`, `<2${name}@example.com>`];
    await expectOurs(await written({ messageId, references: root, inReplyTo: root }));
  });

  it('of a principal, which is read as it was written, on lines that every server takes', async () => {
    const message = await written({ principal: name });
    const { headers } = await expectOurs(message);
    expect(decodeWords(headers.get('x-rollcall-principal') as string)).toBe(visible(name).trimEnd());
    const lines = message.source.toString('latin1').split('\r\n');
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(998);
  });

  it('of a principal, whose List-Id is one as RFC 2919 has it', () => {
    const listId = listIdOf(name, `rollcall@${name.replaceAll(/[\s@<>]/g, '')}`);
    expect(listId).toMatch(/^<[a-z0-9-]{1,63}\.rollcall(?:\.[a-z0-9_-]{1,63})+>$/);
    expect(listId.length).toBeLessThan(255);
  });

  it.each(['from', 'to'] as const)(
    'in the display name of %s: it is harmless, or no mail at all',
    async (field) => {
      const address = { from: 'rollcall@example.com', to: 'security@example.com' }[field];
      const message = await writeMessage(aMail({ [field]: `"${name.replaceAll('"', '')}" <${address}>` }));
      if ('outcome' in message) expect(message.outcome).toBe(field === 'from' ? 'retry' : 'refused');
      else await expectOurs(message);
    },
  );
});

it.each(['株式会社東京ホールディングス', 'équipe sécurité ', '🐦', 'long words '])(
  'a subject and a principal of many %j are read whole, on short lines, and the head stays small',
  async (piece) => {
    const subject = `[rollcall] ${piece.repeat(20)}end`;
    const message = await written({ subject, principal: piece.repeat(8).trim() });
    const { subject: read } = await expectOurs(message);
    expect(read).toBe(subject);
    const [head = ''] = message.source.toString('latin1').split('\r\n\r\n');
    expect(Math.max(...head.split('\r\n').map(({ length }) => length))).toBeLessThanOrEqual(120);
    expect(head.length).toBeLessThan(4_000);
  },
);

it('whatever is in subject, filename and ids, it is our mail', async () => {
  const piece = fc.oneof(
    fc.constantFrom('\r', '\n', '\r\n', ' ', '"', '<', '>', ',', ';', ':', '=?', '?=', 'Bcc: a@b'),
    fc.string({ unit: 'binary' }),
  );
  const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
  await fc.assert(
    fc.asyncProperty(text, text, text, async (subject, name, id) => {
      const attachment = { filename: `${name}.csv`, csv: aMail().attachment?.csv ?? '' };
      await expectOurs(
        await written({
          subject: `x${subject}`,
          attachment,
          principal: `x${name}`,
          messageId: `<${id}@x>`,
          references: `<${id}@y>`,
          inReplyTo: `<${id}@y>`,
        }),
      );
    }),
  );
});
