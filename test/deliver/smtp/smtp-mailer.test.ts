import { createHash } from 'node:crypto';
import { type AddressObject, simpleParser } from 'mailparser';
import { describe, expect, test } from 'vitest';
import { type Mailer } from '../../../src/deliver/mailer.ts';
import { aMail } from '../builders.ts';
import { type MailServer, startMailServer } from '../mail-server.ts';
import { aScriptedServer, aServer, mailerFor, reply } from './mailers.ts';

const deadlineMs = 200;

describe('a mail that the server takes', () => {
  test('arrives whole, its CSV byte for byte', async () => {
    const server = await aServer();
    const csv = 'change_id,organization_name\r\n1,"Ünï, ""Söhne""\r\n.\r\nnext 🐦 שלום"\r\n'.repeat(400);
    const mail = aMail({ attachment: { filename: 'rollcall-ops-bot-2026-08-14.csv', csv } });

    const outcome = await mailerFor(server).send(mail);

    expect(outcome).toEqual({ outcome: 'sent', response: expect.stringMatching(/^250 /) as string });
    const [message] = server.messages;
    const parsed = await simpleParser(message ?? '');
    expect(parsed.subject).toBe(mail.subject);
    expect(parsed.text).toBe(mail.text);
    expect(parsed.html).toBe(mail.html);
    const [attachment] = parsed.attachments;
    expect(attachment).toMatchObject({ filename: mail.attachment?.filename, contentType: 'text/csv' });
    expect(attachment?.content.equals(Buffer.from(csv))).toBe(true);
    expect(sha256(attachment?.content ?? '')).toBe(sha256(csv));
  });

  test('carries the headers that threads, filters and auto-responders go by', async () => {
    const server = await aServer();
    await mailerFor(server).send(aMail());
    const { headers, messageId, inReplyTo, references, date } = await simpleParser(server.messages[0] ?? '');
    expect(messageId).toBe('<report-7.security@rollcall.example.com>');
    expect(inReplyTo).toBe('<thread.failure-0123456789ab@rollcall.example.com>');
    expect(references).toBe('<thread.failure-0123456789ab@rollcall.example.com>');
    expect(date).toEqual(aMail().date);
    expect(headers.get('list')).toEqual({ id: { name: 'ops-bot.rollcall.example.com' } });
    const others = ['auto-submitted', 'x-auto-response-suppress', 'priority'];
    expect(others.map((name) => headers.get(name))).toEqual(['auto-generated', 'All', 'high']);
    expect(server.messages[0]?.toString()).toMatch(/^Importance: high\r$/m);
    const ours = ['x-rollcall-run', 'x-rollcall-kind', 'x-rollcall-principal'];
    expect(ours.map((name) => headers.get(name))).toEqual(['812', 'changes', 'ops-bot']);
  });

  test('is the same bytes at every retry', async () => {
    const server = await aServer();
    const mailer = mailerFor(server);
    await mailer.send(aMail());
    await mailer.send(aMail());
    expect(server.messages).toHaveLength(2);
    expect(server.messages[0]?.equals(server.messages[1] ?? Buffer.alloc(0))).toBe(true);
  });

  test('has no attachment and no header for what there is not', async () => {
    const server = await aServer();
    const nothing = { attachment: null, runId: null, principal: null, inReplyTo: null, isImportant: false };
    await mailerFor(server).send(aMail(nothing));
    const { attachments, headers } = await simpleParser(server.messages[0] ?? '');
    expect(attachments).toEqual([]);
    const absent = ['x-rollcall-run', 'x-rollcall-principal', 'in-reply-to', 'priority'];
    expect(absent.filter((name) => headers.has(name))).toEqual([]);
    expect(headers.get('list')).toEqual({ id: { name: 'rollcall.example.com' } });
  });

  test('goes through a login', async () => {
    const logins: unknown[] = [];
    const server = await aServer({
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _session, done) => {
        logins.push([username, password]);
        done(null, { user: username });
      },
    });
    const mailer = mailerFor(server, { login: 'ops%40example.com:p%40ss%2Fword%25@' });
    expect(await mailer.send(aMail())).toMatchObject({ outcome: 'sent' });
    expect(logins).toEqual([['ops@example.com', 'p@ss/word%']]);
  });
});

