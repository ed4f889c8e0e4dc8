import { expect, test } from 'vitest';
import { deliveries } from '../../src/database/schema.ts';
import { beginAttempt, type BegunDelivery, recordOutcome } from '../../src/deliver/attempt.ts';
import { enqueueOwed, oweAgain, oweReport } from '../../src/deliver/owe.ts';
import { type SendOutcome } from '../../src/deliver/mailer.ts';
import { useDatabase } from '../support/database.ts';
import { night, takeNight } from '../support/nights.ts';
import { countRows } from '../support/raw-rows.ts';
import { aReportAbout, mailFrom, owe } from './owed.ts';

const database = useDatabase();

const sent: SendOutcome = { outcome: 'sent', response: '250 OK' };
const retry: SendOutcome = { outcome: 'retry', error: 'connection refused' };
const unknown: SendOutcome = { outcome: 'unknown', error: 'connection lost' };

async function begin(id = 1): Promise<BegunDelivery> {
  const delivery = await beginAttempt(database.db, id, mailFrom);
  if (delivery === null) throw new Error('Expected a delivery to be owed.');
  return delivery;
}

function record(delivery: BegunDelivery, outcome: SendOutcome, isLast = false): Promise<void> {
  return recordOutcome(database.db, delivery, { outcome, now: night(1), isLast });
}

function readLedger() {
  return database.db.select().from(deliveries).orderBy(deliveries.id);
}

/** The deliveries that wait in the queue. */
async function readQueue(): Promise<number[]> {
  const waiting: number[] = [];
  await database.queue.drain(
    'deliver',
    (data) => {
      waiting.push((data as { deliveryId: number }).deliveryId);
      return Promise.resolve('later');
    },
    new AbortController().signal,
  );
  return waiting.toSorted();
}

test('a report, its deliveries and their place in the queue come with the transaction, or not at all', async () => {
  const { run } = await takeNight(database.db, []);
  const failure = new Error('the chain did not grow');
  const recording = database.db.transaction(async (tx) => {
    await oweReport(tx, aReportAbout(run), { queue: database.queue, mailFrom });
    throw failure;
  });

  await expect(recording).rejects.toBe(failure);
  expect(await countRows(database.db)).toMatchObject({ reports: 0, deliveries: 0 });
  expect(await readQueue()).toEqual([]);
  await owe(database, { recipients: ['a@example.com', 'b@example.com'] });
  const owed = (await readLedger()).map(({ id }) => id);
  expect(owed).toHaveLength(2);
  expect(await readQueue()).toEqual(owed);
});

test('a report is owed once to each recipient, each under a Message-ID of its own', async () => {
  await owe(database, { recipients: ['security@example.com', 'audit@example.com'] });

  const ledger = await readLedger();
  expect(ledger).toMatchObject([
    { recipient: 'security@example.com', state: 'pending', attempts: 0 },
    { recipient: 'audit@example.com', state: 'pending', attempts: 0 },
  ]);
  expect(new Set(ledger.map(({ messageId }) => messageId)).size).toBe(2);
  for (const { messageId } of ledger) expect(messageId).toMatch(/^<[^<>@\s]+@example\.com>$/);
});

test('a mail carries its report whole, and stands alone where it is of no incident', async () => {
  await owe(database);
  await owe(database, { createdAt: night(2), csv: null });
  const first = await begin(1);
  const second = await begin(2);

  expect(first).toMatchObject({
    recipient: 'security@example.com',
    mail: {
      from: mailFrom,
      to: 'security@example.com',
      runId: 1,
      subject: '[rollcall] ops-bot: 1 left',
      text: 'ops-bot: 1 left\n',
      attachment: { filename: 'rollcall-ops-bot-2026-08-01.csv', csv: '\uFEFFchange_id\r\n1\r\n' },
      date: night(1),
    },
  });
  expect(second.mail).toMatchObject({ attachment: null, inReplyTo: null });
  expect(second.mail.references).not.toBe(first.mail.references);
});

