import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { text } from 'node:stream/consumers';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { type HealthSources, type Readiness } from '../../src/health/answers.ts';
import { isOurHost } from '../../src/health/hosts.ts';
import { type Fitness } from '../../src/health/probe.ts';
import { serveHealth } from '../../src/health/serve.ts';
import { type HealthServer, type HealthServerOptions, startHealthServer } from '../../src/health/server.ts';

const open: HealthServer[] = [];

afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

const fit: Fitness = { takesChanges: true, hasQueue: true };

/** Of a worker that is well. */
const sources: HealthSources = {
  probe: () => Promise.resolve(fit),
  metrics: { contentType: 'text/plain; version=0.0.4', scrape: () => Promise.resolve('up 1\n') },
  readiness: () => 'ready',
  stuckSince: () => null,
};

/** A server on a free port of this machine. */
async function serve(given: Partial<HealthServerOptions> = {}): Promise<HealthServer> {
  const server = await startHealthServer({ host: '127.0.0.1', port: 0, ...sources, ...given });
  open.push(server);
  return server;
}

/** Never comes back. */
const hang = () => new Promise<never>(() => undefined);

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);

async function ask(url: string): Promise<[status: number, answer: unknown]> {
  const answer = await fetch(url);
  return [answer.status, await answer.json()];
}

test('a process that lives is healthy, and asks neither database nor queue for it', async () => {
  const asked: string[] = [];
  const { url } = await serve({
    probe: () => {
      asked.push('the database');
      return hang();
    },
    readiness: () => 'starting',
  });

  const answer = await fetch(`${url}/healthz`);

  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(await answer.json()).toEqual({ status: 'ok' });
  expect(asked).toEqual([]);
});

test('a worker is ready from when it takes work until it is told to stop, and says why it is not', async () => {
  let readiness: Readiness = 'starting';
  const { url } = await serve({ readiness: () => readiness });

  expect(await ask(`${url}/readyz`)).toEqual([
    503,
    { status: 'starting', reason: 'The worker is about to start and takes no work yet.' },
  ]);
  readiness = 'ready';
  expect(await ask(`${url}/readyz`)).toEqual([
    200,
    { status: 'ready', database: 'ok', queue: 'ok', work: 'ok' },
  ]);
  readiness = 'stopping';
  expect(await ask(`${url}/readyz`)).toEqual([
    503,
    { status: 'stopping', reason: 'The worker was told to stop and takes no more work.' },
  ]);
});

const connectionRefused = Object.assign(
  new Error('connect postgres://rollcall:hunter2@db.example.com refused'),
  { code: 'ECONNREFUSED' },
);
const codeThatIsNone = Object.assign(new Error(), { code: 'postgres://rollcall:hunter2@db.example.com' });

test.each([
  ['a database that takes no changes', { ...fit, takesChanges: false }, { database: 'takes no changes' }],
  ['a queue that is gone', { ...fit, hasQueue: false }, { database: 'ok', queue: 'is not there' }],
  ['a database that fails', connectionRefused, { database: 'failed (ECONNREFUSED)', queue: 'not looked at' }],
  ['an error with a code that is none', codeThatIsNone, { database: 'failed' }],
])('%s makes a worker that is not ready, and says no more than what it is', async (_, found, told) => {
  const seen: unknown[] = [];
  const { url } = await serve({
    probe: () => (found instanceof Error ? Promise.reject(found) : Promise.resolve(found)),
    onFailure: (path, error) => seen.push([path, error]),
  });

  const [status, answer] = await ask(`${url}/readyz`);

  expect([status, answer]).toEqual([
    503,
    expect.objectContaining({ status: 'failing', work: 'ok', ...told }),
  ]);
  expect(JSON.stringify(answer)).not.toContain('hunter2');
  expect(seen).toEqual([['/readyz', found instanceof Error ? found : expect.any(Error)]]);
});

