import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Client, createClient } from '../../src/cloudflare/http/client.ts';
import { readUserId } from '../../src/cloudflare/identity.ts';
import { readInvitations } from '../../src/cloudflare/invitations.ts';
import { readListing } from '../../src/cloudflare/listing.ts';
import { getOrganization } from '../../src/cloudflare/organizations.ts';
import { type RunSource, runSources } from '../../src/domain/run.ts';
import { nothingKnown } from '../../src/domain/membership.ts';
import { Secret } from '../../src/domain/secret.ts';
import { lineOf } from './connected.ts';

const anId = '0123456789abcdef'.repeat(2);

/** A client of a server that answers every request with these very bytes, or with whatever `pour` sends. */
async function clientOf(
  answer: string | Buffer | ((socket: Socket) => void),
  { timeoutMs = 5_000, source = 'organizations' }: { timeoutMs?: number; source?: RunSource } = {},
): Promise<Client> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    // A client that has seen enough hangs up.
    socket.on('error', () => undefined);
    socket.once('data', () => (typeof answer === 'function' ? answer(socket) : socket.end(answer)));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  await once(server, 'listening');
  return createClient({
    principal: 'ops-bot',
    credentials: { kind: 'token', token: new Secret('cfut_token') },
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    retries: 0,
    timeoutMs,
    source,
  });
}

function json(body: string): Buffer {
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return Buffer.from(head + body);
}

function deep(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels);
}

/** Writes the same for ever, as fast as it is taken. */
function pour(head: string, text: string): (socket: Socket) => void {
  return (socket) => {
    socket.write(head);
    const more = () => {
      while (!socket.destroyed && socket.write(text));
    };
    socket.on('drain', more);
    more();
  };
}

const bomb = gzipSync(Buffer.alloc(64 * 1024 ** 2, ' '));
const gzipped = `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`;
const chunked = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';

