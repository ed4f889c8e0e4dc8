import { describe, expect, it, test } from 'vitest';
import { partError } from '../../../src/checks/failure.ts';
import { refusal } from '../../../src/cloudflare/http/refusal.ts';
import { readUserId } from '../../../src/cloudflare/identity.ts';
import { readInvitations } from '../../../src/cloudflare/invitations.ts';
import { getOrganization } from '../../../src/cloudflare/organizations.ts';
import { readPage } from '../../../src/cloudflare/page.ts';
import { otherSource, runSources, sourcePaths } from '../../../src/domain/run.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { type Fault } from '../../../src/simulator/faults.ts';
import { clientOf, connected, failureOf, keyOf } from '../connected.ts';

const page = { order: 'id', page: 1, per_page: 50 };
const answer = (status: number, more: Partial<Fault & { kind: 'answer' }> = {}): Fault => ({
  kind: 'answer',
  status,
  ...more,
});
const saying = (status: number, code: number, message: string) => answer(status, { code, message });

const ended: [what: string, fault: Fault, found: RegExp][] = [
  ['410', answer(410), /^Cloudflare has ended this endpoint/],
  ['410 with a web page', answer(410, { body: 'html' }), /^Cloudflare has ended this endpoint/],
  ['410 without a body', answer(410, { body: 'empty' }), /^Cloudflare has ended this endpoint/],
  ['410 that speaks of credentials', saying(410, 9103, 'Unknown key'), /has ended/],
  [
    '404 with 7000',
    saying(404, 7000, 'No route for that URI'),
    /no such endpoint any more.*CLOUDFLARE_BASE_URL is wrong/,
  ],
  ['404 with 7003', saying(404, 7003, 'Could not route to /memberships'), /no such endpoint any more/],
  [
    '400 with 7003, as it has been seen',
    saying(400, 7003, 'Could not route to /memberships'),
    /no such endpoint/,
  ],
  [
    '403 that names Enterprise',
    saying(403, 1020, 'Available on the Enterprise plan only'),
    /not in the plan/,
  ],
  [
    '403 with the code of a missing permission',
    saying(403, 10000, 'Not available on your plan'),
    /not in the plan.*permission "Memberships Read"/,
  ],
  ['400 that asks to upgrade', saying(400, 1234, 'Please upgrade your account.'), /not in the plan/],
  ['403 that requires Enterprise', saying(403, 1234, 'This requires Enterprise.'), /not in the plan/],
  [
    '403 of an account type',
    saying(403, 1234, 'Not available to your account type'),
    /not in the plan.*permission "Memberships Read"/,
  ],
  ['402 that names the subscription', saying(402, 1234, 'Subscription required'), /not in the plan/],
  ['403 that names an entitlement', saying(403, 1301, 'The user is not entitled to this'), /not in the plan/],
  ['403 that names entitlements', saying(403, 1301, 'missing ENTITLEMENTS'), /not in the plan/],
  ['401 that names the plan', saying(401, 1234, 'No paid plan'), /not in the plan/],
  ['404 that names the plan', saying(404, 1234, 'Unknown to plans like this'), /not in the plan/],
];

const others: [what: string, fault: Fault, code: string][] = [
  ['403', answer(403), 'not_permitted'],
  ['403 with 10000', saying(403, 10000, 'Authentication error'), 'not_permitted'],
  ['403 with 10001', saying(403, 10001, 'Unable to authenticate request'), 'not_permitted'],
  [
    '403 of an address',
    saying(403, 9109, 'Cannot use the access token from location: 192.0.2.7'),
    'not_permitted',
  ],
  ['401', answer(401), 'credentials'],
  ['403 of an unknown token', saying(403, 9109, 'Invalid access token'), 'credentials'],
  ['400 of an unknown key that names a plan', saying(400, 9103, 'Unknown key of the plan'), 'credentials'],
  ['404 with 1003', saying(404, 1003, 'Member not found for account'), 'not_found'],
  [
    '404 with 1003 that names an account',
    saying(404, 1003, 'Member not found for account Acme Enterprise Plans'),
    'not_found',
  ],
  [
    '403 that names an organization',
    saying(403, 9109, 'Unauthorized to access Acme Enterprise'),
    'not_permitted',
  ],
  ['403 of an old browser', saying(403, 1020, 'You need to upgrade your browser'), 'not_permitted'],
  ['400 that asks to upgrade something', saying(400, 1234, 'Please upgrade to use this.'), 'refused'],
  ['404 without a code', answer(404, { body: 'empty' }), 'not_found'],
  ['404 with a web page', answer(404, { body: 'html' }), 'refused'],
  ['400 that explains what was planned', saying(400, 1234, 'Unplanned: an explanation'), 'refused'],
  ['400 of a parameter that repeats a name', saying(400, 6008, 'name is "Enterprise plan"'), 'refused'],
  ['426', saying(426, 1234, 'Upgrade Required'), 'refused'],
  ['302', answer(302, { body: 'empty' }), 'refused'],
  ['500 that names a plan', saying(500, 1234, 'plan service failed'), 'unavailable'],
  ['503 with 7000', saying(503, 7000, 'No route for that URI'), 'unavailable'],
  ['429 that names a plan', saying(429, 971, 'Too many for your plan'), 'unavailable'],
];

