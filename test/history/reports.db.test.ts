import { beforeEach, expect, test } from 'vitest';
import { beginAttempt, recordOutcome } from '../../src/deliver/attempt.ts';
import { oweReport } from '../../src/deliver/owe.ts';
import { type SendOutcome } from '../../src/deliver/mailer.ts';
import { listReports, readReport } from '../../src/history/reports.ts';
import { mailFrom, aReportAbout, owe } from '../deliver/owed.ts';
import { useDatabase } from '../support/database.ts';
import { claim, night } from '../support/nights.ts';

const database = useDatabase();

/** Of three reports the first is sent to one of two and refused by the other, and the second, of a digest, is owed. */
beforeEach(async () => {
  await owe(database, { recipients: ['a@example.com', 'b@example.com'] });
  const digest = { kind: 'digest', runId: null, principalId: null, slot: night(2), csv: null } as const;
  await owe(database, { ...digest, createdAt: night(2) });
  const run = await claim(database.db, { principal: 'legacy', at: night(3) });
  const failure = { ...aReportAbout(run), kind: 'failure', csv: null } as const;
  await database.db.transaction((tx) => oweReport(tx, failure, { queue: database.queue, mailFrom }));
  await attempt(1, { outcome: 'sent', response: '250 OK' });
  await attempt(2, { outcome: 'refused', error: '550 no such user' });
  await attempt(4, { outcome: 'unknown', error: 'connection lost' });
});

async function attempt(id: number, outcome: SendOutcome): Promise<void> {
  const delivery = await beginAttempt(database.db, id, mailFrom);
  if (delivery === null) throw new Error(`Expected delivery ${id} to be owed.`);
  await recordOutcome(database.db, delivery, { outcome, now: night(4), isLast: true });
}

test('reports are newest first, each with its principal, if it has one, and how its deliveries stand', async () => {
  expect(await listReports(database.db, { limit: 10 })).toMatchObject([
    { id: 3, kind: 'failure', principal: 'legacy', deliveries: { unknown: 1 } },
    { id: 2, kind: 'digest', principal: null, runId: null, deliveries: { pending: 1 } },
    { id: 1, kind: 'changes', principal: 'ops-bot', deliveries: { sent: 1, failed: 1 } },
  ]);
});

test('reports are narrowed by what is given, and are no more than asked', async () => {
  const idsOf = async (filter: Partial<Parameters<typeof listReports>[1]>) =>
    (await listReports(database.db, { limit: 10, ...filter })).map(({ id }) => id);

  expect(await idsOf({ limit: 2 })).toEqual([3, 2]);
  expect(await idsOf({ principal: 'ops-bot' })).toEqual([1]);
  expect(await idsOf({ kind: 'failure' })).toEqual([3]);
  expect(await idsOf({ state: 'failed' })).toEqual([1]);
  expect(await idsOf({ state: 'sent' })).toEqual([1]);
  expect(await idsOf({ state: 'unknown', principal: 'ops-bot' })).toEqual([]);
});

test('one report is read whole, its deliveries in the order in which they were made', async () => {
  expect(await readReport(database.db, 1)).toMatchObject({
    principal: 'ops-bot',
    csv: 'change_id\r\n1\r\n',
    deliveries: [
      { recipient: 'a@example.com' },
      { recipient: 'b@example.com', lastError: '550 no such user' },
    ],
  });
  await expect(readReport(database.db, 9)).rejects.toMatchObject({
    code: 'usage',
    message: 'There is no report 9; the newest is 3.',
  });
});
