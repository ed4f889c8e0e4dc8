import { describe, expect, it } from 'vitest';
import { readUserId } from '../../../src/cloudflare/identity.ts';
import { readInvitations } from '../../../src/cloudflare/invitations.ts';
import { listOrganizations } from '../../../src/cloudflare/organizations.ts';
import { type Fault } from '../../../src/simulator/faults.ts';
import { parseFault } from '../../../src/simulator/fault-names.ts';
import { connected, lineOf } from '../connected.ts';

type Answer = Fault & { kind: 'answer' };

const challenged = { 'cf-mitigated': 'challenge', 'cf-ray': '8a1b-MAD' };

function page(status: number, headers: Answer['headers'] = {}): Answer {
  return { kind: 'answer', status, body: 'html', headers };
}

const pages: readonly (readonly [what: string, fault: Fault])[] = [
  ['a challenge under 403', page(403, challenged)],
  ['a challenge under 503', page(503, challenged)],
  ['a challenge under 429', page(429, challenged)],
  ['a challenge under 401', page(401, challenged)],
  ['a challenge under 200', page(200, challenged)],
  ['a challenge without a page', { kind: 'answer', status: 403, body: 'empty', headers: challenged }],
  ['a challenge whose header is written otherwise', page(403, { 'cf-mitigated': ' Challenge ' })],
  ['a page of a firewall under 403', page(403)],
  ["the simulator's fault of that name", parseFault('challenge').fault],
];

describe('a page that takes this machine for a robot', () => {
  it.each(pages)('is asked again: %s', async (_, fault) => {
    const { client, simulator } = await connected();
    simulator.faults.add({ on: { times: 3 }, fault });
    expect((await listOrganizations(client, {})).totalCount).toBe(12);
    expect(client.sent).toEqual({ requests: 4, retries: 3 });
  });

  it('is told when it does not pass, with its ray and the remedy', async () => {
    const { client, fail } = await connected({ retries: 1 });
    fail(page(403, challenged));
    const line = await lineOf(listOrganizations(client, {}));
    expect(line).toMatch(
      /^unavailable \| ops-bot: .* in 2 tries; the last: 403 with a challenge .*Ray ID 8a1b-MAD\./,
    );
    expect(line).toContain('another address');
    expect(line).not.toContain('status.com');
  });

  it("of a firewall is told as that, with another remedy and not as the API's refusal", async () => {
    const { client, fail } = await connected({ retries: 1 });
    fail(page(403));
    const line = await lineOf(listOrganizations(client, {}));
    expect(line).toMatch(
      /^unavailable \| ops-bot: .* 403 with a web page .*firewall or proxy.*CLOUDFLARE_BASE_URL/,
    );
  });

  it('waits as long as it asks, and not for ever', async () => {
    const { client, simulator } = await connected();
    simulator.faults.add({ on: {}, fault: page(403, { ...challenged, 'retry-after': '99999999999' }) });
    expect((await listOrganizations(client, {})).totalCount).toBe(12);
  });

  it('cannot put a line, an escape or a whole page into the error by its ray', async () => {
    const { client, fail } = await connected({ retries: 0 });
    fail(page(403, { ...challenged, 'cf-ray': `\u009B2J${'x'.repeat(5_000)}` }));
    const line = await lineOf(listOrganizations(client, {}));
    expect(line).toContain('Ray ID <U+009B>2Jxxx');
    expect(line.length).toBeLessThan(700);
  });

  it('is not taken for a user whose id may not be read, and costs no invitation a night', async () => {
    const { client, fail } = await connected({ retries: 0 });
    fail(page(403, challenged));
    expect(await lineOf(readUserId(client))).toMatch(/^unavailable /);
    expect(await readInvitations(client)).toBeNull();
  });
});

describe("the API's own refusal", () => {
  it.each([
    ['403', { kind: 'answer', status: 403 }],
    ['403 with the header of a challenge', { kind: 'answer', status: 403, headers: challenged }],
    ['401', { kind: 'answer', status: 401 }],
  ] satisfies [string, Fault][])('in JSON is final at once: %s', async (_, fault) => {
    const { client, fail } = await connected();
    fail(fault);
    expect(await lineOf(listOrganizations(client, {}))).toMatch(/^(?:not_permitted|credentials) /);
    expect(client.sent).toEqual({ requests: 1, retries: 0 });
  });
});