const noAnswers: readonly (readonly [
  what: string,
  answer: string | Buffer | ((socket: Socket) => void),
  said: RegExp,
])[] = [
  ['headers of a megabyte', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(1024 ** 2)}\r\n\r\n{}`, /Header overflow/],
  ['headers without end', pour('HTTP/1.1 200 OK\r\n', 'x: y\r\n'.repeat(1_000)), /Header overflow/],
  ['chunks without end', pour(chunked, '4000\r\n' + 'x'.repeat(0x4000) + '\r\n'), /more than 32 MiB/],
  ['a little that becomes much', Buffer.concat([Buffer.from(gzipped), bomb]), /more than 32 MiB/],
  [
    'another protocol',
    'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
    /went over to another protocol/,
  ],
  [
    'noise',
    Buffer.from(Array.from({ length: 5_000 }, (_, index) => (index * 7919) % 256)),
    /connection failed/,
  ],
  ['a length that is none', 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n{}', /connection failed/],
  ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}', /connection failed/],
  [
    'a reason that hides',
    'HTTP/1.1 500 \u001B[2J\u202E\r\ncontent-length: 0\r\n\r\n',
    /500|connection failed/,
  ],
];

/** What no listing is, whichever it is of; a row has the ids of both. */
const noListings: readonly (readonly [what: string, body: string])[] = [
  ['a list within lists', `{"success":true,"result":${deep(100_000)}}`],
  ...['roles', 'permissions', 'policies', 'status', 'api_access_enabled'].map(
    (field) => [`a list within lists for ${field}`, aRow(`"${field}":${deep(100_000)}`)] as const,
  ),
  ['lists for its totals', `{"success":true,"result":[],"result_info":{"total_count":${deep(100_000)}}}`],
  [
    'a number that is none',
    '{"success":true,"result":[],"result_info":{"page":1,"per_page":50,"total_count":1e999}}',
  ],
  [
    'the prototype of everything',
    '{"__proto__":{"success":true,"result":[]},"constructor":{"prototype":{"x":1}}}',
  ],
  ['a row that is one', '{"success":true,"result":[{"__proto__":{"id":"x","account":{"id":"x"}}}]}'],
  [
    'an id of a megabyte',
    `{"success":true,"result":[{"id":"${'x'.repeat(1024 ** 2)}","account":{"id":"x"}}]}`,
  ],
  ['nothing but a text', '"success"'],
];

function aRow(field: string): string {
  return `{"success":true,"result":[{"id":"x","account":{"id":"x"},${field}}]}`;
}

/** Of which the other list knows nothing, so that they are no harm there. */
const inMembershipsAlone = /policies|api_access_enabled/;

describe.each(runSources)('a server of %s that means harm', (source) => {
  const harmful = noListings.filter(([what]) => source === 'memberships' || !inMembershipsAlone.test(what));

  it.each(harmful)('is told that its listing is none where it sends %s', async (_, body) => {
    expect(await lineOf(readListing(await clientOf(json(body), { source })))).toMatch(
      /^incomplete \| ops-bot: .{0,300}$/,
    );
    expect(({} as Record<string, unknown>)['success']).toBeUndefined();
  });

  it('is asked for no more than is there where account, settings or a parent are lists within lists', async () => {
    const fields = `"name":${deep(50_000)},"settings":${deep(50_000)},"managed_by":${deep(50_000)}`;
    const row = `{"id":"x","name":${deep(50_000)},"account":{"id":"x",${fields}}}`;
    const answer = `{"success":true,"result":[${row}],"result_info":{"page":1,"per_page":50,"total_count":1}}`;
    const { memberships } = await readListing(await clientOf(json(answer), { source }));
    const known = source === 'memberships' ? { membershipId: 'x' } : {};
    expect(memberships).toEqual([{ ...nothingKnown, organizationId: 'x', ...known }]);
  });

  it('grants what it says, and nothing by the name of a prototype', async () => {
    const permissions = '{"constructor":{"read":true},"toString":{"read":false,"write":false}}';
    const row = `{"id":"x","account":{"id":"x"},"permissions":${permissions}}`;
    const answer = `{"success":true,"result":[${row}],"result_info":{"page":1,"per_page":50,"total_count":1}}`;
    const reading = readListing(await clientOf(json(answer), { source }));
    if (source === 'organizations') expect(await lineOf(reading)).toMatch(/^incomplete /);
    else expect((await reading).memberships).toMatchObject([{ permissions: ['#constructor:read'] }]);
  });
});

describe('a server that means harm', () => {
  it.each(noAnswers)('gets a line of ours, and no more of the machine: %s', async (_, answer, said) => {
    const line = await lineOf(readListing(await clientOf(answer)));
    expect(line).toMatch(/^unavailable \| ops-bot: /);
    expect(line).toMatch(said);
    expect(line.length).toBeLessThan(1_000);
  });

  it('cannot hold a request by saying for ever that it is about to answer', async () => {
    const client = await clientOf(pour('', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(100)), { timeoutMs: 200 });
    expect(await lineOf(readListing(client))).toContain('no whole answer within 0.2 s');
  });

  it.each([
    ['lists', `{"success":true,"result":{"id":"x","settings":${deep(100_000)}}}`],
    ['objects', `{"success":true,"result":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`],
  ])('cannot have its details printed where they are %s within each other', async (_, body) => {
    const line = await lineOf(getOrganization(await clientOf(json(body)), anId));
    expect(line).toMatch(/^incomplete \| .* more than 100 deep/);
  });

  it.each([deep(100_000), '{"id":7}', '{"id":{}}', 'null', '[]', '"x"'])(
    'is asked for no more than is there: a user and invitations of %.20s',
    async (result) => {
      const answer = json(`{"success":true,"result":${result}}`);
      expect(await readUserId(await clientOf(answer))).toBeNull();
      expect(await readInvitations(await clientOf(answer))).toEqual(result === '[]' ? [] : null);
    },
  );

  it('cannot fill an error with errors', async () => {
    const one = `{"code":1,"message":"${'x'.repeat(1_000)}","error_chain":[${'{"code":2,"message":"y"},'.repeat(999)}{}]}`;
    const body = `{"success":false,"errors":[${`${one},`.repeat(999)}${one}]}`;
    const refusal = Buffer.from(json(body).toString().replace('200 OK', '400 Bad Request'));
    expect((await lineOf(readListing(await clientOf(refusal)))).length).toBeLessThan(1_500);
  });
});
