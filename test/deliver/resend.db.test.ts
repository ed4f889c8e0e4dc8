import { expect, test } from 'vitest';
import { deliverEach } from '../../src/pipeline/deliver.ts';
import { type Mailer } from '../../src/deliver/mailer.ts';
import { resendReport } from '../../src/deliver/resend.ts';
import { listDeliveries } from '../../src/history/reports.ts';
import { readNextAttempts } from '../../src/queue/next-attempts.ts';
import { useDatabase } from '../support/database.ts';
import { night } from '../support/nights.ts';
import { deliver, deliveringContext } from './delivering.ts';
import { createPostbox, owe } from './owed.ts';

const database = useDatabase();

/** Resends the first report, and returns the recipients that were attempted. */
async function resend(mailer: Mailer, to?: readonly string[]): Promise<string[]> {
  const order = { reportId: 1, to, now: night(1) };
  const { drain } = await resendReport(database.db, database.queue, order);
  return (await deliverEach(deliveringContext(database, mailer), drain)).map(({ recipient }) => recipient);
}

/** When the worker would attempt it, in seconds from now. */
async function secondsUntilNext(deliveryId: number): Promise<number> {
  const key = String(deliveryId);
  const next = (await readNextAttempts(database.db, 'deliver', [key])).get(key);
  return ((next?.getTime() ?? Number.NaN) - Date.now()) / 1000;
}

const down = { outcome: 'retry', error: 'connection refused' } as const;
const refused = { outcome: 'refused', error: '550 no such user' } as const;

test('who has had it is left out, who was refused or is still owed is not, each under its own Message-ID', async () => {
  await owe(database, { recipients: ['a@example.com', 'b@example.com', 'c@example.com'] });
  const failing = createPostbox({ 'b@example.com': refused, 'c@example.com': down });
  await deliver(database, failing);
  const mended = createPostbox();

  expect((await resend(mended)).toSorted()).toEqual(['b@example.com', 'c@example.com']);
  const mailsByRecipient = ({ mails }: typeof mended) => new Map(mails.map((mail) => [mail.to, mail]));
  const before = mailsByRecipient(failing);
  for (const [recipient, mail] of mailsByRecipient(mended)) expect(mail).toEqual(before.get(recipient));
  expect(await resend(mended)).toEqual([]);
});

test('only what is resent is attempted, and nothing else waits the longer for it', async () => {
  await owe(database, { recipients: ['a@example.com', 'b@example.com'] });
  await owe(database, { createdAt: night(2) });
  const postbox = createPostbox({ 'b@example.com': down });

  expect(await resend(postbox, ['B@example.com'])).toEqual(['b@example.com']);
  expect(await secondsUntilNext(1)).toBeLessThan(1);
  expect(await secondsUntilNext(2)).toBeGreaterThan(59);
  expect(await secondsUntilNext(3)).toBeLessThan(1);
  expect(await resend(createPostbox(), ['a@example.com'])).toEqual(['a@example.com']);
});

test('what was set aside and not attempted is left alone for a minute, and owed like any other', async () => {
  await owe(database);
  await deliver(database, createPostbox());
  const order = { reportId: 1, to: ['security@example.com'], now: night(3) };
  await resendReport(database.db, database.queue, order);

  expect(await listDeliveries(database.db, 1)).toMatchObject([
    { state: 'pending', sentAt: null, owedSince: night(3) },
  ]);
  const seconds = await secondsUntilNext(1);
  expect(seconds).toBeGreaterThan(50);
  expect(seconds).toBeLessThan(61);
  expect(await deliver(database, createPostbox())).toMatchObject([{ outcome: { outcome: 'sent' } }]);
});

test('what another process has in hand is left to it', async () => {
  await owe(database);
  const { promise: sending, resolve: begun } = Promise.withResolvers<undefined>();
  const { promise: answered, resolve: answer } = Promise.withResolvers<undefined>();
  const postbox = createPostbox();
  const slow: Mailer = {
    ...postbox,
    send: async (mail) => {
      begun(undefined);
      await answered;
      return postbox.send(mail);
    },
  };
  const first = deliver(database, slow);
  await sending;

  expect(await resend(createPostbox())).toEqual([]);
  answer(undefined);
  expect(await first).toHaveLength(1);
  expect(await listDeliveries(database.db, 1)).toMatchObject([{ state: 'sent', attempts: 1 }]);
});

test('nothing is owed again to anybody when one of those named is no recipient', async () => {
  await owe(database, { recipients: ['a@example.com', 'b@example.com'] });
  await deliver(database, createPostbox());
  const resending = resend(createPostbox(), ['a@example.com', 'thief@example.com']);

  await expect(resending).rejects.toMatchObject({
    code: 'usage',
    message: 'Report 1 is not for thief@example.com; it is for a@example.com, b@example.com.',
  });
  expect(await listDeliveries(database.db, 1)).toMatchObject([{ state: 'sent' }, { state: 'sent' }]);
});
