import { simpleParser } from 'mailparser';
import { type SMTPServerOptions } from 'smtp-server';
import { expect, onTestFinished, test } from 'vitest';
import { deliveries } from '../../src/database/schema.ts';
import { createSmtpMailer } from '../../src/deliver/smtp/smtp-mailer.ts';
import { type Mailer } from '../../src/deliver/mailer.ts';
import { Secret } from '../../src/domain/secret.ts';
import { useDatabase } from '../support/database.ts';
import { letBackoffPass, letDieInQueue } from '../support/clock.ts';
import { deliver } from './delivering.ts';
import { type MailServer, startMailServer } from './mail-server.ts';
import { createPostbox, mailFrom, owe } from './owed.ts';

const database = useDatabase();

const csv = {
  filename: 'rollcall-ops-bot-2026-08-01.csv',
  content: 'x'.repeat(40_000),
  sha256: 'ab'.repeat(32),
};

async function aServer(given: SMTPServerOptions): Promise<MailServer> {
  const server = await startMailServer(given);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

function mailerTo({ port }: MailServer): Mailer {
  return createSmtpMailer({ url: new Secret(`smtp://127.0.0.1:${port}`), mailFrom });
}

function readLedger() {
  return database.db.select().from(deliveries).orderBy(deliveries.id);
}

function refusal(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}

/** Refuses what is larger at the end of DATA, as servers do that announce no limit. */
function refusingAtTheEnd(code: number, text: string): SMTPServerOptions & { taken: Buffer[] } {
  const taken: Buffer[] = [];
  return {
    taken,
    hideSize: true,
    onData: (stream, _session, done) => {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('end', () => {
        const message = Buffer.concat(pieces);
        const isTooLarge = message.length > 20_000;
        if (!isTooLarge) taken.push(message);
        done(isTooLarge ? refusal(code, text) : null);
      });
    },
  };
}

async function expectWithoutFile(source: Buffer | undefined): Promise<void> {
  const { attachments, text, html, messageId } = await simpleParser(source ?? '');
  expect(attachments).toEqual([]);
  expect(text).toContain('`docker compose exec "worker & co" rollcall reports show 1 --csv`');
  expect(text).toContain('ops-bot: 1 left');
  expect(html).toContain(
    '<code>docker compose exec &quot;worker &amp; co&quot; rollcall reports show 1 --csv</code>',
  );
  expect(html).toContain('ops-bot: 1 left');
  expect(messageId).toBe((await readLedger())[0]?.messageId);
}

test('what the server announces as too large goes without its file, and the ledger says so', async () => {
  const server = await aServer({ size: 20_000 });
  await owe(database, { csv });
  const [attempt] = await deliver(database, mailerTo(server));

  expect(attempt).toMatchObject({ outcome: { outcome: 'sent' }, isOwedStill: false });
  expect(server.messages).toHaveLength(1);
  await expectWithoutFile(server.messages[0]);
  expect(await readLedger()).toMatchObject([
    { state: 'sent', attempts: 1, lastError: expect.stringMatching(/without its file.*20000/) as string },
  ]);
});

test.each([
  [552, 'Message exceeds the limit'],
  [552, '5.3.4 Message too big'],
  [554, '5.3.4 Message too big'],
  [552, '5.7.0 Blocked for its content'],
])('so does what it refuses by %i %s', async (code, text) => {
  const options = refusingAtTheEnd(code, text);
  await owe(database, { csv });
  await deliver(database, mailerTo(await aServer(options)));

  expect(options.taken).toHaveLength(1);
  await expectWithoutFile(options.taken[0]);
  expect(await readLedger()).toMatchObject([
    { state: 'sent', lastError: expect.stringContaining(text) as string },
  ]);
});

test('what fits goes with its file, and so does what fits when it is asked for again', async () => {
  const small = await aServer({ size: 20_000 });
  const large = await aServer({ size: 1_000_000 });
  await owe(database, { csv });
  await deliver(database, mailerTo(large));
  const { attachments, text } = await simpleParser(large.messages[0] ?? '');
  expect(attachments).toHaveLength(1);
  expect(text).not.toContain('reports show');
  expect(await readLedger()).toMatchObject([{ state: 'sent', lastError: null }]);
  expect(small.messages).toEqual([]);
});

test('what is refused for its size without its file too has failed, and the ledger has both reasons', async () => {
  const server = await aServer({ size: 100 });
  await owe(database, { csv });
  const [attempt] = await deliver(database, mailerTo(server));
  expect(attempt).toMatchObject({ outcome: { outcome: 'refused' }, isOwedStill: false });
  expect(await readLedger()).toMatchObject([
    { state: 'failed', lastError: expect.stringMatching(/100.*without its file.*100/) as string },
  ]);
});

test('a process that dies before the second try leaves it owed, and the next finds out again', async () => {
  const server = await aServer({ size: 20_000 });
  const mailer = mailerTo(server);
  const crash = new Error('the process died');
  const dying: Mailer = {
    ...mailer,
    send: (mail) => (mail.attachment === null ? Promise.reject(crash) : mailer.send(mail)),
  };
  await owe(database, { csv });
  await expect(deliver(database, dying)).rejects.toBe(crash);
  expect(await readLedger()).toMatchObject([{ state: 'unknown', attempts: 1 }]);
  await letDieInQueue(database);
  await letBackoffPass(database.db);
  await deliver(database, mailer);
  expect(await readLedger()).toMatchObject([{ state: 'sent', attempts: 2 }]);
  expect(server.messages).toHaveLength(1);
  await expectWithoutFile(server.messages[0]);
});

test('a server that puts the second try off has it come again, without its file', async () => {
  const tries: boolean[] = [];
  const postbox = createPostbox();
  const fussy: Mailer = {
    ...postbox,
    send: (mail) => {
      tries.push(mail.attachment !== null);
      if (mail.attachment !== null)
        return Promise.resolve({ outcome: 'refused', error: '552', isTooLarge: true });
      return tries.length < 4
        ? Promise.resolve({ outcome: 'retry', error: '451 later' })
        : postbox.send(mail);
    },
  };
  await owe(database, { csv });
  await deliver(database, fussy);
  expect(await readLedger()).toMatchObject([{ state: 'pending', attempts: 1 }]);
  await deliver(database, fussy);
  expect(await readLedger()).toMatchObject([{ state: 'sent', attempts: 2 }]);
  expect(tries).toEqual([true, false, true, false]);
});
