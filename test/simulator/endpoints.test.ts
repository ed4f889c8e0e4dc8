import { describe, expect, it } from 'vitest';
import { bearer, call, listIds, startedSimulator } from './calls.ts';

describe('the other endpoints', () => {
  it('gives the details of one organization', async () => {
    const simulator = await startedSimulator();
    const [membership] = simulator.world.principal().memberships;
    const { json } = await call(simulator, `/user/organizations/${membership?.id ?? ''}`);
    expect(json).toMatchObject({ success: true, result: { id: membership?.id, name: membership?.name } });
  });

  it('leaves an organization with a bare answer, and then does not know it', async () => {
    const simulator = await startedSimulator({ organizations: 3 });
    const [{ id } = { id: '' }] = simulator.world.principal().memberships;
    const left = await call(simulator, `/user/organizations/${id}`, { method: 'DELETE' });
    expect([left.status, left.text]).toEqual([200, JSON.stringify({ id })]);
    const gone = await call(simulator, `/user/organizations/${id}`);
    expect([gone.status, gone.json.errors[0]?.code]).toEqual([404, 1003]);
    expect(await listIds(simulator)).toHaveLength(2);
  });

  it('tells who is asking, with every organization', async () => {
    const simulator = await startedSimulator({ organizations: 70 });
    const { userId, email } = simulator.world.principal();
    const { json } = await call(simulator, '/user');
    expect(json.result).toMatchObject({ id: userId, email });
    expect((json.result as unknown as { organizations: unknown[] }).organizations).toHaveLength(70);
  });

  it('lists invitations with who sent them and when they lapse', async () => {
    const simulator = await startedSimulator({ organizations: 10 });
    const { json } = await call(simulator, '/user/invites');
    expect(json.result).toHaveLength(1);
    expect(json.result[0]).toMatchObject({
      invited_by: expect.stringMatching(/^owner@/) as string,
      invited_on: '2026-01-05T02:00:00.000Z',
      expires_on: '2026-01-12T02:00:00.000Z',
      status: 'pending',
    });
  });

  it.each([
    ['a malformed id', 'GET', '/user/organizations/xyz', 404, 7003],
    ['a path that is not there', 'GET', '/user/nothing', 404, 7000],
    ['a method that is not there', 'POST', '/user/organizations', 405, 10405],
  ])('refuses %s', async (...[, method, path, status, code]) => {
    const simulator = await startedSimulator();
    const reply = await call(simulator, path, { method });
    expect([reply.status, reply.json.errors[0]?.code]).toEqual([status, code]);
  });

  it('keeps each principal to its own roll, and notes whose each request was', async () => {
    const simulator = await startedSimulator({ principals: 2, organizations: 5 });
    await call(simulator, '/user?x=1', { headers: bearer(simulator, 'principal-2') });
    await call(simulator, '/user', { headers: {} });
    expect(simulator.requests).toMatchObject([
      {
        number: 1,
        method: 'GET',
        path: '/client/v4/user',
        query: { x: '1' },
        principal: 'principal-2',
        status: 200,
      },
      { number: 2, principal: null, status: 400 },
    ]);
  });
});
