import { describe, expect, it } from 'vitest';
import { type SimulatedPrincipal } from '../../src/simulator/principal.ts';
import { bearer, call, startedSimulator } from './calls.ts';

type Headers = Record<string, string>;
const token = (text: string): Headers => ({ authorization: `Bearer ${text}` });
const key = (email: string, text: string): Headers => ({ 'x-auth-email': email, 'x-auth-key': text });

describe('credentials', () => {
  it('are a token, or an email with a key', async () => {
    const simulator = await startedSimulator();
    const { email, apiToken, apiKey } = simulator.world.principal();
    expect((await call(simulator, '/user', { headers: token(apiToken) })).status).toBe(200);
    expect((await call(simulator, '/user', { headers: key(email, apiKey) })).status).toBe(200);
  });

  const refusals: [string, (principal: SimulatedPrincipal) => Headers, number, number, number?][] = [
    ['none', () => ({}), 400, 9106],
    ['a malformed token', () => token('nonsense'), 400, 6003, 6111],
    ['another scheme', ({ apiToken }) => ({ authorization: `Basic ${apiToken}` }), 400, 6003, 6111],
    [
      'both kinds at once',
      ({ email, apiToken, apiKey }) => ({ ...token(apiToken), ...key(email, apiKey) }),
      400,
      6003,
      6111,
    ],
    ['a malformed email', ({ apiKey }) => key('nobody', apiKey), 400, 6003, 6102],
    ['a malformed key', ({ email }) => key(email, 'nonsense'), 400, 6003, 6103],
    ['an unknown key', ({ email }) => key(email, 'a'.repeat(37)), 400, 9103],
    ['the token of an account', () => token(`cfat_${'a'.repeat(48)}`), 400, 9106],
    ['an unknown token', () => token('a'.repeat(40)), 403, 9109],
  ];
  it.each(refusals)('are refused when they are %s', async (...[, headersOf, status, code, reason]) => {
    const simulator = await startedSimulator();
    const headers = headersOf(simulator.world.principal());
    const reply = await call(simulator, '/user/organizations', { headers });
    const [error] = reply.json.errors;
    expect([reply.status, error?.code, error?.error_chain?.[0]?.code]).toEqual([status, code, reason]);
  });

  it('may be for less than everything when they are a token', async () => {
    const simulator = await startedSimulator();
    const principal = simulator.world.principal();
    Object.assign(principal.tokenMay, { list: false, user: false, invites: false, memberships: false });
    const codes = await Promise.all(
      ['/user/organizations', '/user', '/user/invites', '/memberships'].map(async (path) => {
        const { status, json } = await call(simulator, path, { headers: bearer(simulator) });
        return [status, json.errors[0]?.code];
      }),
    );
    expect(codes).toEqual([
      [403, 10000],
      [403, 9109],
      [403, 9109],
      [403, 10000],
    ]);
    const { status } = await call(simulator, '/user', { headers: key(principal.email, principal.apiKey) });
    expect(status).toBe(200);
  });

  it('may come to stand for another user', async () => {
    const simulator = await startedSimulator({ principals: 2, organizations: 5 });
    const [first, second] = simulator.world.principals;
    if (first === undefined || second === undefined) throw new Error('expected two principals');
    const { apiToken } = first;
    [first.apiToken, second.apiToken] = [second.apiToken, first.apiToken];
    const { json } = await call(simulator, '/user', { headers: token(apiToken) });
    expect(json.result).toMatchObject({ id: second.userId });
  });
});
