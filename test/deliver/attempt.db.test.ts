import { expect, test } from 'vitest';
import { deliverJob } from '../../jobs/deliver.ts';
import { deliveries } from '../../src/database/schema.ts';
import { type Mailer } from '../../src/deliver/mailer.ts';
import { readNextAttempts } from '../../src/queue/next-attempts.ts';
import { databaseKind, useDatabase } from '../support/database.ts';
import { letBackoffPass, letDieInQueue } from '../support/clock.ts';
import { night } from '../support/nights.ts';
import { deliver as deliverTo, deliveringContext, type Round } from './delivering.ts';
import { byMail, createPostbox, owe } from './owed.ts';

const database = useDatabase();

const deliver = (mailer: Mailer, round?: Round) => deliverTo(database, mailer, round);

function readLedger() {
  return database.db.select().from(deliveries).orderBy(deliveries.id);
}

const failing = {
  'refused@example.com': { outcome: 'refused', error: '550 no such user' },
  'retry@example.com': { outcome: 'retry', error: '451 later' },
  'unknown@example.com': { outcome: 'unknown', error: 'connection lost' },
} as const;

test('each recipient gets a report once, in however many rounds', async () => {
  const postbox = createPostbox();
  await owe(database, { recipients: ['a@example.com', 'b@example.com'] });
  await deliver(postbox);
  await deliver(postbox);

  expect(postbox.mails.map(({ to }) => to)).toEqual(['a@example.com', 'b@example.com']);
  expect(await readLedger()).toMatchObject([
    { state: 'sent', sentAt: night(1), attempts: 1, lastError: null },
    { state: 'sent', sentAt: night(1), attempts: 1, lastError: null },
  ]);
});

test('every outcome is on record as what it is, and one recipient’s failure stops no other', async () => {
  await owe(database, { recipients: [...Object.keys(failing), 'sent@example.com'] });
  const attempts = await deliver(createPostbox(failing));

  expect(attempts.map(({ outcome }) => outcome.outcome)).toEqual(['refused', 'retry', 'unknown', 'sent']);
  expect(await readLedger()).toMatchObject([
    { state: 'failed', lastError: '550 no such user' },
    { state: 'pending', lastError: '451 later' },
    { state: 'unknown', lastError: 'connection lost' },
    { state: 'sent', lastError: null },
  ]);
});

