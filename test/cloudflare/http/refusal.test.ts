import { describe, expect, it } from 'vitest';
import {
  getOrganization,
  leaveOrganization,
  listOrganizations,
} from '../../../src/cloudflare/organizations.ts';
import { refusal } from '../../../src/cloudflare/http/refusal.ts';
import { type Credentials } from '../../../src/domain/credentials.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { type Fault } from '../../../src/simulator/faults.ts';
import { clientOf, connected, failureOf, keyOf, lineOf } from '../connected.ts';

const anId = '0123456789abcdef'.repeat(2);
const token = (text: string): Credentials => ({ kind: 'token', token: new Secret(text) });
const key = (email: string, text: string): Credentials => ({ kind: 'key', email, key: new Secret(text) });
const answer = (status: number, more: Partial<Fault & { kind: 'answer' }> = {}): Fault => ({
  kind: 'answer',
  status,
  ...more,
});

describe('an answer that no retry mends is one line with principal, endpoint, status, words of the API, and remedy', () => {
  it.each([
    [
      'a token that nobody has',
      token(`cfut_${'x'.repeat(48)}`),
      'credentials | ops-bot: Cloudflare answered GET /user/organizations with 403 (9109 Invalid access token). Cloudflare does not know this API token: it was rolled, deleted, has expired, or is not copied whole.',
    ],
    [
      'a token of an account',
      token(`cfat_${'x'.repeat(48)}`),
      'credentials | ops-bot: Cloudflare answered GET /user/organizations with 400 (9106 Authentication failed). A token of an account belongs to no user: make a user token (My Profile, API Tokens).',
    ],
    [
      'what is no token',
      token('key-or-something'),
      'credentials | ops-bot: Cloudflare answered GET /user/organizations with 400 (6003 Invalid request headers: Invalid format for Authorization header). That is no API token: copy it again; a Global API Key goes with its email.',
    ],
    [
      'an email and key that nobody has',
      key('ops@example.com', 'a'.repeat(37)),
      'credentials | ops-bot: Cloudflare answered GET /user/organizations with 400 (9103 Unknown X-Auth-Key or X-Auth-Email). Cloudflare does not know this email with this Global API Key: one was changed, or is not copied whole.',
    ],
    [
      'what is no email',
      key('ops', 'a'.repeat(37)),
      'credentials | ops-bot: Cloudflare answered GET /user/organizations with 400 (6003 Invalid request headers: Invalid format for X-Auth-Email header). The email is not one: check it, and that it has not changed places with the key.',
    ],
    [
      'what is no key',
      key('ops@example.com', 'cfut_token'),
      'credentials | ops-bot: Cloudflare answered GET /user/organizations with 400 (6003 Invalid request headers: Invalid format for X-Auth-Key header). That is no Global API Key: copy it again; an API token is configured as one, without email.',
    ],
  ])('for %s', async (_, credentials, line) => {
    const { simulator } = await connected();
    const client = clientOf(simulator, { credentials });
    expect(await lineOf(listOrganizations(client, {}))).toBe(line);
    expect(simulator.requests).toHaveLength(1);
  });

  it.each([
    [
      answer(401),
      'credentials | ops-bot: Cloudflare answered GET /user/organizations with 401 (10000 Authentication error). Cloudflare does not know this API token: it was rolled, deleted, has expired, or is not copied whole.',
    ],
    [
      answer(403),
      'not_permitted | ops-bot: Cloudflare answered GET /user/organizations with 403 (9109 Unauthorized to access requested resource). The API token may not do this: give it the user permission "Memberships Read", or use the Global API Key.',
    ],
    [
      answer(403, { code: 9109, message: 'Cannot use the access token from location: 192.0.2.7' }),
      "not_permitted | ops-bot: Cloudflare answered GET /user/organizations with 403 (9109 Cannot use the access token from location: 192[.]0[.]2[.]7). The token's client IP filter does not name this machine: add its address, or lift the filter.",
    ],
    [
      answer(404, { body: 'html' }),
      'refused | ops-bot: Cloudflare answered GET /user/organizations with 404. A web page came instead of the API: a firewall or proxy turned this machine away, or CLOUDFLARE_BASE_URL is wrong.',
    ],
    [
      answer(429, { code: 10502, message: 'Too many authentication failures' }),
      'credentials | ops-bot: Cloudflare answered GET /user/organizations with 429 (10502 Too many authentication failures). Too many wrong attempts, so these are locked for a while: correct them, then wait.',
    ],
    [
      answer(404, { code: 1003, message: 'Not found' }),
      'not_found | ops-bot: Cloudflare answered GET /user/organizations with 404 (1003 Not found). The principal is neither in that organization nor invited to it.',
    ],
    [
      answer(404, { body: 'empty' }),
      'not_found | ops-bot: Cloudflare answered GET /user/organizations with 404. No such endpoint or organization: check the id, and CLOUDFLARE_BASE_URL if every request ends like this.',
    ],
    [
      answer(302, { body: 'empty', headers: { location: 'https://elsewhere.example/' } }),
      'refused | ops-bot: Cloudflare answered GET /user/organizations with 302. A redirect is not followed, for the credentials would go along: correct CLOUDFLARE_BASE_URL.',
    ],
    [
      answer(400, { code: 1234, message: 'Something new' }),
      'refused | ops-bot: Cloudflare answered GET /user/organizations with 400 (1234 Something new). The API does not take this request: correct it, or look for a newer rollcall.',
    ],
    [
      answer(405, { body: 'empty' }),
      'refused | ops-bot: Cloudflare answered GET /user/organizations with 405. The API does not take this request: correct it, or look for a newer rollcall.',
    ],
  ])('for %o', async (fault, line) => {
    const { client, fail, simulator } = await connected();
    fail(fault);
    expect(await lineOf(listOrganizations(client, {}))).toBe(line);
    expect(simulator.requests).toHaveLength(1);
    expect(client.sent).toEqual({ requests: 1, retries: 0 });
  });

  it('for a parameter out of bounds', async () => {
    const { client } = await connected();
    expect(await lineOf(listOrganizations(client, { page: 2, perPage: 51 }))).toBe(
      'refused | ops-bot: Cloudflare answered GET /user/organizations (page 2) with 400 (6008 Invalid request parameters: per_page variable must be a number between 5 and 50). A parameter is out of its bounds.',
    );
  });

  it('for an organization that the principal is not in, and for what is no id', async () => {
    const { client } = await connected();
    expect(await lineOf(getOrganization(client, anId))).toBe(
      `not_found | ops-bot: Cloudflare answered GET /user/organizations/${anId} with 404 (1003 Member not found for account). The principal is neither in that organization nor invited to it.`,
    );
    expect(await lineOf(leaveOrganization(client, 'nope'))).toBe(
      'not_found | ops-bot: Cloudflare answered DELETE /user/organizations/nope with 404 (7003 Could not route to /client/v4/user/organizations/nope, perhaps your object identifier is invalid?). That is not an organization id, which has 32 hexadecimal digits.',
    );
  });

  it('for a departure that the token may not bring about', async () => {
    const { client, simulator } = await connected();
    simulator.world.principal().tokenMay.leave = false;
    expect(await lineOf(leaveOrganization(client, anId))).toBe(
      `not_permitted | ops-bot: Cloudflare answered DELETE /user/organizations/${anId} with 403 (10000 Authentication error). The API token may not do this: give it the user permission "Memberships Edit", or use the Global API Key.`,
    );
  });

  it('for a key that may not', async () => {
    const { simulator, fail } = await connected();
    fail(answer(403));
    expect(await lineOf(listOrganizations(clientOf(simulator, { credentials: keyOf(simulator) }), {}))).toBe(
      'not_permitted | ops-bot: Cloudflare answered GET /user/organizations with 403 (9109 Unauthorized to access requested resource). The user of this key may not do this: see whether it is suspended, or its API access switched off.',
    );
  });
});

