import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { deliverJob } from '../../jobs/deliver.ts';
import { deliveries } from '../../src/database/schema.ts';
import { type Mailer } from '../../src/deliver/mailer.ts';
import { createSmtpMailer } from '../../src/deliver/smtp/smtp-mailer.ts';
import { Secret } from '../../src/domain/secret.ts';
import { sendWhatIsOwed } from '../../src/pipeline/send-owed.ts';
import { readNextAttempts } from '../../src/queue/next-attempts.ts';
import { useDatabase } from '../support/database.ts';
import { deliver, deliveringContext } from './delivering.ts';
import { createPostbox, mailFrom, owe } from './owed.ts';

const database = useDatabase();

const count = 45;
const recipients = Array.from({ length: count }, (_, number) => `${number}@example.com`);

beforeEach(() => owe(database, { recipients }));

/** A place where each connection is met so, and how many came. */
async function aPlace(meet: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    meet(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, sockets };
}

/** Answers line by line. */
function talk(answers: Readonly<Record<string, string>>): (socket: Socket) => void {
  return (socket) => {
    socket.write('220 me\r\n');
    socket.on('data', (data) => {
      const verb = data.toString().trim().split(' ')[0] ?? '';
      socket.write(`${answers[verb] ?? '250 ok'}\r\n`);
    });
  };
}

function mailerTo(port: number, login = ''): Mailer {
  return createSmtpMailer({
    url: new Secret(`smtp://${login}127.0.0.1:${port}`),
    mailFrom,
    sendTimeoutMs: 400,
  });
}

/** How many are in that state after so many attempts: `pending 1`. */
async function readLedger(): Promise<Record<string, number>> {
  const rows = await database.db.select().from(deliveries);
  const groups = Map.groupBy(rows, ({ state, attempts }) => `${state} ${attempts}`);
  return Object.fromEntries([...groups].map(([standing, { length }]) => [standing, length]));
}

const away: Readonly<Record<string, { meet: (socket: Socket) => void; login?: string }>> = {
  'takes connections and says nothing': { meet: () => undefined },
  'hangs up': { meet: (socket) => socket.destroy() },
  'greets with 421': { meet: (socket) => socket.end('421 4.3.2 too busy\r\n') },
  'greets with 554': { meet: (socket) => socket.end('554 5.7.1 not you\r\n') },
  'refuses EHLO': { meet: talk({ EHLO: '550 no', HELO: '550 no' }) },
  'refuses the login': {
    meet: talk({ EHLO: '250-me\r\n250 AUTH PLAIN', AUTH: '535 wrong' }),
    login: 'ops:Quokka-4f9b@',
  },
};

describe.each(Object.entries(away))('a mail server that %s', (_what, { meet, login }) => {
  test('is asked once in a round: the rest stays owed, not attempted, and is sent when it is back', async () => {
    const { port, sockets } = await aPlace(meet);
    const attempts = await deliver(database, mailerTo(port, login));
    expect(attempts).toMatchObject([{ outcome: { outcome: 'retry' }, isOwedStill: true }]);
    expect(sockets.size).toBe(1);
    expect(await readLedger()).toEqual({ 'pending 1': 1, 'pending 0': count - 1 });
    const postbox = createPostbox();
    await deliver(database, postbox);
    expect(postbox.mails.map(({ to }) => to).toSorted()).toEqual(recipients.toSorted());
    expect(await readLedger()).toEqual({ 'sent 2': 1, 'sent 1': count - 1 });
  });
});

test('a port where nobody listens ends the round too', async () => {
  expect(await deliver(database, mailerTo(1))).toHaveLength(1);
  expect(await readLedger()).toEqual({ 'pending 1': 1, 'pending 0': count - 1 });
});

const about: Readonly<Record<string, (socket: Socket) => void>> = {
  'refuses each recipient': talk({ RCPT: '550 no such user' }),
  'puts each recipient off': talk({ RCPT: '451 later' }),
  'hangs up at each recipient': (socket) => {
    talk({})(socket);
    socket.on('data', (data) => {
      if (data.toString().startsWith('RCPT')) socket.destroy();
    });
  },
};

test.each(Object.keys(about))('a mail server that %s is asked about all of them', async (what) => {
  const { port, sockets } = await aPlace(about[what] ?? (() => undefined));
  expect(await deliver(database, mailerTo(port))).toHaveLength(count);
  expect(sockets.size).toBe(count);
});

test('a run that meets no mail server says how many it did not attempt, and waits for nobody', async () => {
  const { port } = await aPlace((socket) => socket.destroy());
  const context = deliveringContext(database, mailerTo(port));
  const waits: string[] = [];
  const options = {
    withDigest: false,
    waitSeconds: 3600,
    onWaiting: (line: string) => void waits.push(line),
  };
  expect(await sendWhatIsOwed(context, options)).toMatchObject({
    attempts: [{ outcome: { outcome: 'retry' } }],
    inOtherHands: 0,
    notAttempted: count - 1,
  });
  expect(waits).toEqual([]);
});

describe('a worker', () => {
  const handle = (mailer: Mailer, deliveryId: number) =>
    deliverJob.work?.handle(deliveringContext(database, mailer), { deliveryId });

  /** In how many seconds the earliest of the deliveries that wait is handed out. */
  async function secondsUntilFirst(): Promise<number> {
    const keys = recipients.map((_, index) => String(index + 1));
    const times = [...(await readNextAttempts(database.db, 'deliver', keys)).values()];
    expect(times).toHaveLength(count);
    return (Math.min(...times.map((time) => time.getTime())) - Date.now()) / 1000;
  }

  test('that meets no mail server has all that waits put off for a minute, not attempted', async () => {
    const { port } = await aPlace((socket) => socket.destroy());
    expect(await secondsUntilFirst()).toBeLessThan(1);
    expect(await handle(mailerTo(port), 1)).toBe('later');
    const seconds = await secondsUntilFirst();
    expect(seconds).toBeGreaterThan(50);
    expect(seconds).toBeLessThan(61);
    expect(await readLedger()).toEqual({ 'pending 1': 1, 'pending 0': count - 1 });
  });

  test('that is refused one recipient has nothing put off', async () => {
    const { port } = await aPlace(talk({ RCPT: '451 later' }));
    expect(await handle(mailerTo(port), 1)).toBe('later');
    expect(await secondsUntilFirst()).toBeLessThan(1);
  });
});
