import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Secret } from '../../src/domain/secret.ts';
import { createLog } from '../../src/log.ts';
import { withPings } from '../../src/pipeline/ping.ts';

interface Listener {
  url: string;
  /** Each ping's method and path, in order. */
  heard: string[];
}

/** A service such as Healthchecks, which answers its requests with these statuses, and then with 200. */
async function listen(...statuses: number[]): Promise<Listener> {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    heard.push(`${request.method ?? ''} ${request.url ?? ''}`);
    response.writeHead(statuses.shift() ?? 200).end('OK');
  });
  return { url: `${await addressOf(server)}/uuid`, heard };
}

/** Serves until the test is over. */
async function addressOf(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const log = createLog({ level: 'silent', forPeople: false });

function principalAt(url: string) {
  const credentials = { kind: 'token' as const, token: new Secret('cfut_token') };
  return { name: 'ops-bot', source: 'organizations' as const, credentials, pingUrl: new Secret(url) };
}

const ended = (outcome: string) => () => Promise.resolve({ outcome });

test.each([
  ['complete', ['POST /uuid/start', 'POST /uuid']],
  ['held', ['POST /uuid/start', 'POST /uuid/fail']],
  ['short', ['POST /uuid/start', 'POST /uuid/fail']],
  ['interrupted', ['POST /uuid/start']],
])('a run that ends %s is announced as %j', async (outcome, pings) => {
  const { url, heard } = await listen();
  expect(await withPings({ log, retryPauseMs: 1 }, principalAt(url), ended(outcome))).toEqual({ outcome });
  expect(heard).toEqual(pings);
});

test('a slash at the end of the ping URL is none too many', async () => {
  const { url, heard } = await listen();
  await withPings({ log, retryPauseMs: 1 }, principalAt(`${url}/`), ended('complete'));
  expect(heard).toEqual(['POST /uuid/start', 'POST /uuid']);
});

test('a ping that is lost is sent again', async () => {
  const { url, heard } = await listen(500);
  await withPings({ log, retryPauseMs: 1 }, principalAt(url), ended('complete'));
  expect(heard).toEqual(['POST /uuid/start', 'POST /uuid/start', 'POST /uuid']);
});

test('pings that fail, or have nobody to hear them, do not keep a run from its end', async () => {
  const warned: string[] = [];
  const warn = (about: object, message: string) => warned.push(`${message} ${JSON.stringify(about)}`);
  const heardBy = { retryPauseMs: 1, log: { ...log, warn } as unknown as typeof log };
  const { url } = await listen(404, 404, 404, 404, 404, 404);
  expect(await withPings(heardBy, principalAt(url), ended('complete'))).toEqual({ outcome: 'complete' });
  expect(await withPings(heardBy, principalAt('http://127.0.0.1:1/uuid'), ended('short'))).toEqual({
    outcome: 'short',
  });
  expect(warned).toHaveLength(4);
  expect(warned[0]).toContain('the answer was 404');
  expect(warned.join()).not.toContain('uuid');
});

test('without a ping URL nothing is announced', async () => {
  const principal = { ...principalAt('http://127.0.0.1:1/'), pingUrl: null };
  expect(await withPings({ log, retryPauseMs: 1 }, principal, ended('complete'))).toEqual({
    outcome: 'complete',
  });
});

test.each([301, 302, 303, 307, 308])('a redirect of %i is not followed, and told at once', async (status) => {
  const elsewhere = await listen();
  const heard: string[] = [];
  const server = createServer((request, response) => {
    heard.push(request.url ?? '');
    response.writeHead(status, { location: elsewhere.url }).end();
  });
  const warned: string[] = [];
  const warn = (about: object) => warned.push(JSON.stringify(about));
  const heardBy = { retryPauseMs: 1, log: { ...log, warn } as unknown as typeof log };
  await withPings(heardBy, principalAt(`${await addressOf(server)}/uuid`), ended('complete'));
  expect(elsewhere.heard).toEqual([]);
  expect(heard).toEqual(['/uuid/start', '/uuid']);
  expect(warned).toHaveLength(2);
  expect(warned[0]).toContain(`the answer was ${status}, and a redirect is not followed`);
});

test('an answer without end does not keep a run from its own', async () => {
  const closed = Promise.withResolvers<undefined>();
  const server = createServer((_, response) => {
    response.writeHead(200).write('x');
    response.on('close', () => closed.resolve(undefined));
  });
  const principal = principalAt(`${await addressOf(server)}/uuid`);
  expect(await withPings({ log, retryPauseMs: 1 }, principal, ended('complete'))).toEqual({
    outcome: 'complete',
  });
  await closed.promise;
});