describe('what the API says', () => {
  it('is told without the secret, should it be echoed, also in the middle of a word or cut off', async () => {
    const { client, simulator, fail } = await connected();
    const secret = simulator.world.principal().apiToken;
    fail(answer(400, { code: 1, message: `Bearer ${secret}! ${'x'.repeat(150)}${secret}` }));
    const error = await failureOf(listOrganizations(client, {}));
    expect(error.message).toContain('(1 Bearer [secret]! xxx');
    expect(JSON.stringify([error.message, error.stack, error.cause])).not.toContain(secret.slice(0, 12));
  });

  it('is told on one line, and only so much of it', async () => {
    const { client, fail } = await connected();
    fail(answer(400, { code: 1, message: `a\n\u202Eb${'x'.repeat(5000)}` }));
    const { message } = await failureOf(listOrganizations(client, {}));
    expect(message).toContain('(1 a<U+000A><U+202E>bxxx');
    expect(message.length).toBeLessThan(500);
  });
});

describe('classification', () => {
  const question = { principal: 'ops-bot', method: 'GET', path: '/user/organizations' } as const;
  const classified = (status: number, codes: number[], credentials = token('cfut_x')) =>
    refusal(question, { status, codes, said: '', credentials, isWebPage: false }).code;

  it('goes by the status before the code', () => {
    expect(classified(410, [9103])).toBe('ended');
    expect(classified(302, [9103])).toBe('refused');
  });

  it('knows unknown credentials by their code under any status, for 400 and 403 were both seen', () => {
    expect([classified(400, [9103]), classified(403, [9103])]).toEqual(['credentials', 'credentials']);
  });

  it('blames the account only where there is a token', () => {
    expect(classified(403, [9106])).toBe('credentials');
    expect(classified(403, [9106], key('ops@example.com', 'k'))).toBe('not_permitted');
  });
});
