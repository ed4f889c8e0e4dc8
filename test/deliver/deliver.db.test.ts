import { expect, test } from 'vitest';
import { deliveries } from '../../src/database/schema.ts';
import { deliverOwed, type DeliverOptions } from '../../src/deliver/deliver.ts';
import { type Mailer } from '../../src/deliver/mailer.ts';
import { letLeasesRunOut } from '../support/clock.ts';
import { databaseKind, useDatabase } from '../support/database.ts';
import { night } from '../support/nights.ts';
import { createPostbox, mailFrom, owe } from './owed.ts';

const database = useDatabase();

type Round = Partial<Pick<DeliverOptions, 'db' | 'regardlessOfBackoff' | 'signal'>> & { at?: Date };

function deliver(mailer: Mailer, { at = night(1), ...given }: Round = {}) {
  return deliverOwed({ db: database.db, mailer, mailFrom, now: () => at, ...given });
}

function readLedger() {
  return database.db.select().from(deliveries).orderBy(deliveries.id);
}

test('each recipient gets a report once, in however many rounds', async () => {
  const postbox = createPostbox();
  await owe(database.db, { recipients: ['a@example.com', 'b@example.com'] });
  await deliver(postbox);
  await deliver(postbox);

  expect(postbox.mails.map(({ to }) => to)).toEqual(['a@example.com', 'b@example.com']);
  expect(await readLedger()).toMatchObject([
    { state: 'sent', sentAt: night(1), attempts: 1, lastError: null, leasedUntil: null },
    { state: 'sent', sentAt: night(1), attempts: 1, lastError: null, leasedUntil: null },
  ]);
});

test('every outcome is on record as what it is, and one recipient’s failure stops no other', async () => {
  const postbox = createPostbox({
    'refused@example.com': { outcome: 'refused', error: '550 no such user' },
    'retry@example.com': { outcome: 'retry', error: '451 later' },
    'unknown@example.com': { outcome: 'unknown', error: 'connection lost' },
  });
  const recipients = ['refused@example.com', 'retry@example.com', 'unknown@example.com', 'sent@example.com'];
  await owe(database.db, { recipients });
  const attempts = await deliver(postbox);

  expect(attempts.map(({ outcome }) => outcome.outcome)).toEqual(['refused', 'retry', 'unknown', 'sent']);
  expect(await readLedger()).toMatchObject([
    { state: 'failed', lastError: '550 no such user' },
    { state: 'pending', lastError: '451 later' },
    { state: 'unknown', lastError: 'connection lost' },
    { state: 'sent', lastError: null },
  ]);
});

test('what was refused for good is not tried again; what is still owed is, after its backoff', async () => {
  const postbox = createPostbox({
    'refused@example.com': { outcome: 'refused', error: '550 no such user' },
    'retry@example.com': { outcome: 'retry', error: '451 later' },
    'unknown@example.com': { outcome: 'unknown', error: 'connection lost' },
  });
  const recipients = ['refused@example.com', 'retry@example.com', 'unknown@example.com'];
  await owe(database.db, { recipients });
  await deliver(postbox);

  expect(await deliver(postbox)).toEqual([]);
  const again = await deliver(postbox, { at: new Date(night(1).getTime() + 60_000) });
  expect(again.map(({ recipient }) => recipient)).toEqual(['retry@example.com', 'unknown@example.com']);
});

test('a retry is the same mail under the same Message-ID', async () => {
  const postbox = createPostbox({ 'security@example.com': { outcome: 'unknown', error: 'connection lost' } });
  await owe(database.db);
  await deliver(postbox);
  await deliver(postbox, { at: night(2) });

  const [first, second] = postbox.mails;
  expect(postbox.mails).toHaveLength(2);
  expect(second).toEqual(first);
});

test('asked to, a round does not wait for the backoff, and still tries each delivery once', async () => {
  const postbox = createPostbox({ 'security@example.com': { outcome: 'retry', error: '451 later' } });
  await owe(database.db);
  await deliver(postbox);

  expect(await deliver(postbox, { regardlessOfBackoff: true })).toHaveLength(1);
  expect(await readLedger()).toMatchObject([{ attempts: 2 }]);
});

test('reports go out in the order in which they were owed', async () => {
  const postbox = createPostbox();
  await owe(database.db, { createdAt: night(1), subject: 'first' });
  await owe(database.db, { createdAt: night(2), subject: 'second' });
  await deliver(postbox, { at: night(2) });

  expect(postbox.mails.map(({ subject }) => subject)).toEqual(['first', 'second']);
});

test('a process that dies while it sends leaves the attempt counted and its outcome unknown', async () => {
  await owe(database.db);
  const crash = new Error('the process died');
  const postbox = { ...createPostbox(), send: () => Promise.reject(crash) };

  await expect(deliver(postbox)).rejects.toBe(crash);
  expect(await readLedger()).toMatchObject([
    { state: 'unknown', attempts: 1, lastError: expect.stringContaining('never recorded') as unknown },
  ]);

  await letLeasesRunOut(database.db);
  expect(await deliver(createPostbox())).toMatchObject([{ outcome: { outcome: 'sent' } }]);
});

test('a round that is told to stop ends before the next delivery, which stays owed', async () => {
  await owe(database.db, { recipients: ['a@example.com', 'b@example.com'] });
  const stop = new AbortController();
  const postbox = createPostbox();
  const stopping: Mailer = {
    ...postbox,
    send: (mail) => {
      stop.abort();
      return postbox.send(mail);
    },
  };

  expect(await deliver(stopping, { signal: stop.signal })).toHaveLength(1);
  expect(await readLedger()).toMatchObject([{ state: 'sent' }, { state: 'pending', attempts: 0 }]);
});

test.runIf(databaseKind() === 'postgres')(
  'two senders at once send each delivery once between them',
  async () => {
    const recipients = Array.from({ length: 20 }, (_, number) => `${number}@example.com`);
    await owe(database.db, { recipients });
    const postbox = createPostbox();
    const connections = await Promise.all([1, 2].map(() => database.connectAgain()));
    await Promise.all(connections.map((db) => deliver(postbox, { db })));

    expect(postbox.mails.map(({ to }) => to).sort()).toEqual(recipients.toSorted());
  },
);
