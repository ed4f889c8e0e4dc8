import { expect, test } from 'vitest';
import { deliveries } from '../../src/database/schema.ts';
import {
  type LeasedDelivery,
  leaseDelivery,
  oweReport,
  recordOutcome,
  releaseAllLeases,
} from '../../src/deliver/ledger.ts';
import { type SendOutcome } from '../../src/deliver/mailer.ts';
import { letLeasesRunOut } from '../support/clock.ts';
import { databaseKind, useDatabase } from '../support/database.ts';
import { night, takeNight } from '../support/nights.ts';
import { countRows } from '../support/raw-rows.ts';
import { aReportAbout, mailFrom, owe } from './owed.ts';

const database = useDatabase();

const sent: SendOutcome = { outcome: 'sent', response: '250 OK' };
const retry: SendOutcome = { outcome: 'retry', error: 'connection refused' };
const unknown: SendOutcome = { outcome: 'unknown', error: 'connection lost' };

function lease(db = database.db, now = night(1)): Promise<LeasedDelivery | null> {
  return leaseDelivery(db, { mailFrom, now, regardlessOfBackoff: false, except: [], leaseSeconds: 120 });
}

async function leaseOne(): Promise<LeasedDelivery> {
  const delivery = await lease();
  if (delivery === null) throw new Error('Expected a delivery to be owed.');
  return delivery;
}

function record(delivery: LeasedDelivery, outcome: SendOutcome, nextAttemptAt = night(1)): Promise<void> {
  return recordOutcome(database.db, delivery, { outcome, now: night(1), nextAttemptAt });
}

function readLedger() {
  return database.db.select().from(deliveries).orderBy(deliveries.id);
}

test('a report and its deliveries are owed with the transaction, or not at all', async () => {
  const { run } = await takeNight(database.db, []);
  const failure = new Error('the chain did not grow');
  const recording = database.db.transaction(async (tx) => {
    await oweReport(tx, aReportAbout(run), mailFrom);
    throw failure;
  });

  await expect(recording).rejects.toBe(failure);
  expect(await countRows(database.db)).toMatchObject({ reports: 0, deliveries: 0 });
});

test('a report is owed once to each recipient, each under a Message-ID of its own', async () => {
  await owe(database.db, { recipients: ['security@example.com', 'audit@example.com'] });

  const ledger = await readLedger();
  expect(ledger).toMatchObject([
    { recipient: 'security@example.com', state: 'pending', attempts: 0 },
    { recipient: 'audit@example.com', state: 'pending', attempts: 0 },
  ]);
  expect(new Set(ledger.map(({ messageId }) => messageId)).size).toBe(2);
  for (const { messageId } of ledger) expect(messageId).toMatch(/^<[^<>@\s]+@example\.com>$/);
});

test('a mail carries its report whole, and belongs to its principal’s thread', async () => {
  await owe(database.db);
  await owe(database.db, { createdAt: night(2), csv: null });
  const first = await leaseOne();
  const second = await lease(database.db, night(2));

  expect(first).toMatchObject({
    recipient: 'security@example.com',
    mail: {
      from: mailFrom,
      to: 'security@example.com',
      runId: 1,
      subject: '[rollcall] ops-bot: 1 left',
      text: 'ops-bot: 1 left\n',
      attachment: { filename: 'rollcall-ops-bot-2026-08-01.csv', csv: 'change_id\r\n1\r\n' },
      date: night(1),
    },
  });
  expect(second?.mail).toMatchObject({ attachment: null, threadId: first.mail.threadId });
});

test('an attempt is counted before it is made, and stands as unknown until its outcome is recorded', async () => {
  await owe(database.db);
  await leaseOne();

  expect(await readLedger()).toMatchObject([{ state: 'unknown', attempts: 1, sentAt: null }]);
});

test('while one sends a delivery, nobody else does', async () => {
  await owe(database.db);
  await leaseOne();

  expect(await lease()).toBeNull();
});

test('a delivery whose sender died is owed again after its lease, under the same Message-ID', async () => {
  await owe(database.db);
  const first = await leaseOne();
  await letLeasesRunOut(database.db);
  const second = await leaseOne();

  expect(second).toMatchObject({ id: first.id, attempts: 2 });
  expect(second.mail).toEqual(first.mail);
});

test('on a database of its own, a process that starts takes up at once what an earlier one was sending', async () => {
  await owe(database.db);
  const first = await leaseOne();
  await releaseAllLeases(database.db);

  expect(await lease()).toMatchObject({ id: first.id });
});

test('what is to be tried again later is not owed before', async () => {
  await owe(database.db);
  await record(await leaseOne(), retry, night(2));

  expect(await lease(database.db, night(1))).toBeNull();
  expect(await lease(database.db, night(2))).toMatchObject({ attempts: 2 });
});

test('a sender that outlasted its lease cannot unsend what another has sent', async () => {
  await owe(database.db);
  const slow = await leaseOne();
  await letLeasesRunOut(database.db);
  await record(await leaseOne(), sent);
  await record(slow, unknown);

  expect(await readLedger()).toMatchObject([{ state: 'sent', attempts: 2 }]);
  expect(await lease()).toBeNull();
});

test('a sender that outlasted its lease does not end the lease of the one that took over', async () => {
  await owe(database.db);
  const slow = await leaseOne();
  await letLeasesRunOut(database.db);
  await leaseOne();
  await record(slow, retry);

  expect(await lease()).toBeNull();
});

test('what a sender sent after its lease is sent, and the failure of the one that took over does not undo it', async () => {
  await owe(database.db);
  const slow = await leaseOne();
  await letLeasesRunOut(database.db);
  const successor = await leaseOne();
  await record(slow, sent);
  await record(successor, { outcome: 'refused', error: '550 duplicate' });

  expect(await readLedger()).toMatchObject([{ state: 'sent', sentAt: night(1), lastError: null }]);
});

test.runIf(databaseKind() === 'postgres')(
  'senders at the same time take different deliveries, each one',
  async () => {
    await owe(database.db, { recipients: ['a@example.com', 'b@example.com', 'c@example.com'] });
    const connections = await Promise.all([1, 2, 3, 4, 5].map(() => database.connectAgain()));
    const leased = await Promise.all(connections.map((db) => lease(db)));

    const taken = leased.flatMap((delivery) => (delivery === null ? [] : [delivery.id]));
    expect(taken.length).toBe(new Set(taken).size);
    expect((await readLedger()).map(({ attempts }) => attempts)).toEqual([1, 1, 1]);
  },
);