test('a watchdog whose rounds no longer end makes a worker that is not ready', async () => {
  const { url } = await serve({ stuckSince: () => new Date('2026-11-26T02:00:00Z') });

  expect(await ask(`${url}/readyz`)).toMatchObject([
    503,
    {
      status: 'failing',
      database: 'ok',
      work: expect.stringContaining('2026-11-26T02:00:00.000Z') as string,
    },
  ]);
});

test('a database that hangs is one that fails, once its time is over', async () => {
  const { url } = await serve({ probe: hang, probeTimeoutMs: 20 });

  expect(await ask(`${url}/readyz`)).toMatchObject([
    503,
    { status: 'failing', database: 'no answer within 0.02 s' },
  ]);
});

test('a database that is away is told once, and once when it is back, however often somebody asks', async () => {
  const away = () => Promise.reject(new Error('down'));
  const well = () => Promise.resolve(fit);
  const readOnly = () => Promise.resolve({ ...fit, takesChanges: false });
  const outcomes = [well, away, away, readOnly, well, well, readOnly, readOnly, well];
  const said: string[] = [];
  const { url } = await serve({
    probe: () => (outcomes.shift() ?? hang)(),
    onFailure: (path, error) => said.push(`${path} ${(error as Error).message}`),
    onRecovery: (path) => said.push(`${path} again`),
  });

  while (outcomes.length > 0) await fetch(`${url}/readyz`);

  expect(said).toEqual([
    '/readyz down',
    '/readyz again',
    '/readyz the database takes no changes',
    '/readyz again',
  ]);
});

test('a database that answers again is found well again', async () => {
  const outcomes = [() => Promise.reject(new Error('down')), hang, () => Promise.resolve(fit)];
  const { url } = await serve({ probe: () => (outcomes.shift() ?? hang)(), probeTimeoutMs: 20 });

  const statuses = [];
  for (let turn = 0; turn < 3; turn += 1) statuses.push((await fetch(`${url}/readyz`)).status);

  expect(statuses).toEqual([503, 503, 200]);
});

test('metrics are served as they are, with their own content type', async () => {
  const { url } = await serve();

  const answer = await fetch(`${url}/metrics`);

  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(await answer.text()).toBe('up 1\n');
});

test('metrics that fail or hang are a 503, without the text of the error', async () => {
  const scrapes = [() => Promise.reject(new Error('password hunter2')), hang];
  const { url } = await serve({
    metrics: { contentType: 'text/plain', scrape: () => (scrapes.shift() ?? hang)() },
    scrapeTimeoutMs: 20,
  });

  const failed = await fetch(`${url}/metrics`);
  const hung = await fetch(`${url}/metrics`);

  expect([failed.status, await failed.text()]).toEqual([
    503,
    'The metrics could not be read from the database: failed.\n',
  ]);
  expect([hung.status, await hung.text()]).toEqual([
    503,
    'The metrics could not be read from the database: no answer within 0.02 s.\n',
  ]);
});

test('HEAD answers as GET does, without the body', async () => {
  const { url } = await serve({ probe: () => Promise.reject(new Error('down')) });

  for (const path of ['/healthz', '/readyz', '/metrics']) {
    const got = await fetch(url + path);
    const headed = await fetch(url + path, { method: 'HEAD' });

    expect(headed.status).toBe(got.status);
    expect(headed.headers.get('content-length')).toBe(String((await got.text()).length));
    expect(await headed.text()).toBe('');
  }
});

test('a query behind the path is let be', async () => {
  const { url } = await serve();

  expect((await fetch(`${url}/healthz?verbose=1`)).status).toBe(200);
});

test.each(['/', '/health', '/healthz/', '//healthz', '/constructor', '/%00', '/metrics%2F..'])(
  '%s is not found',
  async (path) => {
    const { url } = await serve();

    const answer = await fetch(url + path);

    expect(answer.status).toBe(404);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  },
);

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('%s is not allowed', async (method) => {
  const { url } = await serve();

  const answer = await fetch(`${url}/metrics`, { method });

  expect(answer.status).toBe(405);
  expect(answer.headers.get('allow')).toBe('GET, HEAD');
});

