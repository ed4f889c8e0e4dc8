import { describe, expect, it } from 'vitest';
import { type Simulator } from '../../src/simulator/server.ts';
import { call, listIds, startedSimulator } from './calls.ts';

async function control(simulator: Simulator, method: string, [path, body]: [string, unknown?]) {
  const response = await fetch(`${simulator.controlUrl}${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}

describe('the control surface', () => {
  it('tells the principals with their credentials', async () => {
    const simulator = await startedSimulator({ organizations: 4 });
    const { name, userId, email, apiToken, apiKey } = simulator.world.principal();
    const { json } = await control(simulator, 'GET', ['']);
    expect(json).toEqual({ principals: [{ name, userId, email, apiToken, apiKey, organizations: 4 }] });
  });

  it('does to a roll whatever can be done to it', async () => {
    const simulator = await startedSimulator({ organizations: 0 });
    const post = async (body: object) => (await control(simulator, 'POST', ['/memberships', body])).json;
    const { id } = await post({ action: 'invite', name: 'Acme' });
    await post({ action: 'accept', id });
    await post({ action: 'rename', id, name: 'Acme 2' });
    await post({ action: 'roles', id, roles: ['Billing'] });
    await post({ action: 'permissions', id, permissions: [] });
    await post({ action: 'status', id, status: 'suspended' });
    expect(simulator.world.principal().memberships).toMatchObject([
      { id, name: 'Acme 2', status: 'suspended', roles: ['Billing'], permissions: [] },
    ]);
    await post({ action: 'leave', id });
    expect(await listIds(simulator)).toEqual([]);
    const { id: lapsing } = await post({ action: 'invite' });
    await post({ action: 'expire', id: lapsing });
    expect(simulator.world.principal().invitations.at(-1)).toMatchObject({ status: 'expired' });
    const { id: unwanted } = await post({ action: 'invite' });
    await post({ action: 'reject', id: unwanted });
    expect(simulator.world.principal().rejected).toMatchObject([{ id: unwanted, status: 'rejected' }]);
  });

  it('sets what /memberships alone tells', async () => {
    const simulator = await startedSimulator({ organizations: 0 });
    const { id } = simulator.world.principal().put({ policies: null, parent: null });
    const policies = [
      {
        id: '1'.repeat(32),
        access: 'deny',
        permission_groups: [{ id: '2'.repeat(32), name: 'Billing' }],
        resource_groups: [
          { id: '3'.repeat(32), scope: { key: 'com.cloudflare.api.account', objects: [{ key: '*' }] } },
        ],
      },
    ];
    const parent = { id: '4'.repeat(32), name: 'Holding' };
    for (const [enforced, enabled, given] of [
      [true, false, { policies, parent }],
      [false, true, { policies: null, parent: null }],
    ] as const) {
      for (const body of [
        { action: 'two-factor', enforced },
        { action: 'api-access', enabled },
        { action: 'policies', policies: given.policies },
        { action: 'parent', parent: given.parent },
      ]) {
        const { status } = await control(simulator, 'POST', ['/memberships', { ...body, id }]);
        expect(status, body.action).toBe(200);
      }
      expect(simulator.world.principal().membership(id)).toMatchObject({
        twoFactorEnforced: enforced,
        apiAccess: enabled,
        ...given,
      });
    }
  });

  it('lets a night pass', async () => {
    const simulator = await startedSimulator();
    const { json } = await control(simulator, 'POST', ['/night', { seed: 2 }]);
    expect(json).toContainEqual(expect.objectContaining({ kind: 'left' }));
  });

  it('adds, tells and lifts faults', async () => {
    const simulator = await startedSimulator();
    await control(simulator, 'POST', ['/faults', { fault: 'gonex*' }]);
    expect((await call(simulator, '/user/organizations')).status).toBe(410);
    expect((await control(simulator, 'GET', ['/faults'])).json['inForce']).toEqual([
      { on: { path: 'list', times: '*' }, fault: { kind: 'answer', status: 410 } },
    ]);
    await control(simulator, 'DELETE', ['/faults']);
    expect((await call(simulator, '/user/organizations')).status).toBe(200);
  });

  it.each([
    [
      'an unknown id',
      '/memberships',
      { action: 'leave', id: '0'.repeat(32) },
      'to be on the roll of default',
    ],
    ['a missing field', '/memberships', { action: 'rename', id: '0'.repeat(32) }, 'name'],
    [
      'a policy without its scope',
      '/memberships',
      {
        action: 'policies',
        id: '0'.repeat(32),
        policies: [{ id: 'x', access: 'allow', permission_groups: [], resource_groups: [{ id: 'x' }] }],
      },
      'scope',
    ],
    ['an unknown field', '/night', { nights: 2 }, 'nights'],
    ['an unknown fault', '/faults', { fault: 'nonsense' }, 'got "nonsense"'],
  ])('refuses %s and says so', async (...[, path, body, text]) => {
    const simulator = await startedSimulator();
    const { status, json } = await control(simulator, 'POST', [path, body]);
    expect(status).toBe(400);
    expect(json['error']).toContain(text);
  });

  it('names what there is when asked for something else', async () => {
    const simulator = await startedSimulator();
    const { status, json } = await control(simulator, 'GET', ['/nothing']);
    expect(status).toBe(404);
    expect(json['error']).toContain('POST /simulator/night');
  });
});
