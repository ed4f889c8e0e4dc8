import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { listOrganizations } from '../../../src/cloudflare/organizations.ts';
import { createPace } from '../../../src/cloudflare/http/pace.ts';
import { RollcallError } from '../../../src/domain/errors.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { type Fault } from '../../../src/simulator/faults.ts';
import { startedSimulator } from '../../simulator/calls.ts';
import { clientOf, connected, failureOf, keyOf, lineOf } from '../connected.ts';

const stopped = new RollcallError('stopped', 'told to end');
const cloudflaresSide = "This is on Cloudflare's side: see www.cloudflarestatus.com.";
const nothingChanged = 'Nothing was changed; the next run tries again.';

describe('a client', () => {
  it('proves itself with a token, or with an email and its key', async () => {
    const { simulator } = await connected();
    for (const options of [{}, { credentials: keyOf(simulator) }]) {
      expect((await listOrganizations(clientOf(simulator, options), {})).totalCount).toBe(12);
    }
    expect(simulator.requests.map(({ principal }) => principal)).toEqual(['default', 'default']);
  });

  it('finds the API below a base URL that ends in a slash', async () => {
    const { simulator } = await connected();
    const client = clientOf(simulator, { baseUrl: `${simulator.url}/` });
    expect((await listOrganizations(client, {})).totalCount).toBe(12);
  });

  it('has at most four requests under way at once', async () => {
    const { client, simulator } = await connected();
    let underWay = 0;
    let most = 0;
    const four = Promise.withResolvers<undefined>();
    simulator.onRequest = async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      if (underWay === 4) four.resolve(undefined);
      await four.promise;
      await new Promise(setImmediate);
      underWay -= 1;
    };
    await Promise.all(Array.from({ length: 20 }, () => listOrganizations(client, {})));
    expect(most).toBe(4);
    expect(client.sent).toEqual({ requests: 20, retries: 0 });
  });

  it.each(['has space', 'line\nbreak', 'ellipsis…', 'nul\0', ''])(
    'sends nothing with a secret that no header can carry, and does not repeat it: %j',
    async (text) => {
      const { simulator } = await connected();
      const client = clientOf(simulator, { credentials: { kind: 'token', token: new Secret(text) } });
      expect(await lineOf(listOrganizations(client, {}))).toBe(
        'credentials | ops-bot: the API token has a space, a line break or another character that none has: copy it again.',
      );
      expect(simulator.requests).toEqual([]);
    },
  );
});