test('what is no HTTP, and a caller that goes away, do not end the worker', async () => {
  const probing = Promise.withResolvers<undefined>();
  const answered = Promise.withResolvers<Fitness>();
  const { url } = await serve({
    probe: () => {
      probing.resolve(undefined);
      return answered.promise;
    },
  });
  const nonsense = connect(Number(new URL(url).port), '127.0.0.1');
  nonsense.end('\u0000 not a request\r\n\r\n').resume();
  await once(nonsense, 'close');
  const hasty = request(`${url}/readyz`).on('error', () => undefined);
  hasty.end();
  await probing.promise;
  hasty.destroy();
  answered.resolve(fit);

  expect((await fetch(`${url}/readyz`)).status).toBe(200);
});

test('a mistake of ours is a 500, and told', async () => {
  const seen: string[] = [];
  const { url } = await serve({
    readiness: () => {
      throw new Error('a mistake');
    },
    onFailure: (path) => seen.push(path),
  });

  const answer = await fetch(`${url}/readyz`);

  expect([answer.status, await answer.text()]).toEqual([500, 'Rollcall failed to answer.\n']);
  expect(seen).toEqual(['/readyz']);
});

test('a mistake in telling of a failure does not end the worker either', async () => {
  const { url } = await serve({
    readiness: () => {
      throw new Error('a mistake');
    },
    onFailure: () => {
      throw new Error('another');
    },
  });

  await expect(fetch(`${url}/readyz`)).rejects.toThrow('fetch failed');
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test('a port that is taken may be free in a moment, and the error says which variable mends it', async () => {
  const { url } = await serve();
  const port = Number(new URL(url).port);

  await expect(serve({ port })).rejects.toMatchObject({
    code: 'busy',
    message:
      `Cannot serve health and metrics at 127.0.0.1:${port}: another program has the port. ` +
      'Set ROLLCALL_HTTP to another host:port, to a port, or to off.',
    cause: { code: 'EADDRINUSE' },
  });
});

test('an address that this machine does not have is a fault of the configuration', async () => {
  // Set aside for documentation: nobody has it.
  await expect(serve({ host: '192.0.2.1' })).rejects.toMatchObject({
    code: 'configuration',
    message: expect.stringContaining('192.0.2.1:0: this machine does not have that address') as unknown,
  });
});

test.skipIf(!hasIpv6).each(['::1', '[::1]'])('an address of IPv6 will do: %s', async (host) => {
  const { url } = await serve({ host });

  expect(url).toMatch(/^http:\/\/\[::1\]:\d+$/);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test('closing drops who waits for an answer, frees the port, and can be done twice', async () => {
  const probing = Promise.withResolvers<undefined>();
  const server = await serve({
    probe: () => {
      probing.resolve(undefined);
      return hang();
    },
  });
  const waiting = fetch(`${server.url}/readyz`);
  waiting.catch(() => undefined);
  await probing.promise;

  await server.close();
  await server.close();

  await expect(waiting).rejects.toThrow('fetch failed');
  const again = await startHealthServer({
    host: '127.0.0.1',
    port: Number(new URL(server.url).port),
    probe: hang,
    metrics: { contentType: 'text/plain', scrape: hang },
    readiness: () => 'stopping',
    stuckSince: () => null,
  });
  onTestFinished(() => again.close());
  expect(again.url).toBe(server.url);
});

/** Sends these bytes and no more, and returns what came back until the connection ended. */
async function send(url: string, bytes: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), new URL(url).hostname);
  socket.write(bytes);
  return text(socket);
}

function asking(host: string, path = '/healthz'): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
}

const hosts = ['rollcall.internal', 'worker'];

test.each(['/healthz', '/readyz', '/metrics', '/anything'])(
  '%s is answered to nobody who was led here under another name',
  async (path) => {
    const scraped: string[] = [];
    const metrics = {
      contentType: 'text/plain',
      scrape: () => Promise.resolve(String(scraped.push('metrics'))),
    };
    const { url } = await serve({ metrics, hosts });

    const answer = await send(url, asking('attacker.example', path));

    expect(answer).toMatch(/^HTTP\/1\.1 421 /);
    expect(answer).toContain('ROLLCALL_HTTP_HOSTS');
    expect(answer).not.toContain('attacker');
    expect(scraped).toEqual([]);
  },
);

test.each([
  'attacker.example:9465',
  'localhost.attacker.example',
  '127.0.0.1.attacker.example',
  'rollcall.internal.attacker.example',
  'not-rollcall.internal',
  '[attacker.example]',
  '127.1',
  '0x7f000001',
  '::1',
  '',
])('the name %j is not ours', (host) => {
  expect(isOurHost(host, hosts)).toBe(false);
});

test.each([
  '127.0.0.1',
  '127.0.0.1:9465',
  '10.244.1.7:9465',
  '[::1]:9465',
  '[fd00::7]',
  'localhost:9465',
  'LOCALHOST',
  'worker:9465',
  'Rollcall.Internal.',
  undefined,
])('the name %j is ours, as kubelet, Prometheus and people write it', (host) => {
  expect(isOurHost(host, hosts)).toBe(true);
});

test('the name that it listens at is its own', async () => {
  const { url } = await serve({ host: 'localhost' });

  expect(await send(url, asking('localhost'))).toMatch(/^HTTP\/1\.1 200 /);
});

test.each([
  ['never says anything', ''],
  ['sends its headers byte by byte', 'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: '],
  ['sends no end of a body', `POST /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9999\r\n\r\nx`],
  ['keeps its connection and asks no more', 'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'],
])('who %s is dropped', async (_, bytes) => {
  const { url } = await serve({ patienceMs: 20 });

  await expect(send(url, bytes)).resolves.toEqual(expect.any(String));
});

test('headers without end are refused, and the next caller is answered', async () => {
  const { url } = await serve();

  const answer = await send(url, asking(`127.0.0.1\r\nX-Long: ${'x'.repeat(10_000)}`));

  expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test('a hundred callers at once are let in and no more, until some go', async () => {
  const { url } = await serve();
  const { port, hostname } = new URL(url);
  const idle = Array.from({ length: 100 }, () => connect(Number(port), hostname).resume());
  await Promise.all(idle.map((socket) => once(socket, 'connect')));

  expect(await send(url, asking('127.0.0.1')).catch(() => '')).toBe('');
  for (const socket of idle) socket.destroy();
  await vi.waitFor(
    async () => expect(await send(url, asking('127.0.0.1'))).toMatch(/^HTTP\/1\.1 200 /),
    5_000,
  );
});

test('a default place that another program has is left to it, and health is served beside it', async () => {
  const { url } = await serve();
  const taken = { host: '127.0.0.1', port: Number(new URL(url).port) };

  const served = await serveHealth({
    ...sources,
    config: { http: undefined, httpHosts: [] },
    defaultPlace: taken,
  });
  open.push(...(served === null ? [] : [served.server]));

  expect(served?.moved?.message).toContain(`127.0.0.1:${taken.port}: another program has the port`);
  expect(served?.server.url).not.toBe(url);
  expect((await fetch(`${served?.server.url}/healthz`)).status).toBe(200);
});

test('a place that was asked for and is taken is not left for another, and one that is turned off is none', async () => {
  const { url } = await serve();
  const http = { host: '127.0.0.1', port: Number(new URL(url).port) };

  await expect(serveHealth({ ...sources, config: { http, httpHosts: [] } })).rejects.toMatchObject({
    code: 'busy',
  });
  expect(await serveHealth({ ...sources, config: { http: null, httpHosts: [] } })).toBeNull();
});
