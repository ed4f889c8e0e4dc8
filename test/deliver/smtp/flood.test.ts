import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { quoteServer } from '../../../src/deliver/smtp/text.ts';
import { type SmtpServer } from '../../../src/deliver/smtp/url.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { aMail } from '../builders.ts';
import { aScriptedServer, mailerFor } from './mailers.ts';

/** A server that says the same again and again, as fast as it is taken. */
async function aFlood(piece: string): Promise<{ port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    const block = piece.repeat(Math.ceil(65_536 / piece.length));
    const pour = (): void => {
      while (!socket.destroyed && socket.write(block));
    };
    socket.on('drain', pour);
    pour();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
  });
  return { port: (server.address() as AddressInfo).port };
}

test.each(['\t', '\r\n', '220-x\r\n', '220-', 'é', '\0'])(
  'a server that says %j without end is left before the deadline',
  async (piece) => {
    const outcome = await mailerFor(await aFlood(piece), { sendTimeoutMs: 50_000 }).send(aMail());
    expect(outcome).toMatchObject({ outcome: 'retry', isServerAway: true });
    expect(outcome).toMatchObject({ error: expect.not.stringContaining('not finished within') as string });
    expect(JSON.stringify(outcome).length).toBeLessThan(1000);
  },
);

const blanks = '\t'.repeat(60_000);

/** Every place in which a server can answer, with what it answers there. */
const places: Readonly<
  Record<string, (long: string) => { greeting?: string; [line: string]: string | undefined }>
> = {
  'the greeting': (long) => ({ greeting: `554 ${long}` }),
  EHLO: (long) => ({ EHLO: `250-me${long}\r\n250-SIZE${long}\r\n250-AUTH${long}\r\n250 AUTH=${long}` }),
  'a refused EHLO': (long) => ({ EHLO: `550 ${long}` }),
  'the challenge': (long) => ({ EHLO: '250-me\r\n250 AUTH CRAM-MD5', AUTH: `334 ${long}x\u2028y` }),
  'a refused login': (long) => ({ EHLO: '250-me\r\n250 AUTH PLAIN', AUTH: `535 ${long}` }),
};

test.each(Object.keys(places))('blanks in %s cost no more than their length', async (place) => {
  const answers = places[place]?.(blanks) ?? {};
  const server = await aScriptedServer(
    (line) => answers[line.split(' ')[0] ?? ''] ?? '500 what?',
    answers.greeting,
  );
  const mailer = mailerFor(server, { login: 'ops:Quokka%2F9f4b@' });
  // What looks again from every blank takes seconds for each, and longer than this test may.
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => mailer.send(aMail())));

  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({ outcome: 'retry', isServerAway: true });
    expect(JSON.stringify(outcome).length).toBeLessThan(1000);
  }
});

const server: SmtpServer = {
  host: 'mail.example.com',
  port: 587,
  tls: 'starttls',
  clientName: null,
  login: { user: 'ops', password: new Secret('Quokka/9f4b') },
};

test('what is quoted is short, whatever was said', () => {
  for (const long of ['\t', 'x', '\u2028', 'Quokka/9f4b ', '\uD83D']) {
    expect(quoteServer(`550 ${long.repeat(5_000_000 / long.length)}`, server).length).toBeLessThanOrEqual(
      500,
    );
  }
});

test('where an answer is cut off, no piece of a password is left at its end', () => {
  for (let before = 400; before <= 620; before += 1) {
    const told = quoteServer(`${'x'.repeat(before)}Quokka/9f4b${'y'.repeat(1000)}`, server);
    expect(told).not.toContain('Quok');
    const plain = Buffer.from('\0ops\0Quokka/9f4b').toString('base64');
    expect(quoteServer(`${'x'.repeat(before)}${plain}${'y'.repeat(1000)}`, server)).not.toContain(
      plain.slice(0, 8),
    );
  }
});

test('an answer of many passwords has no piece of one at its end', () => {
  for (let blanksBefore = 0; blanksBefore < 60; blanksBefore += 1) {
    const told = quoteServer(`${' '.repeat(blanksBefore)}${'Quokka/9f4b '.repeat(200)}`, server);
    expect(told).not.toMatch(/Quo|9f4/);
  }
});