describe('a retry', () => {
  const passing: [string, Fault][] = [
    ['408', { kind: 'answer', status: 408 }],
    ['429', { kind: 'answer', status: 429 }],
    ['429 with a wait', { kind: 'answer', status: 429, headers: { 'retry-after': '0' } }],
    ['500', { kind: 'answer', status: 500 }],
    ['a web page under 503', { kind: 'answer', status: 503, body: 'html' }],
    ['a web page under 520', { kind: 'answer', status: 520, body: 'html' }],
    ['a web page under 200', { kind: 'answer', status: 200, body: 'html' }],
    ['nothing under 200', { kind: 'answer', status: 200, body: 'empty' }],
    ['204', { kind: 'answer', status: 204, body: 'empty' }],
    ['a failure under 200', { kind: 'failure-under-200' }],
    ['JSON that is cut off', { kind: 'cut', length: 'half' }],
    ['a body shorter than said', { kind: 'cut', length: 'whole' }],
    ['a reset before the answer', { kind: 'reset', at: 'headers' }],
    ['a reset in the middle of the answer', { kind: 'reset', at: 'body' }],
  ];

  it.each(passing)('mends %s', async (_, fault) => {
    const { client, simulator } = await connected();
    simulator.faults.add({ on: { times: 2 }, fault });
    expect((await listOrganizations(client, {})).totalCount).toBe(12);
    expect(client.sent).toEqual({ requests: 3, retries: 2 });
    expect(simulator.requests).toHaveLength(3);
  });

  it.each(['headers', 'body'] as const)('mends an answer that stalls in its %s', async (at) => {
    const { client, simulator } = await connected({ timeoutMs: 150 });
    simulator.faults.add({ on: {}, fault: { kind: 'stall', at } });
    expect((await listOrganizations(client, {})).totalCount).toBe(12);
    expect(client.sent).toEqual({ requests: 2, retries: 1 });
  });

  it.each<[Fault, string]>([
    [{ kind: 'answer', status: 503, body: 'html' }, `503. ${cloudflaresSide}`],
    [{ kind: 'answer', status: 500, code: 1, message: 'Oops' }, `500 (1 Oops). ${cloudflaresSide}`],
    [
      { kind: 'answer', status: 429 },
      '429 (971 Please wait and consider throttling your request speed). Cloudflare allows a user 1,200 requests in five minutes, over the dashboard and every tool together: see what else works as this user.',
    ],
    [
      { kind: 'failure-under-200' },
      `200 (10001 Unable to authenticate request) with "success": false. ${cloudflaresSide}`,
    ],
    [{ kind: 'answer', status: 200, body: 'html' }, `200 with a web page. ${cloudflaresSide}`],
    [{ kind: 'answer', status: 204, body: 'empty' }, `204 with an empty body. ${cloudflaresSide}`],
    [{ kind: 'rewrite', rewrite: () => undefined }, `200 with an empty body. ${cloudflaresSide}`],
    [
      { kind: 'stall', at: 'headers' },
      "no whole answer within 0.15 s. Either Cloudflare is slow (see www.cloudflarestatus.com), or something on this machine's way to it.",
    ],
    [
      { kind: 'stall', at: 'body' },
      "no whole answer within 0.15 s. Either Cloudflare is slow (see www.cloudflarestatus.com), or something on this machine's way to it.",
    ],
    [
      { kind: 'reset', at: 'headers' },
      "the connection failed: read ECONNRESET. Check this machine's way to the internet (firewall, HTTPS_PROXY), and CLOUDFLARE_BASE_URL if it is set.",
    ],
  ])('ends, when nothing helps, in one line that says so: %o', async (fault, what) => {
    const { client, fail, simulator } = await connected({ retries: 1, timeoutMs: 150 });
    fail(fault);
    expect(await lineOf(listOrganizations(client, { page: 3 }))).toBe(
      `unavailable | ops-bot: no usable answer to GET /user/organizations (page 3) in 2 tries; the last: ${what} ${nothingChanged}`,
    );
    expect(simulator.requests).toHaveLength(2);
    expect(client.sent).toEqual({ requests: 2, retries: 1 });
  });

  it('says how much of an answer came', async () => {
    const { client, fail } = await connected({ retries: 0 });
    fail({ kind: 'cut', length: 'half' });
    expect(await lineOf(listOrganizations(client, {}))).toMatch(
      / in one try: 200 with \d+ characters that are not whole JSON\. /,
    );
  });

  it('is tried five times unless told otherwise', async () => {
    const { client, fail } = await connected();
    fail({ kind: 'answer', status: 500 });
    expect((await failureOf(listOrganizations(client, {}))).message).toContain('in 6 tries');
    expect(client.sent).toEqual({ requests: 6, retries: 5 });
  });

  it('names the addresses that nobody answers at', async () => {
    const { simulator } = await connected();
    await simulator.close();
    const refused = await lineOf(listOrganizations(clientOf(simulator, { retries: 0 }), {}));
    expect(refused).toMatch(
      /the connection failed: connect ECONNREFUSED 127\.0\.0\.1:\d+\. Check this machine's way/,
    );
    const baseUrl = simulator.url.replace('127.0.0.1', 'localhost');
    const local = await lineOf(listOrganizations(clientOf(simulator, { retries: 0, baseUrl }), {}));
    expect(local).toContain('connect ECONNREFUSED 127.0.0.1:');
    expect(local).not.toContain('AggregateError');
  });

  it('looks names up in vain, and says so', async () => {
    const { simulator } = await connected();
    const client = clientOf(simulator, { retries: 0, baseUrl: 'http://api.rollcall.invalid/client/v4' });
    expect(await lineOf(listOrganizations(client, {}))).toMatch(
      /the connection failed: getaddrinfo \S+ api\.rollcall\.invalid\. The name could not be looked up/,
    );
  });
});

