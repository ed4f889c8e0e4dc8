import { expect, test } from 'vitest';
import { deliverJob } from '../../../jobs/deliver.ts';
import { deliveries } from '../../../src/database/schema.ts';
import { type Mailer } from '../../../src/deliver/mailer.ts';
import { resendReport } from '../../../src/deliver/resend.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { nameWebhook, type Webhook } from '../../../src/domain/webhook.ts';
import { deliverEach } from '../../../src/pipeline/deliver.ts';
import { sendWhatIsOwed } from '../../../src/pipeline/send-owed.ts';
import { readNextAttempts } from '../../../src/queue/next-attempts.ts';
import { useDatabase } from '../../support/database.ts';
import { night } from '../../support/nights.ts';
import { deliver as deliverTo, deliveringContext, type Round } from '../delivering.ts';
import { byWebhook, createPostbox, owe } from '../owed.ts';
import { type Respond, startWebhookServer } from './webhook-server.ts';

const database = useDatabase();

const deliver = (mailer: Mailer, round: Round) => deliverTo(database, mailer, round);
const json = '{"type":"rollcall.changes","data":{"headline":"ops-bot: 1 left"}}';

function aWebhook(url: string, given: Partial<Webhook> = {}): Webhook {
  const secret = new Secret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
  return {
    name: nameWebhook(url),
    where: 'reports[1]',
    url: new Secret(url),
    secret,
    format: 'json',
    ...given,
  };
}

/** A webhook to whose requests this is answered, one after the other, and then 204. */
async function answering(...statuses: (number | 'drop')[]) {
  const respond: Respond = (response) => {
    const status = statuses.shift() ?? 204;
    if (status === 'drop') response.destroy();
    else response.writeHead(status).end();
  };
  const server = await startWebhookServer({ respond });
  const webhook = aWebhook(server.url);
  return { ...server, webhook, recipient: byWebhook(webhook.name) };
}

const readLedger = () => database.db.select().from(deliveries).orderBy(deliveries.id);

test('a report goes to each webhook and each address once, in however many rounds', async () => {
  const { calls, webhook, recipient } = await answering();
  const postbox = createPostbox();
  await owe(database, { json, recipients: ['a@example.com', recipient] });
  const attempts = await deliver(postbox, { webhooks: [webhook] });
  await deliver(postbox, { webhooks: [webhook] });

  expect(attempts).toMatchObject([{ carrier: 'mail' }, { carrier: 'webhook', recipient: webhook.name }]);
  expect([postbox.mails.length, calls.length]).toEqual([1, 1]);
  const [mail, hook] = await readLedger();
  expect([mail, hook]).toMatchObject([
    { state: 'sent', attempts: 1 },
    { state: 'sent', attempts: 1, sentAt: night(1) },
  ]);
  expect(hook?.messageId).toMatch(/^msg_[0-9a-f-]{36}$/);
  expect(mail?.messageId).toMatch(/^<.*@example\.com>$/);
  expect(calls).toMatchObject([{ body: json, headers: { 'webhook-id': hook?.messageId } }]);
});