test('an attempt is counted before it is made, and stands as unknown until its outcome is recorded', async () => {
  await owe(database);
  await begin();

  expect(await readLedger()).toMatchObject([
    {
      state: 'unknown',
      attempts: 1,
      sentAt: null,
      lastError: expect.stringContaining('never recorded') as unknown,
    },
  ]);
});

test('a delivery whose sender died is tried again under the same Message-ID, down to the byte', async () => {
  await owe(database);
  const first = await begin();
  const second = await begin();

  expect(second).toMatchObject({ id: first.id, attempts: 2 });
  expect(second.mail).toEqual(first.mail);
});

test('what is sent or refused is not attempted again', async () => {
  await owe(database, { recipients: ['a@example.com', 'b@example.com'] });
  await record(await begin(1), sent);
  await record(await begin(2), { outcome: 'refused', error: '550 no such user' }, true);

  expect(await beginAttempt(database.db, 1, mailFrom)).toBeNull();
  expect(await beginAttempt(database.db, 2, mailFrom)).toBeNull();
  expect(await readLedger()).toMatchObject([{ state: 'sent' }, { state: 'failed' }]);
});

test('what is given up is on record as failed, or as unknown where nobody can say', async () => {
  await owe(database, { recipients: ['a@example.com', 'b@example.com'] });
  await record(await begin(1), retry, true);
  await record(await begin(2), unknown, true);

  expect(await readLedger()).toMatchObject([
    { state: 'failed', lastError: 'connection refused; given up after three days' },
    { state: 'unknown', lastError: 'connection lost; given up after three days' },
  ]);
});

test('a sender that was given up for dead cannot unsend what another has sent', async () => {
  await owe(database);
  const slow = await begin();
  await record(await begin(), sent);
  await record(slow, unknown);

  expect(await readLedger()).toMatchObject([{ state: 'sent', attempts: 2 }]);
});

test('a sender that was given up for dead does not speak for the one that took over', async () => {
  await owe(database);
  const slow = await begin();
  await begin();
  await record(slow, retry);

  expect(await readLedger()).toMatchObject([{ state: 'unknown', attempts: 2 }]);
});

test('what a sender sent when it was given up for dead is sent, whatever becomes of the one that took over', async () => {
  await owe(database);
  const slow = await begin();
  const successor = await begin();
  await record(slow, sent);
  await record(successor, { outcome: 'refused', error: '550 duplicate' }, true);

  expect(await readLedger()).toMatchObject([{ state: 'sent', sentAt: night(1), lastError: null }]);
});

test('a delivery that the queue has lost is put back, and one that waits there is not put in twice', async () => {
  await owe(database, { recipients: ['a@example.com', 'b@example.com', 'c@example.com'] });
  await database.queue.drain('deliver', () => Promise.resolve('done'), new AbortController().signal);
  await record(await begin(2), sent);
  expect(await readQueue()).toEqual([]);

  expect(await enqueueOwed(database.db, database.queue, night(1))).toBe(2);
  await enqueueOwed(database.db, database.queue, night(1));
  expect(await readQueue()).toEqual([1, 3]);
});

test('what was given up is not put back, but what nobody has tried yet is, however old', async () => {
  await owe(database, { recipients: ['a@example.com', 'b@example.com'] });
  await database.queue.drain('deliver', () => Promise.resolve('done'), new AbortController().signal);
  await record(await begin(1), unknown, true);

  await enqueueOwed(database.db, database.queue, night(5));
  expect(await readQueue()).toEqual([2]);
});

test('what is owed again keeps its Message-ID, and has three days again', async () => {
  await owe(database);
  await record(await begin(), retry, true);
  const [before] = await readLedger();
  await database.queue.drain('deliver', () => Promise.resolve('done'), new AbortController().signal);
  await oweAgain(database.db, database.queue, { ids: [1], now: night(9) });

  expect(await readLedger()).toMatchObject([
    { state: 'pending', attempts: 1, owedSince: night(9), messageId: before?.messageId },
  ]);
  expect(await readQueue()).toEqual([1]);
});