describe('a wait that the server asks for', () => {
  /** Waits take no time, and are written down. */
  const recorded = () => {
    let nowMs = 0;
    const waits: number[] = [];
    const wait = (waitMs: number) => {
      waits.push(waitMs);
      nowMs += waitMs;
      return Promise.resolve();
    };
    const now = () => nowMs;
    return { waits, now, pace: createPace({ now, wait }) };
  };

  it.each([429, 503])('with %i is kept before the retry', async (status) => {
    const { waits, pace } = recorded();
    const { client, simulator } = await connected({ pace });
    const headers = { 'retry-after': '300' };
    simulator.faults.add({ on: {}, fault: { kind: 'answer', status, headers } });
    await listOrganizations(client, {});
    expect(waits).toEqual([300_000]);
  });

  it('is kept by all requests, for the limit is the user’s', async () => {
    const { waits, pace } = recorded();
    const { client, simulator } = await connected({ pace, concurrency: 1 });
    const headers = { 'retry-after': '300' };
    simulator.faults.add({ on: { page: 1 }, fault: { kind: 'answer', status: 429, headers } });
    const pages = [1, 2, 3].map((page) => listOrganizations(client, { page }));
    await pages[1];
    expect(waits).toEqual([300_000]);
    await Promise.all(pages);
    expect(waits).toEqual([300_000]);
  });

  it.each(['361', '-5', 'soon', 'Wed, 21 Oct 2026 07:28:00 GMT', ''])(
    'is not kept when it is absurd: %j',
    async (header) => {
      const { waits, pace } = recorded();
      const { client, simulator } = await connected({ pace });
      simulator.faults.add({
        on: {},
        fault: { kind: 'answer', status: 429, headers: { 'retry-after': header } },
      });
      await listOrganizations(client, {});
      expect(waits).toEqual([]);
    },
  );

  it.each([1, 4])('is foreseen: %i at a time never run into the limit', async (concurrency) => {
    const { waits, pace, now } = recorded();
    const rateLimit = { requests: 10, windowSeconds: 60 };
    const simulator = await startedSimulator({ organizations: 12 }, { rateLimit, now });
    const client = clientOf(simulator, { pace, concurrency });
    await Promise.all(Array.from({ length: 30 }, () => listOrganizations(client, {})));
    expect(simulator.requests.map(({ status }) => status)).toEqual(Array(30).fill(200));
    expect(waits.reduce((sum, waitMs) => sum + waitMs, 0)).toBeGreaterThanOrEqual(60_000);
    expect(client.sent).toEqual({ requests: 30, retries: 0 });
  });
});

describe('the signal', () => {
  it.each<Fault>([
    { kind: 'stall', at: 'headers' },
    { kind: 'stall', at: 'body' },
  ])('ends what is under way and what waits for its turn, with its reason: %o', async (fault) => {
    const stop = new AbortController();
    const { client, simulator, fail } = await connected({ signal: stop.signal });
    fail(fault);
    const fourUnderWay = Promise.withResolvers<undefined>();
    simulator.onRequest = ({ number }) => (number === 4 ? fourUnderWay.resolve(undefined) : undefined);
    const asked = Array.from({ length: 20 }, () => listOrganizations(client, {}));
    const outcomes = Promise.allSettled(asked);
    await fourUnderWay.promise;
    stop.abort(stopped);
    expect(await outcomes).toEqual(asked.map(() => ({ status: 'rejected', reason: stopped })));
    expect(client.sent).toEqual({ requests: 4, retries: 0 });
  });

  it('ends a wait that the server asked for', async () => {
    const stop = new AbortController();
    const pace = createPace({
      wait: (_, signal) => {
        stop.abort(stopped);
        return Promise.reject(signal.reason as Error);
      },
    });
    const { client, fail } = await connected({ signal: stop.signal, pace });
    fail({ kind: 'answer', status: 429, headers: { 'retry-after': '300' } });
    await expect(listOrganizations(client, {})).rejects.toBe(stopped);
    expect(client.sent).toEqual({ requests: 1, retries: 0 });
  });

  it('that has ended already lets nothing be sent', async () => {
    const { client, simulator } = await connected({ signal: AbortSignal.abort(stopped) });
    await expect(listOrganizations(client, {})).rejects.toBe(stopped);
    expect(simulator.requests).toEqual([]);
  });

  it('of one question ends that question alone', async () => {
    const { client, simulator } = await connected();
    simulator.faults.add({ on: { page: 1 }, fault: { kind: 'stall', at: 'body' } });
    const stop = new AbortController();
    const first = listOrganizations(client, { page: 1 }, { signal: stop.signal });
    const outcome = expect(first).rejects.toBe(stopped);
    await listOrganizations(client, { page: 2 });
    stop.abort(stopped);
    await outcome;
  });

  it('has no listeners left after hundreds of requests, failed ones too', async () => {
    const { signal } = new AbortController();
    const { client, simulator } = await connected({ signal, timeoutMs: 100 });
    simulator.faults.add({ on: { from: 10 }, fault: { kind: 'stall', at: 'body' } });
    simulator.faults.add({ on: { from: 20, times: 20 }, fault: { kind: 'reset', at: 'body' } });
    await Promise.all(Array.from({ length: 300 }, () => listOrganizations(client, {})));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
