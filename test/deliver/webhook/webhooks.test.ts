import { createHmac, timingSafeEqual } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { type AddressInfo } from 'node:net';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { findWay } from '../../../src/cloudflare/http/way.ts';
import { noProxies } from '../../../src/domain/proxies.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { nameWebhook, type Webhook } from '../../../src/domain/webhook.ts';
import { sign } from '../../../src/deliver/webhook/signature.ts';
import { openWebhooks, type WebhooksOptions } from '../../../src/deliver/webhook/webhooks.ts';
import { startProxy } from '../../support/proxy.ts';
import { type Certificates, makeCertificates } from '../smtp/certificates.ts';
import { type Call, startWebhookServer } from './webhook-server.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const json = '{"type":"rollcall.changes","data":{"headline":"ops-bot: 1 left — İstanbul 👩‍💻"}}';
const now = new Date('2026-08-14T02:00:05.900Z');

function aWebhook(url: string, given: Partial<Webhook> = {}): Webhook {
  return {
    name: nameWebhook(url),
    where: 'reports[1]',
    url: new Secret(url),
    secret: new Secret(secret),
    format: 'json',
    ...given,
  };
}

function open(webhook: Webhook, given: Partial<WebhooksOptions> = {}) {
  const findWayThere = (address: URL) => findWay(address, noProxies);
  const webhooks = openWebhooks({
    webhooks: [webhook],
    findWay: findWayThere,
    now: () => now,
    timeoutMs: 5_000,
    ...given,
  });
  onTestFinished(() => webhooks.close());
  return webhooks;
}

const call = (url: string) => ({ to: nameWebhook(url), id: 'msg_1', json });

async function sendTo(url: string, given: Partial<WebhooksOptions> = {}, webhook: Partial<Webhook> = {}) {
  return open(aWebhook(url, webhook), given).send(call(url));
}

