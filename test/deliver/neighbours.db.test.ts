import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { type AddressInfo } from 'node:net';
import { simpleParser } from 'mailparser';
import { type SMTPServerOptions } from 'smtp-server';
import { expect, onTestFinished, test } from 'vitest';
import { deliveries } from '../../src/database/schema.ts';
import { type Mailer } from '../../src/deliver/mailer.ts';
import { createSmtpMailer } from '../../src/deliver/smtp/smtp-mailer.ts';
import { Secret } from '../../src/domain/secret.ts';
import { useDatabase } from '../support/database.ts';
import { deliver } from './delivering.ts';
import { type MailServer, startMailServer } from './mail-server.ts';
import { mailFrom, owe } from './owed.ts';

const database = useDatabase();

const recipients = ['a@example.com', 'b@example.com', 'c@example.com'];

function mailerTo(port: number, sendTimeoutMs = 20_000): Mailer {
  return createSmtpMailer({ url: new Secret(`smtp://127.0.0.1:${port}`), mailFrom, sendTimeoutMs });
}

async function aServer(given: SMTPServerOptions = {}): Promise<MailServer> {
  const server = await startMailServer(given);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

async function readLedger() {
  const ledger = await database.db.select().from(deliveries).orderBy(deliveries.id);
  return ledger.map(({ state, attempts }) => `${state} ${attempts}`);
}

/** To whom the mails went, and under which Message-ID. */
async function readMails({ messages }: MailServer): Promise<{ to: string; messageId: string }[]> {
  const mails = await Promise.all(messages.map((message) => simpleParser(message)));
  return mails.map(({ to, messageId = '' }) => ({
    to: (Array.isArray(to) ? '' : to?.text) ?? '',
    messageId,
  }));
}

type Trouble = 'hangs' | 'drops';
const stages = ['the greeting', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'the body', 'the final dot'] as const;
type Stage = (typeof stages)[number];

/** The stage that what came from the client has reached. */
function stageOf(said: string): Stage {
  if (said.includes('\r\n.\r\n')) return 'the final dot';
  if (/\nContent-Type/i.test(said)) return 'the body';
  for (const verb of ['DATA', 'RCPT', 'MAIL', 'EHLO'] as const) {
    if (new RegExp(`(?:^|\\n)${verb}`).test(said)) return verb;
  }
  return 'the greeting';
}

/** A way to a mail server that breaks at one stage, for ever until it is mended. */
async function brokenWay(port: number, stage: Stage, trouble: Trouble) {
  const way = { port: 0, isMended: false };
  const sockets = new Set<Socket>();
  const relay = createServer((client) => {
    sockets.add(client.on('error', () => undefined));
    const breakNow = () => (trouble === 'drops' ? client.destroy() : client.pause());
    if (!way.isMended && stage === 'the greeting') return breakNow();
    const server = connect(port, '127.0.0.1').on('error', () => undefined);
    sockets.add(server);
    let said = '';
    client.on('data', (data) => {
      if (way.isMended) return void server.write(data);
      said += data.toString();
      const isReached = stages.indexOf(stageOf(said)) >= stages.indexOf(stage);
      if (!isReached) server.write(data);
      else if (stage !== 'the final dot') breakNow();
      else {
        // The whole message goes through; what the server answers does not come back.
        server.removeAllListeners('data').write(data);
        server.once('data', breakNow);
      }
    });
    server.on('data', (data) => client.write(data));
    client.on('close', () => server.destroy());
    return undefined;
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    relay.close();
  });
  way.port = (relay.address() as AddressInfo).port;
  return way;
}

/** Larger than what a connection takes before anybody reads it. */
const largeCsv = { filename: 'large.csv', content: 'x'.repeat(8 * 2 ** 20), sha256: 'ab'.repeat(32) };

const troubles = (['drops', 'hangs'] as const).flatMap((trouble) =>
  stages.map((stage) => ({ trouble, stage })),
);

test.each(troubles)(
  'a mail server that $trouble at $stage delays a report, and neither loses nor doubles it unseen',
  async ({ trouble, stage }) => {
    const server = await aServer();
    const way = await brokenWay(server.port, stage, trouble);
    await owe(database, { recipients: ['a@example.com'], csv: stage === 'the body' ? largeCsv : null });
    await deliver(database, mailerTo(way.port, trouble === 'hangs' ? 400 : undefined));
    // Only after the whole message can nobody say whether the server has it.
    expect(await readLedger()).toEqual([stage === 'the final dot' ? 'unknown 1' : 'pending 1']);
    way.isMended = true;
    await deliver(database, mailerTo(way.port));
    expect(await readLedger()).toEqual(['sent 2']);
    const mails = await readMails(server);
    expect(mails).toHaveLength(stage === 'the final dot' ? 2 : 1);
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(1);
  },
);

test('a mail server that greylists takes the report when it comes again', async () => {
  const seen = new Set<string>();
  const server = await aServer({
    onRcptTo: ({ address }, _session, done) => {
      const isNew = !seen.has(address);
      seen.add(address);
      done(isNew ? Object.assign(new Error('greylisted, come again'), { responseCode: 451 }) : null);
    },
  });
  await owe(database, { recipients });
  await deliver(database, mailerTo(server.port));
  expect(await readLedger()).toEqual(['pending 1', 'pending 1', 'pending 1']);
  await deliver(database, mailerTo(server.port));
  expect(await readLedger()).toEqual(['sent 2', 'sent 2', 'sent 2']);
  expect((await readMails(server)).map(({ to }) => to).toSorted()).toEqual(recipients);
});

test('a full or unknown mailbox keeps its own report from its owner, and nobody else’s', async () => {
  const server = await aServer({
    onRcptTo: ({ address }, _session, done) => {
      const code = { 'a@example.com': 550, 'b@example.com': 452 }[address];
      done(code === undefined ? null : Object.assign(new Error('not now'), { responseCode: code }));
    },
  });
  await owe(database, { recipients });
  await deliver(database, mailerTo(server.port));

  expect(await readLedger()).toEqual(['failed 1', 'pending 1', 'sent 1']);
  expect((await readMails(server)).map(({ to }) => to)).toEqual(['c@example.com']);
});