test('whatever a server says, it is on record, and nothing of it hides or is of any length', async () => {
  const said = `nul \0 \u001B[2J \u202E half \uD83D ${'x'.repeat(100_000)}`;
  await owe(database, { recipients: ['refused@example.com', 'sent@example.com'] });
  const attempts = await deliver(
    createPostbox({
      'refused@example.com': { outcome: 'refused', error: said },
      'sent@example.com': { outcome: 'sent', response: said },
    }),
  );

  const told = /^nul <U\+0000> <U\+001B>\[2J <U\+202E> half <U\+D83D> x{900,1000}…$/;
  expect(await readLedger()).toMatchObject([
    { state: 'failed', lastError: expect.stringMatching(told) as string },
    { state: 'sent' },
  ]);
  expect(attempts).toMatchObject([
    { outcome: { error: expect.stringMatching(told) as string } },
    { outcome: { response: expect.stringMatching(told) as string } },
  ]);
});

test('what was refused for good is not tried again; what is still owed is, once in each round', async () => {
  await owe(database, { recipients: Object.keys(failing) });
  await deliver(createPostbox(failing));
  const again = await deliver(createPostbox(failing));

  const recipients = again.map(({ recipient }) => recipient);
  expect(recipients.toSorted()).toEqual(['retry@example.com', 'unknown@example.com']);
});

test('a retry is the same mail under the same Message-ID', async () => {
  const postbox = createPostbox({ 'security@example.com': failing['unknown@example.com'] });
  await owe(database);
  await deliver(postbox);
  await deliver(postbox, { at: night(2) });

  const [first, second] = postbox.mails;
  expect(postbox.mails).toHaveLength(2);
  expect(second).toEqual(first);
});

test('between two tries lies a minute at first, then longer, an hour at most; after three days it is given up', async () => {
  const postbox = createPostbox({ 'security@example.com': failing['retry@example.com'] });
  await owe(database);
  const waits: number[] = [];
  for (let tries = 0; tries < 9; tries += 1) {
    const before = Date.now();
    await deliver(postbox);
    const next = (await readNextAttempts(database.db, 'deliver', ['1'])).get('1');
    waits.push(((next?.getTime() ?? 0) - before) / 60_000);
  }
  // The queue spreads them: between once and twice 1, 2, 4 … minutes.
  waits.forEach((minutes, tries) => {
    expect(minutes).toBeGreaterThan(Math.min(2 ** tries, 60) - 0.1);
    expect(minutes).toBeLessThan(Math.min(2 ** (tries + 1), 60) + 1);
  });
  const [last] = await deliver(postbox, { at: night(4) });
  expect(last).toMatchObject({ isOwedStill: false });
  expect(await readLedger()).toMatchObject([{ state: 'failed', attempts: 10 }]);
  expect(await deliver(postbox, { at: night(5) })).toEqual([]);
});

test('reports go out in the order in which they were owed', async () => {
  const postbox = createPostbox();
  await owe(database, { createdAt: night(1), subject: 'first' });
  await owe(database, { createdAt: night(2), subject: 'second' });
  await deliver(postbox, { at: night(2) });

  expect(postbox.mails.map(({ subject }) => subject)).toEqual(['first', 'second']);
});

test('who wants no file gets the same mail without it, with the command that prints it at the end', async () => {
  const html = '<html><body class="page"><p>ops-bot: 1 left</p></body></html>';
  const unwanted = { ...byMail('b@example.com'), withFile: false };
  await owe(database, { recipients: ['a@example.com', unwanted], html });
  await owe(database, { recipients: [unwanted], csv: null, createdAt: night(2) });
  const postbox = createPostbox();
  await deliver(postbox);
  const [whole, without, none] = postbox.mails;

  const printing = 'docker compose exec "worker & co" rollcall reports show 1 --csv';
  expect(whole?.attachment?.csv).toBeDefined();
  expect(whole?.text).not.toContain(printing);
  expect(without).toMatchObject({ to: 'b@example.com', subject: whole?.subject, attachment: null });
  expect(without?.text).toMatch(/^ops-bot: 1 left\n/);
  expect(without?.text).toContain(`\`${printing}\``);
  expect(without?.html).toMatch(
    /left<\/p><p [^>]*>The CSV.*<code>docker compose exec &quot;worker &amp; co&quot; rollcall reports show 1 --csv<\/code>.*<\/p>\n<\/body><\/html>$/,
  );
  expect(none?.text).toBe('ops-bot: 1 left\n');
});

test('a process that dies while it sends leaves the attempt counted and its outcome unknown, and another goes on', async () => {
  await owe(database);
  const crash = new Error('the process died');
  const postbox = { ...createPostbox(), send: () => Promise.reject(crash) };

  await expect(deliver(postbox)).rejects.toBe(crash);
  expect(await readLedger()).toMatchObject([
    { state: 'unknown', attempts: 1, lastError: expect.stringContaining('never recorded') as unknown },
  ]);
  expect(await deliver(createPostbox())).toMatchObject([{ outcome: { outcome: 'sent' } }]);
});

test('a round that is told to stop ends before the next delivery, which stays owed', async () => {
  await owe(database, { recipients: ['a@example.com', 'b@example.com'] });
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
  expect(await deliver(createPostbox())).toHaveLength(1);
});

test('what one process is sending nobody else takes, until it no longer says that it lives', async () => {
  await owe(database);
  const postbox = createPostbox();
  const { promise: sending, resolve: begun } = Promise.withResolvers<undefined>();
  const { promise: answered, resolve: answer } = Promise.withResolvers<undefined>();
  const slow: Mailer = {
    ...postbox,
    send: async (mail) => {
      begun(undefined);
      await answered;
      return postbox.send(mail);
    },
  };
  const first = deliver(slow);
  await sending;
  expect(await deliver(createPostbox())).toEqual([]);
  await letDieInQueue(database);
  await letBackoffPass(database.db);
  expect(await deliver(createPostbox())).toMatchObject([{ outcome: { outcome: 'sent' } }]);
  answer(undefined);
  await first;
  expect(await readLedger()).toMatchObject([{ state: 'sent', attempts: 2 }]);
});

test('the worker’s job says to the queue whether to come again', async () => {
  await owe(database, { recipients: Object.keys(failing) });
  const handle = (deliveryId: number) =>
    deliverJob.work?.handle(deliveringContext(database, createPostbox(failing)), { deliveryId });

  expect([await handle(1), await handle(2), await handle(3)]).toEqual(['done', 'later', 'later']);
  expect(await handle(1)).toBe('done');
});

test.runIf(databaseKind() === 'postgres')(
  'two senders at once send each delivery once between them',
  async () => {
    const recipients = Array.from({ length: 20 }, (_, number) => `${number}@example.com`);
    await owe(database, { recipients });
    const postbox = createPostbox();
    await Promise.all([1, 2].map(() => deliver(postbox)));

    expect(postbox.mails.map(({ to }) => to).sort()).toEqual(recipients.toSorted());
  },
);