describe('nothing in a mail can add a header or a recipient', () => {
  test('a line end in the subject stays in the subject', async () => {
    const server = await aServer();
    await mailerFor(server).send(aMail({ subject: 'ops-bot\r\nBcc: thief@example.com\r\n\r\nforged body' }));
    const { headers, subject, text } = await simpleParser(server.messages[0] ?? '');
    expect(headers.has('bcc')).toBe(false);
    expect(subject).toContain('Bcc: thief@example.com');
    expect(text).toBe(aMail().text);
  });

  test('a line end in a display name is no sender at all, and waits for the setting to be mended', async () => {
    const server = await aServer();
    const mail = aMail({ from: 'Rollcall\r\nBcc: thief@example.com <rollcall@example.com>' });
    expect(await mailerFor(server).send(mail)).toMatchObject({ outcome: 'retry' });
    expect(server.messages).toEqual([]);
  });

  test.each([
    'a@example.com, b@example.com',
    'a@example.com; b@example.com',
    'a@example.com\r\nBcc: b@example.com',
    'a@example.com> RCPT TO:<b@example.com',
    'team: a@example.com, b@example.com;',
    'nobody',
    '',
  ])('%j is not one recipient', async (to) => {
    const server = await aServer();
    expect(await mailerFor(server).send(aMail({ to }))).toMatchObject({ outcome: 'refused' });
    expect(server.messages).toEqual([]);
  });

  test('one mail goes to one recipient, whose name may hold a comma', async () => {
    const recipients: string[] = [];
    const server = await aServer({
      onRcptTo: ({ address }, _session, done) => {
        recipients.push(address);
        done();
      },
    });
    await mailerFor(server).send(aMail({ to: '"Security, Platform" <Security@example.com>' }));
    expect(recipients).toEqual(['Security@example.com']);
    const { to } = await simpleParser(server.messages[0] ?? '');
    expect((to as AddressObject).value).toEqual([
      { name: 'Security, Platform', address: 'Security@example.com' },
    ]);
  });
});

describe('what the server answers decides', () => {
  test.each([
    [451, 'retry'],
    [550, 'refused'],
    [530, 'retry'],
  ])('%i to the recipient: %s', async (code, outcome) => {
    const server = await aServer({ onRcptTo: (_address, _session, done) => done(reply(code)) });
    expect(await mailerFor(server).send(aMail())).toMatchObject({
      outcome,
      error: expect.stringContaining(String(code)) as string,
    });
  });

  test.each([
    [452, 'retry'],
    [554, 'refused'],
  ])('%i after the whole message: %s', async (code, outcome) => {
    const server = await aServer({
      onData: (stream, _session, done) => {
        stream.resume().on('end', () => done(reply(code)));
      },
    });
    expect(await mailerFor(server).send(aMail())).toMatchObject({ outcome });
  });

  test('a sender that is refused is retried, for a setting can mend it', async () => {
    const server = await aServer({ onMailFrom: (_address, _session, done) => done(reply(550)) });
    expect(await mailerFor(server).send(aMail())).toMatchObject({ outcome: 'retry' });
  });

  test('a message larger than the server takes is refused', async () => {
    const server = await aServer({ size: 100 });
    expect(await mailerFor(server).send(aMail())).toMatchObject({ outcome: 'refused' });
  });

  test('a server that is closing is retried', async () => {
    const server = await aServer({ onConnect: (_session, done) => done(reply(421, 'too busy')) });
    expect(await mailerFor(server).send(aMail())).toMatchObject({ outcome: 'retry' });
  });

  test('250 before the end of the message is not believed', async () => {
    const server = await aScriptedServer((line) => {
      if (line.startsWith('DATA')) return '354 go on\r\n250 taken already';
      return /^(?:EHLO|MAIL|RCPT)/.test(line) ? '250 ok' : '';
    });
    const attachment = { filename: 'large.csv', csv: 'x'.repeat(16 * 1024 * 1024) };
    const outcome = await mailerFor(server).send(aMail({ attachment }));
    expect(outcome).toMatchObject({ outcome: 'unknown' });
  });
});

