import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { type Readiness } from '../../src/health/answers.ts';
import { type HealthServer, type HealthServerOptions, startHealthServer } from '../../src/health/server.ts';

const open: HealthServer[] = [];

afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

/** A server on a free port of this machine, of a worker that is well. */
async function serve(given: Partial<HealthServerOptions> = {}): Promise<HealthServer> {
  const server = await startHealthServer({
    host: '127.0.0.1',
    port: 0,
    probe: () => Promise.resolve(),
    metrics: { contentType: 'text/plain; version=0.0.4', scrape: () => Promise.resolve('up 1\n') },
    readiness: () => 'ready',
    ...given,
  });
  open.push(server);
  return server;
}

/** Never comes back. */
const hang = () => new Promise<never>(() => undefined);

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);

test('a worker whose database answers is healthy', async () => {
  const { url } = await serve();

  const answer = await fetch(`${url}/healthz`);

  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(await answer.json()).toEqual({ status: 'ok', process: 'ok', database: 'ok' });
});

test('a worker whose database fails says that it is the database, and no more than the code', async () => {
  const failure = Object.assign(new Error('connect postgres://rollcall:hunter2@db.example.com refused'), {
    code: 'ECONNREFUSED',
  });
  const seen: unknown[] = [];
  const { url } = await serve({
    probe: () => Promise.reject(failure),
    onFailure: (path, error) => seen.push([path, error]),
  });

  const answer = await fetch(`${url}/healthz`);

  expect(answer.status).toBe(503);
  expect(await answer.json()).toEqual({
    status: 'failing',
    process: 'ok',
    database: 'failed (ECONNREFUSED)',
  });
  expect(seen).toEqual([['/healthz', failure]]);
});

test('a code that is none is not repeated', async () => {
  const failure = Object.assign(new Error(), { code: 'postgres://rollcall:hunter2@db.example.com' });
  const { url } = await serve({ probe: () => Promise.reject(failure) });

  expect(await (await fetch(`${url}/healthz`)).json()).toMatchObject({ database: 'failed' });
});

test('a database that hangs is one that fails, once its time is over', async () => {
  const { url } = await serve({ probe: hang, probeTimeoutMs: 20 });

  const answer = await fetch(`${url}/healthz`);

  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ status: 'failing', database: 'no answer within 0.02 s' });
});

test('a database that answers again is found well again', async () => {
  const outcomes = [() => Promise.reject(new Error('down')), hang, () => Promise.resolve()];
  const { url } = await serve({ probe: () => (outcomes.shift() ?? hang)(), probeTimeoutMs: 20 });

  const statuses = [];
  for (let turn = 0; turn < 3; turn += 1) statuses.push((await fetch(`${url}/healthz`)).status);

  expect(statuses).toEqual([503, 503, 200]);
});

test('a worker is ready from when it takes work until it is told to stop, and says why it is not', async () => {
  let readiness: Readiness = 'starting';
  const { url } = await serve({ readiness: () => readiness });
  const ask = async () => {
    const answer = await fetch(`${url}/readyz`);
    return [answer.status, await answer.json()];
  };

  expect(await ask()).toEqual([
    503,
    { status: 'starting', reason: 'The worker is about to start and takes no work yet.' },
  ]);
  readiness = 'ready';
  expect(await ask()).toEqual([200, { status: 'ready', reason: 'The worker takes work.' }]);
  readiness = 'stopping';
  expect(await ask()).toEqual([
    503,
    { status: 'stopping', reason: 'The worker was told to stop and takes no more work.' },
  ]);
});

test('a worker is ready while its database is away: it is healthz that tells', async () => {
  const { url } = await serve({ probe: () => Promise.reject(new Error('down')) });

  expect((await fetch(`${url}/readyz`)).status).toBe(200);
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
  const answered = Promise.withResolvers<undefined>();
  const { url } = await serve({
    probe: () => {
      probing.resolve(undefined);
      return answered.promise;
    },
  });
  const nonsense = connect(Number(new URL(url).port), '127.0.0.1');
  nonsense.end('\u0000 not a request\r\n\r\n').resume();
  await once(nonsense, 'close');
  const hasty = request(`${url}/healthz`).on('error', () => undefined);
  hasty.end();
  await probing.promise;
  hasty.destroy();
  answered.resolve(undefined);

  expect((await fetch(`${url}/healthz`)).status).toBe(200);
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

test('a port that is taken is a fault of the configuration, and says which variable mends it', async () => {
  const { url } = await serve();
  const port = Number(new URL(url).port);

  await expect(serve({ port })).rejects.toMatchObject({
    code: 'configuration',
    message:
      `Cannot serve health and metrics at 127.0.0.1:${port}: the port is taken. ` +
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
  const waiting = fetch(`${server.url}/healthz`);
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
  });
  onTestFinished(() => again.close());
  expect(again.url).toBe(server.url);
});