/** As a receiver does it, by the words of the specification. */
function isSigned({ headers, body }: Call): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signatures = '' } = headers;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${at}.${body}`, 'utf8').digest();
  return signatures.split(' ').some((one) => {
    const [version, given = ''] = one.split(',');
    const bytes = Buffer.from(given, 'base64');
    return version === 'v1' && bytes.length === expected.length && timingSafeEqual(bytes, expected);
  });
}

test('a signature is that of the reference implementations for the same', () => {
  const signed = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1614265330, body: '{"test": 2432232314}' };
  expect(sign(signed, Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64'))).toBe(
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  );
});

test('a report is posted whole, with its id, the time of the attempt and a signature over all of them', async () => {
  const server = await startWebhookServer();
  expect(await sendTo(server.url)).toEqual({
    outcome: 'sent',
    response: `${nameWebhook(server.url)} (reports[1]) answered 204`,
  });
  expect(server.calls).toMatchObject([
    {
      path: '/hooks/Quokka4f9bPath',
      method: 'POST',
      body: json,
      headers: {
        'webhook-id': 'msg_1',
        'webhook-timestamp': '1786672805',
        'content-type': 'application/json',
        'user-agent': 'rollcall',
        connection: 'close',
        'content-length': String(Buffer.byteLength(json)),
      },
    },
  ]);
  expect(server.calls.map(isSigned)).toEqual([true]);
  const [first] = server.calls as [Call];
  expect(isSigned({ ...first, body: `${json} ` })).toBe(false);
});

test('a retry has the same id and body, and a signature of its own time', async () => {
  let at = now;
  const server = await startWebhookServer({ respond: (response) => response.writeHead(500).end() });
  const webhooks = open(aWebhook(server.url), { now: () => at });
  await webhooks.send(call(server.url));
  at = new Date(now.getTime() + 60_000);
  await webhooks.send(call(server.url));
  const [first, second] = server.calls as [Call, Call];
  expect(second.body).toBe(first.body);
  expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
  expect(Number(second.headers['webhook-timestamp']) - Number(first.headers['webhook-timestamp'])).toBe(60);
  expect([isSigned(first), isSigned(second)]).toEqual([true, true]);
});

test('a secret and a URL that are replaced in their files are those of the next request', async () => {
  const [one, other] = [await startWebhookServer(), await startWebhookServer()];
  let read = { url: one.url, secret: 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' };
  const webhook = aWebhook(one.url, {
    url: () => new Secret(read.url),
    secret: () => new Secret(read.secret),
  });
  const webhooks = open(webhook);
  await webhooks.send(call(one.url));
  read = { url: other.url, secret };
  await webhooks.send(call(one.url));
  expect([one.calls.map(isSigned), other.calls.map(isSigned)]).toEqual([[false], [true]]);
});

test('a file that cannot be read leaves the report to be sent', async () => {
  const webhook = aWebhook('http://127.0.0.1:1/', {
    url: () => {
      throw new Error('expected a readable file');
    },
  });
  expect(await open(webhook).send({ to: webhook.name, id: 'msg_1', json })).toMatchObject({
    outcome: 'retry',
    error: expect.stringContaining('expected a readable file') as string,
  });
});

test('what is for a webhook that is not configured is refused, and says so', async () => {
  const server = await startWebhookServer();
  const outcome = await open(aWebhook(server.url)).send({ to: 'webhook:0123456789ab', id: 'msg_1', json });
  expect(outcome).toMatchObject({
    outcome: 'refused',
    error: expect.stringContaining('not configured') as string,
  });
  expect(server.connections).toEqual([]);
});

describe('a status decides', () => {
  test.each([
    [200, 'sent'],
    [202, 'sent'],
    [204, 'sent'],
    [299, 'sent'],
    [301, 'retry'],
    [302, 'retry'],
    [307, 'retry'],
    [308, 'retry'],
    [400, 'refused'],
    [401, 'refused'],
    [404, 'refused'],
    [410, 'refused'],
    [413, 'refused'],
    [408, 'retry'],
    [425, 'retry'],
    [429, 'retry'],
    [500, 'retry'],
    [502, 'retry'],
    [503, 'retry'],
    [599, 'retry'],
  ])('%i: %s', async (status, outcome) => {
    const elsewhere = await startWebhookServer();
    const server = await startWebhookServer({
      respond: (response) => response.writeHead(status, { location: elsewhere.url }).end(),
    });
    const told = await sendTo(server.url);
    expect(told.outcome).toBe(outcome);
    expect('error' in told ? told.error : told.response).toContain(`answered ${status}`);
    expect(elsewhere.connections).toEqual([]);
    expect(server.calls).toHaveLength(1);
  });

  test.each([
    [429, true],
    [503, true],
    [500, undefined],
    [410, undefined],
  ])('%i of others that go there: away is %s', async (status, isServerAway) => {
    const server = await startWebhookServer({ respond: (response) => response.writeHead(status).end() });
    expect((await sendTo(server.url)) as object).toMatchObject(
      isServerAway === undefined ? { outcome: expect.any(String) as string } : { isServerAway },
    );
    if (isServerAway === undefined) expect(await sendTo(server.url)).not.toHaveProperty('isServerAway');
  });

  test('410 names what to do about it', async () => {
    const server = await startWebhookServer({ respond: (response) => response.writeHead(410).end('gone') });
    expect(await sendTo(server.url)).toMatchObject({
      error: expect.stringMatching(/gone.*take it out of/) as string,
    });
  });
});

describe('what a server says is told in part, and never a secret', () => {
  test('the beginning of it, without the URL, its parts and what requests are signed with', async () => {
    const server = await startWebhookServer({
      respond: (response, { url = '', headers }) => {
        const key = secret.replace('whsec_', '');
        response.writeHead(400).end(`no_text at ${url} of ${headers.host} Quokka4f9bPath ${secret} ${key}`);
      },
    });
    const told = JSON.stringify(await sendTo(server.url));
    expect(told).toContain('no_text');
    for (const part of ['Quokka4f9bPath', `127.0.0.1:${server.port}`, 'MfKQ9r8G'])
      expect(told).not.toContain(part);
  });

  test.each([
    ['of which nothing comes', (response: http.ServerResponse) => void response.writeHead(400).write('x')],
    [
      'that breaks off',
      (response: http.ServerResponse) => {
        response.writeHead(400, { 'content-length': '100' }).write('x');
        setImmediate(() => response.destroy());
      },
    ],
    [
      'of binary',
      (response: http.ServerResponse) => void response.writeHead(400).end(Buffer.from([0, 255, 254, 0x9b])),
    ],
  ])('an answer %s is a refusal by its status, and is over', async (_, respond) => {
    const server = await startWebhookServer({ respond });
    const told = await sendTo(server.url, { timeoutMs: 500 });
    expect(told.outcome).toBe('refused');
    expect(JSON.stringify(told).length).toBeLessThan(1_000);
  });

  test('an answer without end is read no further than its beginning', async () => {
    const server = await startWebhookServer({
      respond: (response) => {
        const more = () => {
          while (response.write('x'.repeat(65_536)));
        };
        response.writeHead(400).on('drain', more);
        more();
      },
    });
    expect(await sendTo(server.url, { timeoutMs: 2_000 })).toMatchObject({ outcome: 'refused' });
    // What the system took of it, and nobody read.
    expect(server.connections[0]?.bytesWritten).toBeLessThan(32 * 1024 * 1024);
  });

  test('a success is one whatever comes after its status', async () => {
    const server = await startWebhookServer({
      respond: (response) => void response.writeHead(200).write('x'),
    });
    expect(await sendTo(server.url)).toMatchObject({ outcome: 'sent' });
  });
});

describe('where nothing is answered', () => {
  const large = JSON.stringify({ type: 'rollcall.changes', data: { changes: 'x'.repeat(32 * 1024 * 1024) } });

  test('a connection that ends at once is tried again', async () => {
    const server = createServer((socket) => socket.destroy());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { outcome } = await sendTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    expect(['retry', 'unknown']).toContain(outcome);
  });

  test('a connection that ends when half the body came did not take it', async () => {
    const server = await startWebhookServer({
      meet: (response, request) => request.once('data', () => response.destroy()),
    });
    const webhook = aWebhook(server.url);
    const outcome = await open(webhook).send({ to: webhook.name, id: 'msg_1', json: large });
    expect(outcome).toMatchObject({ outcome: 'retry' });
    expect(outcome).not.toHaveProperty('isServerAway');
  });

  test('a body that is not taken within the deadline was not taken', async () => {
    const server = await startWebhookServer({ meet: (_, request) => void request.pause() });
    const webhook = aWebhook(server.url);
    const outcome = await open(webhook, { timeoutMs: 300 }).send({
      to: webhook.name,
      id: 'msg_1',
      json: large,
    });
    expect(outcome).toMatchObject({
      outcome: 'retry',
      error: expect.stringContaining('no answer within 0.3 s') as string,
      isServerAway: true,
    });
  });

  test.each([
    ['a connection that ends after the body', (response: http.ServerResponse) => void response.destroy()],
    ['silence after the body', () => undefined],
    [
      'half of a header after the body',
      (response: http.ServerResponse) => void response.socket?.write('HTTP/1.1 2'),
    ],
    [
      'what is no HTTP after the body',
      (response: http.ServerResponse) => void response.socket?.end('hello\r\n\r\n'),
    ],
    [
      'another protocol after the body',
      (response: http.ServerResponse) =>
        void response.socket?.write('HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    ],
  ])('%s leaves it unknown', async (_, respond) => {
    const server = await startWebhookServer({ respond });
    expect(await sendTo(server.url, { timeoutMs: 300 })).toMatchObject({ outcome: 'unknown' });
    expect(server.calls).toHaveLength(1);
  });

  test('what is stopped after the body is unknown, and what is stopped before a connection is owed', async () => {
    const { promise: came, resolve } = Promise.withResolvers<undefined>();
    const server = await startWebhookServer({ respond: () => resolve(undefined) });
    const webhooks = open(aWebhook(server.url));
    const sending = webhooks.send(call(server.url));
    await came;
    await webhooks.close();
    expect(await sending).toMatchObject({
      outcome: 'unknown',
      error: expect.stringContaining('told to stop') as string,
    });
    expect(await webhooks.send(call(server.url))).toMatchObject({ outcome: 'retry' });
    expect(server.calls).toHaveLength(1);
  });
});

describe('where there is no connection', () => {
  test.each([
    ['http://127.0.0.1:1/hooks/Quokka4f9bPath', /cannot be reached \(ECONNREFUSED\)/],
    ['https://127.0.0.1:1/hooks/Quokka4f9bPath', /cannot be reached \(ECONNREFUSED\)/],
    [
      'https://quokka4f9bhost.invalid/hooks/Quokka4f9bPath',
      /could not be looked up \((?:ENOTFOUND|EAI_AGAIN)\)/,
    ],
  ])('%s is away, and told without its URL', async (url, error) => {
    const told = await sendTo(url);
    expect(told).toMatchObject({
      outcome: 'retry',
      isServerAway: true,
      error: expect.stringMatching(error) as string,
    });
    expect(JSON.stringify(told)).not.toMatch(/quokka|127\.0\.0\.1/i);
    await expect(open(aWebhook(url)).verify(nameWebhook(url))).rejects.toMatchObject({
      code: 'delivery',
      message: expect.stringMatching(error) as string,
    });
  });
});

describe('over TLS', () => {
  let certificates: Certificates;
  beforeAll(async () => {
    certificates = await makeCertificates();
  });

  const trusting = () => {
    const agent = new https.Agent({ ca: certificates.ca });
    return { findWay: () => ({ agent, proxy: null }) };
  };

  test('a report goes to who has a certificate that is trusted', async () => {
    const server = await startWebhookServer({ identity: certificates.good });
    expect(await sendTo(server.url, trusting())).toMatchObject({ outcome: 'sent' });
    expect(server.calls.map(isSigned)).toEqual([true]);
    await open(aWebhook(server.url), trusting()).verify(nameWebhook(server.url));
    expect(server.calls).toHaveLength(1);
  });

  test.each([
    ['elsewhere', /ERR_TLS_CERT_ALTNAME_INVALID.*correct its URL/],
    ['expired', /CERT_HAS_EXPIRED.*check the clock/],
    ['selfSigned', /DEPTH_ZERO_SELF_SIGNED_CERT.*NODE_EXTRA_CA_CERTS/],
  ] as const)('nothing is said to who has another certificate: %s', async (which, error) => {
    const server = await startWebhookServer({ identity: certificates[which] });
    expect(await sendTo(server.url, trusting())).toMatchObject({
      outcome: 'retry',
      isServerAway: true,
      error: expect.stringMatching(error) as string,
    });
    expect(server.calls).toEqual([]);
  });

  test('a server that speaks clear text is told as that', async () => {
    const { url, calls } = await startWebhookServer();
    const told = await sendTo(url.replace('http:', 'https:'), trusting());
    expect(told).toMatchObject({
      outcome: 'retry',
      error: expect.stringContaining('does not speak TLS') as string,
    });
    expect(calls).toEqual([]);
  });

  test('by a proxy it goes through a tunnel, in which the proxy reads nothing', async () => {
    const server = await startWebhookServer({ identity: certificates.elsewhere });
    const proxy = await startProxy({ to: server.port });
    const proxyUrl = `http://127.0.0.1:${proxy.port}`;
    const agent = new https.Agent({ ca: certificates.ca, proxyEnv: { https_proxy: proxyUrl } });
    const by = { findWay: () => ({ agent, proxy: proxyUrl }) };
    const url = 'https://mail.example.net/hooks/Quokka4f9bPath';
    await open(aWebhook(url), by).verify(nameWebhook(url));
    expect(server.calls).toEqual([]);
    expect(await sendTo(url, by)).toMatchObject({ outcome: 'sent' });
    expect(server.calls.map(isSigned)).toEqual([true]);
    expect(new Set(proxy.asked)).toEqual(new Set(['CONNECT mail.example.net:443']));
  });

  test('a proxy that refuses is named', async () => {
    const proxy = await startProxy({ to: 1, refuse: 403 });
    const proxyUrl = `http://127.0.0.1:${proxy.port}`;
    const agent = new https.Agent({ proxyEnv: { https_proxy: proxyUrl } });
    const told = await sendTo('https://mail.example.net/', { findWay: () => ({ agent, proxy: proxyUrl }) });
    expect(told).toMatchObject({
      outcome: 'retry',
      error: expect.stringContaining(`by the proxy ${proxyUrl}`) as string,
    });
  });
});

test('a look at a webhook connects and sends nothing', async () => {
  const server = await startWebhookServer({ meet: () => undefined });
  let bytes = 0;
  const webhooks = open(aWebhook(server.url));
  await webhooks.verify(nameWebhook(server.url));
  const [socket] = server.connections;
  if (socket !== undefined && !socket.destroyed) await once(socket, 'close');
  bytes += socket?.bytesRead ?? 0;
  expect([server.connections.length, bytes]).toEqual([1, 0]);
});

test('no connection is kept for another request, nor outlives its own', async () => {
  const server = await startWebhookServer();
  const agent = new http.Agent({ keepAlive: true });
  const webhooks = open(aWebhook(server.url), { findWay: () => ({ agent, proxy: null }) });
  await webhooks.send(call(server.url));
  await webhooks.send(call(server.url));
  expect(server.connections).toHaveLength(2);
});