test('whatever becomes of an attempt, the next one has the same id and the same body', async () => {
  const { calls, webhook, recipient } = await answering(500, 'drop', 429);
  await owe(database, { json, recipients: [recipient] });
  const outcomes: unknown[] = [];
  for (const at of [1, 1, 2, 3].map(night))
    outcomes.push(...(await deliver(createPostbox(), { at, webhooks: [webhook] })));

  expect(outcomes).toMatchObject(
    ['retry', 'unknown', 'retry', 'sent'].map((outcome) => ({ outcome: { outcome } })),
  );
  expect(new Set(calls.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect(calls.map(({ body }) => body)).toEqual([json, json, json, json]);
  expect(new Set(calls.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(3);
  expect(await readLedger()).toMatchObject([{ state: 'sent', attempts: 4, lastError: null }]);
});

test('a process that dies between sending and recording leaves it unknown, and it goes again under the same id', async () => {
  const { calls, webhook, recipient } = await answering();
  await owe(database, { json, recipients: [recipient] });
  const context = deliveringContext(database, createPostbox(), { webhooks: [webhook] });
  const crash = new Error('the process died');
  const dying = {
    ...context,
    webhooks: {
      ...context.webhooks,
      send: async (call: Parameters<typeof context.webhooks.send>[0]) => {
        await context.webhooks.send(call);
        throw crash;
      },
    },
  };
  await expect(
    deliverEach(dying, (handle, signal) => database.queue.drain('deliver', handle, signal)),
  ).rejects.toBe(crash);
  expect(await readLedger()).toMatchObject([{ state: 'unknown', attempts: 1 }]);
  await deliver(createPostbox(), { webhooks: [webhook] });
  expect(await readLedger()).toMatchObject([{ state: 'sent', attempts: 2 }]);
  expect(calls).toHaveLength(2);
  expect(new Set(calls.map(({ headers, body }) => `${headers['webhook-id']} ${body}`)).size).toBe(1);
});

test('410 is the end of it, and so is a webhook that is configured no more', async () => {
  const { calls, webhook, recipient } = await answering(410);
  await owe(database, { json, recipients: [recipient, byWebhook('webhook:0123456789ab')] });
  await deliver(createPostbox(), { webhooks: [webhook] });
  expect(await deliver(createPostbox(), { webhooks: [webhook] })).toEqual([]);
  expect(await readLedger()).toMatchObject([
    { state: 'failed', lastError: expect.stringContaining('answered 410') as string },
    {
      state: 'failed',
      lastError: expect.stringContaining('webhook:0123456789ab is not configured') as string,
    },
  ]);
  expect(calls).toHaveLength(1);
});

test('a report of before there were webhooks cannot go to one, and says so', async () => {
  const { calls, webhook, recipient } = await answering();
  await owe(database, { json: null, recipients: [recipient] });
  expect(await deliver(createPostbox(), { webhooks: [webhook] })).toMatchObject([
    { outcome: { outcome: 'refused' } },
  ]);
  expect(calls).toEqual([]);
});

test('Slack gets blocks made of what was stored', async () => {
  const { calls, webhook, recipient } = await answering();
  const data = {
    subject: '[rollcall] a: 1 left',
    headline: 'a: 1 left',
    alert: null,
    run: null,
    counts: {},
    changes: [],
    principals: [],
    needs: [],
    do_next: [],
  };
  await owe(database, { json: JSON.stringify({ data }), recipients: [recipient] });
  await deliver(createPostbox(), { webhooks: [{ ...webhook, format: 'slack', secret: null }] });
  expect(JSON.parse(calls[0]?.body ?? '')).toMatchObject({
    text: '[rollcall] a: 1 left',
    blocks: [{ type: 'header' }],
  });
  expect(calls[0]?.headers).not.toHaveProperty('webhook-signature');
});

test('what was stored otherwise by another version is refused, and keeps nothing else from being sent', async () => {
  const { calls, webhook, recipient } = await answering();
  await owe(database, { json: '{"data":{}}', recipients: [recipient] });
  await owe(database, { createdAt: night(2), recipients: ['a@example.com'] });
  const postbox = createPostbox();
  await deliver(postbox, { webhooks: [{ ...webhook, format: 'slack', secret: null }] });
  expect(calls).toEqual([]);
  expect(postbox.mails.map(({ to }) => to)).toEqual(['a@example.com']);
  const [delivery] = await database.db.select().from(deliveries).orderBy(deliveries.id);
  expect(delivery).toMatchObject({
    state: 'failed',
    lastError: expect.stringContaining('no blocks') as string,
  });
});

test('resending names a webhook as any recipient', async () => {
  const { calls, webhook, recipient } = await answering();
  await owe(database, { json, recipients: ['a@example.com', recipient] });
  await deliver(createPostbox(), { webhooks: [webhook] });
  const { db, queue } = database;
  const resend = await resendReport(db, queue, { reportId: 1, to: [webhook.name], now: night(2) });
  await deliverEach(deliveringContext(database, createPostbox(), { webhooks: [webhook] }), resend.drain);
  expect(new Set(calls.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect(calls).toHaveLength(2);
});

const away = () => Promise.resolve({ outcome: 'retry', error: 'away', isServerAway: true } as const);

test('a mail server that is away ends the round of mails, and of no webhook', async () => {
  const { calls, webhook, recipient } = await answering();
  const mailer = { ...createPostbox(), send: away };
  await owe(database, { json, recipients: ['a@example.com', 'b@example.com', recipient, 'c@example.com'] });
  const attempts = await deliver(mailer, { webhooks: [webhook] });
  expect(attempts.map(({ recipient: to, outcome }) => [to, outcome.outcome])).toEqual([
    ['a@example.com', 'retry'],
    [webhook.name, 'sent'],
  ]);
  expect(calls).toHaveLength(1);
  expect((await readLedger()).map(({ attempts: count }) => count)).toEqual([1, 0, 1, 0]);
});

test('a webhook that is away is asked once in a round, and keeps nothing else from going out', async () => {
  const [good, gone] = [await answering(), aWebhook('http://127.0.0.1:1/hook')];
  const recipients = [byWebhook(gone.name), 'a@example.com', good.recipient];
  for (const createdAt of [1, 2].map(night)) await owe(database, { json, recipients, createdAt });
  const postbox = createPostbox();
  const context = deliveringContext(database, postbox, { at: night(2), webhooks: [good.webhook, gone] });
  const waits: string[] = [];
  const sending = await sendWhatIsOwed(context, {
    withDigest: false,
    waitSeconds: 3600,
    onWaiting: (line) => waits.push(line),
  });
  expect(sending.attempts.map(({ outcome }) => outcome.outcome).toSorted()).toEqual([
    'retry',
    'sent',
    'sent',
    'sent',
    'sent',
  ]);
  expect(sending).toMatchObject({ inOtherHands: 0, notAttempted: 1 });
  expect(waits).toEqual([]);
  expect([postbox.mails.length, good.calls.length]).toEqual([2, 2]);
});

test('a worker puts off what goes to the server that is away, and nothing else', async () => {
  const [good, gone] = [await answering(), aWebhook('http://127.0.0.1:1/hook')];
  await owe(database, { json, recipients: [byWebhook(gone.name)] });
  const recipients = [byWebhook(gone.name), 'a@example.com', good.recipient];
  await owe(database, { json, recipients, createdAt: night(2) });
  const handle = (mailer: Mailer, deliveryId: number) =>
    deliverJob.work?.handle(
      deliveringContext(database, mailer, { at: night(2), webhooks: [good.webhook, gone] }),
      { deliveryId },
    );
  const isPutOff = async (id: number) => {
    const times = await readNextAttempts(database.db, 'deliver', [String(id)]);
    return (times.get(String(id))?.getTime() ?? NaN) > Date.now() + 30_000;
  };
  expect(await handle(createPostbox(), 1)).toBe('later');
  expect([await isPutOff(2), await isPutOff(3), await isPutOff(4)]).toEqual([true, false, false]);
  expect(await handle({ ...createPostbox(), send: away }, 3)).toBe('later');
  expect(await isPutOff(4)).toBe(false);
  expect(await handle(createPostbox(), 4)).toBe('done');
});