describe.each(runSources)('the list of the source %s', (source) => {
  const other = otherSource(source);

  it.each(ended)('has ended where the answer is %s, and the remedy is the other', async (_, fault, found) => {
    const { client, fail, simulator } = await connected({ source, retries: 0 });
    fail(fault, { path: source === 'organizations' ? 'list' : 'memberships' });
    const { code, message } = await failureOf(readPage(client, page));
    const { remedy } = partError(message);
    expect(code).toBe('ended');
    expect(message).toContain(`GET ${sourcePaths[source]} (page 1) with `);
    expect(remedy).toMatch(found);
    expect(remedy).toContain(sourcePaths[other]);
    expect(remedy).toContain('`rollcall sources`');
    expect(remedy).toContain(`\`source: ${other}\` under the principal in rollcall.yaml`);
    expect(remedy).toContain(`ROLLCALL_SOURCE=${other}`);
    expect(remedy?.includes('newer rollcall')).toBe(source === 'memberships');
    expect(simulator.requests).toHaveLength(1);
  });

  it.each(others)('has not ended where the answer is %s', async (_, fault, code) => {
    const { client, fail } = await connected({ source, retries: 0 });
    fail(fault, { path: source === 'organizations' ? 'list' : 'memberships' });
    const error = await failureOf(readPage(client, page));
    expect(error.code).toBe(code);
    expect(error.message).not.toContain('rollcall sources');
  });

  it('has ended for a key as for a token', async () => {
    const { simulator, fail } = await connected();
    fail(saying(403, 10000, 'This needs an Enterprise plan'), {
      path: source === 'organizations' ? 'list' : 'memberships',
    });
    const client = clientOf(simulator, { source, credentials: keyOf(simulator) });
    expect((await failureOf(readPage(client, page))).code).toBe('ended');
  });
});

test('a wrong base URL is answered as an endpoint that has ended is, and the remedy says so', async () => {
  const { simulator } = await connected();
  const client = clientOf(simulator, { baseUrl: `${simulator.url}/v5` });
  const { code, message } = await failureOf(readPage(client, page));
  expect(code).toBe('ended');
  expect(message).toContain('CLOUDFLARE_BASE_URL is wrong');
});

test.each(ended.filter(([what]) => !what.startsWith('401')))(
  'who the user is and who invited it are withheld, no more, where the answer is %s',
  async (_, fault) => {
    const { client, fail } = await connected({ retries: 0 });
    fail(fault, { path: 'user' });
    fail(fault, { path: 'invites' });
    expect(await readUserId(client)).toBeNull();
    expect(await readInvitations(client)).toBeNull();
  },
);

test.each([
  [410, 1410, 'gone', 'ended'],
  [404, 7000, 'No route for that URI', 'not_found'],
  [403, 10000, 'Not on your plan', 'not_permitted'],
  [401, 10000, 'Not on your plan', 'credentials'],
] as const)('what is no list of the roll names no other list: %i %i', (...given) => {
  const [status, code, said, expected] = given;
  const credentials = { kind: 'token', token: new Secret('cfut_x') } as const;
  const error = refusal(
    { principal: 'ops-bot', method: 'GET', path: '/user' },
    { status, said, codes: [code], credentials, isWebPage: false },
  );
  expect(error.code).toBe(expected);
  expect(error.message).not.toContain('rollcall sources');
});

test('an organization that is asked for by its id at an ended endpoint names the option that asks the other', async () => {
  const { client, fail } = await connected();
  fail(answer(410), { path: 'details' });
  const { code, message } = await failureOf(getOrganization(client, 'a'.repeat(32)));
  expect(code).toBe('ended');
  expect(message).toContain('`--source memberships`');
});

test.each([
  [404, 1003, 'Member not found for account Acme Enterprise', 'not_found'],
  [404, 1234, 'Nothing of Best Plans Ltd', 'not_found'],
  [403, 9109, 'Unauthorized to access Subscription Enterprise plan', 'not_permitted'],
  [401, 1234, 'No access to Upgrade Required Inc', 'credentials'],
])('an organization that is asked for by its id may be named after a plan: %i %i %s', async (...given) => {
  const [status, code, said, expected] = given;
  const { client, fail } = await connected({ retries: 0 });
  fail(saying(status, code, said), { path: 'details' });
  expect((await failureOf(getOrganization(client, 'a'.repeat(32)))).code).toBe(expected);
});