describe('without an answer, the end of the message decides', () => {
  test('a port where nobody listens: retry', async () => {
    const server = await startMailServer();
    await server[Symbol.asyncDispose]();
    expect(await mailerFor(server).send(aMail())).toMatchObject({ outcome: 'retry' });
  });

  test('a host that does not exist: retry', async () => {
    const mailer = mailerFor({ port: 587 }, { host: 'mail.invalid', sendTimeoutMs: deadlineMs });
    expect(await mailer.send(aMail())).toMatchObject({ outcome: 'retry' });
  });

  test('dropped before the message: retry', async () => {
    const server: MailServer = await aServer({ onRcptTo: () => server.drop() });
    expect(await mailerFor(server).send(aMail())).toMatchObject({ outcome: 'retry' });
  });

  test('dropped in the middle of the message: retry', async () => {
    const server: MailServer = await aServer({
      onData: (stream) => {
        stream.once('data', () => {
          stream.pause();
          server.drop();
        });
      },
    });
    const attachment = { filename: 'large.csv', csv: 'x'.repeat(16 * 1024 * 1024) };
    expect(await mailerFor(server).send(aMail({ attachment }))).toMatchObject({ outcome: 'retry' });
  });

  test('dropped after the whole message: unknown', async () => {
    const server: MailServer = await aServer({
      onData: (stream) => {
        stream.resume().on('end', () => server.drop());
      },
    });
    expect(await mailerFor(server).send(aMail())).toMatchObject({ outcome: 'unknown' });
  });

  test('silent from the first: ends with the deadline, retry', async () => {
    const server = await aServer({ onConnect: () => undefined });
    const outcome = await mailerFor(server, { sendTimeoutMs: deadlineMs }).send(aMail());
    expect(outcome).toMatchObject({ outcome: 'retry' });
  });

  test('a word at a time, for ever: ends with the deadline, retry', async () => {
    const server = await aScriptedServer((line) => (line.startsWith('EHLO') ? '250-still thinking' : ''));
    const outcome = await mailerFor(server, { sendTimeoutMs: deadlineMs }).send(aMail());
    expect(outcome).toMatchObject({ outcome: 'retry' });
  });

  test('silent after the whole message: ends with the deadline, unknown', async () => {
    const server = await aServer({ onData: (stream) => void stream.resume() });
    const outcome = await mailerFor(server, { sendTimeoutMs: deadlineMs }).send(aMail());
    expect(outcome).toMatchObject({
      outcome: 'unknown',
      error: expect.stringContaining(`${deadlineMs} ms`) as string,
    });
  });

  test('closing the mailer cuts a send in hand', async () => {
    const mailers: Mailer[] = [];
    const server = await aServer({ onRcptTo: () => void mailers[0]?.close() });
    const mailer = mailerFor(server);
    mailers.push(mailer);
    expect(await mailer.send(aMail())).toMatchObject({
      outcome: 'retry',
      error: expect.stringContaining('stopped') as string,
    });
  });
});

describe('a password stays secret', () => {
  const password = 'hunter2-very/secret';
  const login = `ops:${encodeURIComponent(password)}@`;
  const spelled = [
    password,
    Buffer.from(password).toString('base64'),
    Buffer.from(`\0ops\0${password}`).toString('base64'),
  ];

  test('when the server refuses it, and repeats it in the answer', async () => {
    const server = await aServer({
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => done(reply(535, `wrong: ${spelled.join(' ')}`)),
    });
    const mailer = mailerFor(server, { login });

    const outcome = await mailer.send(aMail());
    const failure: unknown = await mailer.verify().catch((error: unknown) => error);

    expect(outcome).toMatchObject({ outcome: 'retry', error: expect.stringContaining('535') as string });
    for (const secret of spelled) {
      expect(JSON.stringify(outcome)).not.toContain(secret);
      expect(String(failure)).not.toContain(secret);
    }
  });

  test('when the server offers no login: it is not sent, and neither is the mail', async () => {
    const lines: string[] = [];
    const server = await aScriptedServer((line) => {
      lines.push(line);
      return '250 ok';
    });
    expect(await mailerFor(server, { login }).send(aMail())).toMatchObject({ outcome: 'retry' });
    expect(lines.filter((line) => !line.startsWith('EHLO') && !line.startsWith('QUIT'))).toEqual([]);
  });

  test('when STARTTLS is asked for and not to be had: nothing is sent in the clear', async () => {
    const lines: string[] = [];
    const server = await aScriptedServer((line) => {
      lines.push(line);
      return line.startsWith('STARTTLS') ? '502 no' : '250-me\r\n250 AUTH PLAIN';
    });
    const outcome = await mailerFor(server, { login, query: '?tls=on' }).send(aMail());
    expect(outcome).toMatchObject({ outcome: 'retry', error: expect.stringContaining('STARTTLS') as string });
    expect(lines.filter((line) => /^(?:AUTH|MAIL|RCPT|DATA)/.test(line))).toEqual([]);
  });

  test('when the certificate is not to be trusted: retry, and nothing is sent', async () => {
    const server = await aServer({ disabledCommands: [], authOptional: true });
    const outcome = await mailerFor(server, { login, query: '?tls=on' }).send(aMail());
    expect(outcome).toMatchObject({
      outcome: 'retry',
      error: expect.stringContaining('certificate') as string,
    });
    expect(server.messages).toEqual([]);
  });
});

describe('verify', () => {
  test('goes as far as the login, and sends nothing', async () => {
    const server = await aServer();
    await expect(mailerFor(server).verify()).resolves.toBeUndefined();
    expect(server.messages).toEqual([]);
  });

  test('says which server failed, and how', async () => {
    const server = await startMailServer();
    await server[Symbol.asyncDispose]();
    await expect(mailerFor(server).verify()).rejects.toMatchObject({
      code: 'delivery',
      message: expect.stringContaining(`127.0.0.1:${server.port}: connect ECONNREFUSED`) as string,
    });
  });
});

function sha256(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
