import { describe, expect, it, vi } from 'vitest';
import { OrderedRows } from '../../src/simulator/listing.ts';
import { readListParameters } from '../../src/simulator/parameters.ts';
import { type SimulatedPrincipal } from '../../src/simulator/principal.ts';
import { type Simulator } from '../../src/simulator/server.ts';
import { createWorld } from '../../src/simulator/world.ts';
import { bearer, call, listIds, listPath, listRows, type Reply, startedSimulator } from './calls.ts';

const byId = { order: 'id' };

async function emptyWorld(): Promise<{ simulator: Simulator; principal: SimulatedPrincipal }> {
  const simulator = await startedSimulator({ organizations: 0 });
  return { simulator, principal: simulator.world.principal() };
}

/** What `/memberships` lists: organization and status, by the membership's id. */
async function statusesIn(simulator: Simulator): Promise<unknown[]> {
  const rows = await listRows(simulator, byId, 'memberships');
  return rows.map(({ account, status }) => [(account as { id: string }).id, status]);
}

describe('GET /memberships', () => {
  it('gives the same roll as /user/organizations, by ids of its own', async () => {
    const simulator = await startedSimulator({ organizations: 120 });
    const { memberships } = simulator.world.principal();
    const rows = await listRows(simulator, byId, 'memberships');
    expect(rows.map(({ id }) => id)).toEqual(memberships.map(({ membershipId }) => membershipId).sort());
    const organizations = rows.map(({ account }) => (account as { id: string }).id);
    expect(organizations.sort()).toEqual(await listIds(simulator));
  });

  it('tells a membership in its own words', async () => {
    const { simulator, principal } = await emptyWorld();
    const { id, membershipId } = principal.put({
      name: 'Acme',
      roles: ['Billing'],
      permissions: ['#zones:read', '#zones:edit', '#dns_records:read', '#billing:edit', '#worker:read'],
      accountType: 'enterprise',
      createdOn: '2014-03-01T12:21:02.000Z',
      twoFactorEnforced: true,
      apiAccess: false,
      policies: [{ id: 'p', access: 'allow', permission_groups: [], resource_groups: [] }],
      parent: { id: '0'.repeat(32), name: 'Holding' },
    });
    const neither = { read: false, write: false };
    const { json } = await call(simulator, listPath(byId, 'memberships'));
    expect(json.result).toEqual([
      {
        id: membershipId,
        account: {
          id,
          name: 'Acme',
          type: 'enterprise',
          created_on: '2014-03-01T12:21:02.000Z',
          managed_by: { parent_org_id: '0'.repeat(32), parent_org_name: 'Holding' },
          settings: { enforce_twofactor: true, abuse_contact_email: null },
        },
        status: 'accepted',
        roles: ['Billing'],
        permissions: {
          analytics: neither,
          billing: { read: false, write: true },
          cache_purge: neither,
          dns: neither,
          dns_records: { read: true, write: false },
          lb: neither,
          logs: neither,
          organization: neither,
          ssl: neither,
          waf: neither,
          zone_settings: neither,
          zones: { read: true, write: true },
        },
        policies: [{ id: 'p', access: 'allow', permission_groups: [], resource_groups: [] }],
        api_access_enabled: false,
      },
    ]);
  });

  it('leaves out policies and parent where there are none, and says no API access where the account has none', async () => {
    const { simulator, principal } = await emptyWorld();
    principal.put({ policies: null, parent: null, accountType: 'standard' });
    const { json } = await call(simulator, listPath(byId, 'memberships'));
    expect(json.result[0]).not.toHaveProperty('policies');
    expect(json.result[0]).not.toHaveProperty('account.managed_by');
    expect(json.result[0]).toHaveProperty('api_access_enabled', null);
  });

  it('says accepted, pending, or whatever else the status is', async () => {
    const { simulator, principal } = await emptyWorld();
    const ids = ['member', 'invited', 'suspended'].map((status) => principal.put({ status }).id);
    expect(new Map((await statusesIn(simulator)) as [string, string][])).toEqual(
      new Map([
        [ids[0], 'accepted'],
        [ids[1], 'pending'],
        [ids[2], 'suspended'],
      ]),
    );
  });

  it('tells nothing of this in /user/organizations, nor in /user', async () => {
    const simulator = await startedSimulator();
    const fields = ['id', 'name', 'permissions', 'roles', 'status'];
    const [organization] = simulator.world.principal().memberships;
    const { json } = await call(simulator, '/user');
    const { organizations } = json.result as unknown as { organizations: object[] };
    const details = await call(simulator, `/user/organizations/${organization?.id ?? ''}`);
    for (const row of [...(await listRows(simulator)), ...organizations, details.json.result]) {
      expect(Object.keys(row).sort()).toEqual(fields);
    }
  });

  it('orders by id, account name and status in both directions', async () => {
    const simulator = await startedSimulator({ organizations: 40 });
    const keys: Record<string, (row: Reply['json']['result'][number]) => string> = {
      id: ({ id }) => String(id),
      'account.name': ({ account }) => (account as { name: string }).name,
      status: ({ status }) => String(status),
    };
    for (const [order, keyOf] of Object.entries(keys)) {
      const [up, down] = await Promise.all(
        ['asc', 'desc'].map(async (direction) => {
          return (await listRows(simulator, { order, direction }, 'memberships')).map(keyOf);
        }),
      );
      expect(up, order).toEqual([...(up ?? [])].sort());
      expect(down, order).toEqual([...(up ?? [])].reverse());
    }
  });

  it('loses rows for a client that asks for no order', async () => {
    const simulator = await startedSimulator({ organizations: 120 });
    const ids = await listIds(simulator, {}, 'memberships');
    expect(ids).toHaveLength(120);
    expect(new Set(ids).size).toBeLessThan(120);
  });

  it('filters by account name, under either parameter, and by status; the totals are of the whole listing', async () => {
    const simulator = await startedSimulator({ organizations: 30 });
    const principal = simulator.world.principal();
    const pending = principal.put({ name: 'Sought', status: 'invited' });
    const rejected = principal.put({ name: 'Sought', status: 'invited' });
    principal.put({ name: 'Sought' });
    principal.reject(rejected.id);
    for (const parameter of ['name', 'account.name']) {
      for (const [status, { membershipId }] of Object.entries({ pending, rejected })) {
        const query = { order: 'id', [parameter]: 'Sought', status };
        const { json } = await call(simulator, listPath(query, 'memberships'));
        expect(json.result.map(({ id }) => id)).toEqual([membershipId]);
        expect(json.result_info).toMatchObject({ count: 1, total_count: 33, total_pages: 2 });
      }
      const { json } = await call(simulator, listPath({ [parameter]: 'Sought' }, 'memberships'));
      expect(json.result).toHaveLength(3);
    }
    const both = { name: 'Sought', 'account.name': 'Other' };
    expect((await call(simulator, listPath(both, 'memberships'))).json.result).toEqual([]);
  });

  it('sends roles and policies in an order that differs between requests', async () => {
    const { simulator, principal } = await emptyWorld();
    const policy = { access: 'allow', permission_groups: [], resource_groups: [] } as const;
    principal.put({
      roles: ['a', 'b'],
      policies: [
        { ...policy, id: 'a' },
        { ...policy, id: 'b' },
      ],
    });
    const [first, second] = [
      await call(simulator, listPath({}, 'memberships')),
      await call(simulator, listPath({}, 'memberships')),
    ];
    for (const field of ['roles', 'policies']) {
      expect(first.json.result[0]?.[field], field).not.toEqual(second.json.result[0]?.[field]);
    }
  });

  it('says raw fields as a test sets them, apart from those of /user/organizations', async () => {
    const { simulator, principal } = await emptyWorld();
    const { id } = principal.put({ name: 'True' });
    principal.setRaw(id, { name: 'Elsewhere' });
    principal.setRaw(
      id,
      { status: 'odd', roles: undefined, 'account.name': 'Raw', 'account.settings': null, surprise: 1 },
      'memberships',
    );
    const [row] = (await call(simulator, listPath({ order: 'account.name', name: 'Raw' }, 'memberships')))
      .json.result;
    expect(row).toMatchObject({ status: 'odd', account: { id, name: 'Raw', settings: null }, surprise: 1 });
    expect(row).not.toHaveProperty('roles');
    const [organization] = (await call(simulator, listPath())).json.result;
    expect(organization).toMatchObject({ name: 'Elsewhere', status: 'member' });
    expect(organization).not.toHaveProperty('surprise');
    principal.setRaw(id, {}, 'memberships');
    const [lifted] = (await call(simulator, listPath({}, 'memberships'))).json.result;
    expect(lifted).toMatchObject({ status: 'accepted', account: { name: 'True' } });
  });

  it('is made and sorted once for each state of the roll, beside the other listing', () => {
    const principal = createWorld({ organizations: 12 }).principal();
    const made = vi.spyOn(principal, 'row');
    const ordered = new OrderedRows();
    const read = () =>
      (['list', 'memberships'] as const).map((endpoint) => {
        const parameters = readListParameters(endpoint, new URLSearchParams({ order: 'id' }));
        if ('status' in parameters) throw new Error('expected parameters within bounds');
        return ordered.of(principal, parameters, 1);
      });
    const [first, again] = [read(), read()];
    expect(again[0]).toBe(first[0]);
    expect(again[1]).toBe(first[1]);
    expect(first[1]).not.toEqual(first[0]);
    expect(made).toHaveBeenCalledTimes(24);
    principal.put();
    expect(read().map(({ length }) => length)).toEqual([13, 13]);
    expect(made).toHaveBeenCalledTimes(50);
  });

  it.each([
    ['page=0', 'page variable must be a number of at least 1'],
    ['per_page=4', 'per_page variable must be a number between 5 and 50'],
    ['per_page=51', 'per_page variable must be a number between 5 and 50'],
    ['order=name', 'order variable must be one of id, account.name, status'],
    ['direction=up', 'direction variable must be one of asc, desc'],
    ['status=member', 'status variable must be one of accepted, pending, rejected'],
    [`name=${'x'.repeat(101)}`, 'name variable must have at most 100 characters'],
    [`account.name=${'x'.repeat(101)}`, 'account.name variable must have at most 100 characters'],
  ])('refuses %s and says why', async (query, message) => {
    const { simulator } = await emptyWorld();
    const { status, json } = await call(simulator, `/memberships?${query}`);
    expect(status).toBe(400);
    expect(json).toMatchObject({ errors: [{ code: 6008, error_chain: [{ message }] }], result: null });
  });
});

describe('/memberships/{id}', () => {
  const ask = (simulator: Simulator, id: string, [method, body]: [string, unknown?]) => {
    return call(simulator, `/memberships/${id}`, {
      method,
      headers: bearer(simulator),
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  };

  it('gives one membership as the listing does', async () => {
    const { simulator, principal } = await emptyWorld();
    const { membershipId } = principal.put({ roles: ['Billing'], permissions: [] });
    const listed = await call(simulator, listPath({}, 'memberships'));
    const { json } = await ask(simulator, membershipId, ['GET']);
    expect(json).toEqual({ success: true, errors: [], messages: [], result: listed.json.result[0] });
  });

  it('accepts an invitation', async () => {
    const { simulator, principal } = await emptyWorld();
    const { id, membershipId } = principal.put({ status: 'invited' });
    const { status, json } = await ask(simulator, membershipId, ['PUT', { status: 'accepted' }]);
    expect([status, json.success]).toEqual([200, true]);
    expect(json.result).toMatchObject({ id: membershipId, status: 'accepted' });
    expect(principal.membership(id)).toMatchObject({ status: 'member' });
    expect(principal.invitations).toMatchObject([{ status: 'accepted' }]);
  });

  it('rejects an invitation, which then is in /memberships alone', async () => {
    const { simulator, principal } = await emptyWorld();
    const kept = principal.put();
    const { id, membershipId } = principal.put({ status: 'invited' });
    const { json } = await ask(simulator, membershipId, ['PUT', { status: 'rejected' }]);
    expect(json.result).toMatchObject({ id: membershipId, status: 'rejected' });
    expect(principal.invitations).toMatchObject([{ status: 'rejected' }]);
    expect([principal.size, principal.memberships.length, principal.listed.length]).toEqual([1, 1, 1]);
    const organizations = await call(simulator, listPath(byId));
    expect(organizations.json.result.map((row) => row['id'])).toEqual([kept.id]);
    expect(organizations.json.result_info).toMatchObject({ total_count: 1 });
    const memberships = await call(simulator, listPath(byId, 'memberships'));
    expect(memberships.json.result_info).toMatchObject({ count: 2, total_count: 2 });
    expect(await statusesIn(simulator)).toContainEqual([id, 'rejected']);
    expect((await ask(simulator, membershipId, ['GET'])).json.result).toMatchObject({ status: 'rejected' });
  });

  it.each<[string, (simulator: Simulator, id: string) => unknown]>([
    ['remove', (simulator, id) => simulator.world.principal().remove(id, 'rejected')],
    ['reject', (simulator, id) => simulator.world.principal().reject(id)],
    ['leave', (simulator, id) => call(simulator, `/user/organizations/${id}`, { method: 'DELETE' })],
  ])('lists an invitation as rejected, too, after %s', async (_way, reject) => {
    const { simulator, principal } = await emptyWorld();
    const { id } = principal.put({ status: 'invited' });
    await reject(simulator, id);
    expect(await statusesIn(simulator)).toEqual([[id, 'rejected']]);
    expect(principal.size).toBe(0);
  });

  it.each<[string, (principal: SimulatedPrincipal, id: string) => unknown]>([
    [
      'a member who leaves',
      (principal, id) => {
        principal.update(id, { status: 'member' });
        principal.remove(id, 'rejected');
      },
    ],
    ['an invitation that was withdrawn', (principal, id) => principal.remove(id)],
    ['an invitation that expired', (principal, id) => principal.remove(id, 'expired')],
    [
      'an emptied roll',
      (principal, id) => {
        principal.reject(id);
        principal.removeAll();
      },
    ],
  ])('lists nothing of %s', async (_what, go) => {
    const { simulator, principal } = await emptyWorld();
    const { id } = principal.put({ status: 'invited' });
    go(principal, id);
    expect(await statusesIn(simulator)).toEqual([]);
  });

  it.each([
    ['a member', 'member', null, null],
    ['a pending invitation', 'invited', null, 'rejected'],
    ['a rejected invitation', 'invited', 'rejected', 'rejected'],
  ])('deletes %s everywhere', async (...[, status, answer, invitation]) => {
    const { simulator, principal } = await emptyWorld();
    const { id, membershipId } = principal.put({ status });
    if (answer !== null) await ask(simulator, membershipId, ['PUT', { status: answer }]);
    const { json } = await ask(simulator, membershipId, ['DELETE']);
    expect(json).toEqual({ success: true, errors: [], messages: [], result: { id: membershipId } });
    expect([principal.size, principal.rejected, await statusesIn(simulator)]).toEqual([0, [], []]);
    expect(principal.invitations.map((sent) => sent.status)).toEqual(invitation === null ? [] : [invitation]);
    expect(principal.lastKnown(id)).toMatchObject({ membershipId });
    const gone = await ask(simulator, membershipId, ['DELETE']);
    expect([gone.status, gone.json.errors[0]?.code]).toEqual([404, 1003]);
  });

  it.each([
    ['invited', 'pending'],
    ['member', 'accepted'],
  ])('begins anew when somebody who rejected is %s again', async (status, said) => {
    const { simulator, principal } = await emptyWorld();
    const { id, membershipId } = principal.put({ status: 'invited' });
    principal.reject(id);
    principal.setRaw(id, { status: 'raw' }, 'memberships');
    expect(await statusesIn(simulator)).toEqual([[id, 'raw']]);
    expect(principal.put({ id, status }).membershipId).toBe(membershipId);
    expect(await statusesIn(simulator)).toEqual([[id, said]]);
    expect(principal.rejected).toEqual([]);
    expect(principal.invitations).toMatchObject([{ status: status === 'invited' ? 'pending' : 'rejected' }]);
  });

  it.each<[string, string, unknown, number, number]>([
    ['a member', 'member', { status: 'accepted' }, 409, 1009],
    ['a suspended member', 'suspended', { status: 'rejected' }, 409, 1009],
    ['an invitation with a word that is none', 'invited', { status: 'pending' }, 400, 6008],
    ['an invitation with no word', 'invited', {}, 400, 6008],
    ['an invitation with another kind of JSON', 'invited', 'null', 400, 6008],
    ['an invitation without a body', 'invited', undefined, 400, 6007],
    ['an invitation with what is no JSON', 'invited', 'accepted', 400, 6007],
  ])('refuses to answer %s', async (...[, status, body, refusal, code]) => {
    const { simulator, principal } = await emptyWorld();
    const membership = principal.put({ status });
    const reply = await ask(simulator, membership.membershipId, ['PUT', body]);
    expect([reply.status, reply.json.errors[0]?.code]).toEqual([refusal, code]);
    expect(principal.memberships).toEqual([membership]);
  });

  it('refuses to answer an invitation twice', async () => {
    const { simulator, principal } = await emptyWorld();
    const { id, membershipId } = principal.put({ status: 'invited' });
    await ask(simulator, membershipId, ['PUT', { status: 'rejected' }]);
    const { status } = await ask(simulator, membershipId, ['PUT', { status: 'accepted' }]);
    expect(status).toBe(409);
    expect(principal.membership(id)).toBeUndefined();
  });

  it.each([
    ['an unknown id', '0'.repeat(32), 404, 1003],
    ['a malformed id', 'xyz', 404, 7003],
  ])('refuses %s, whatever is asked of it', async (...[, id, status, code]) => {
    const simulator = await startedSimulator();
    for (const asked of [['GET'], ['PUT', { status: 'accepted' }], ['DELETE']] as [string, unknown?][]) {
      const reply = await ask(simulator, id, asked);
      expect([reply.status, reply.json.errors[0]?.code], asked[0]).toEqual([status, code]);
    }
  });

  it('does not know a membership by the id of its organization, nor that of another user', async () => {
    const simulator = await startedSimulator({ principals: 2 });
    const [own, other] = simulator.world.principals.map(({ memberships }) => memberships[0]);
    for (const id of [own?.id, other?.membershipId]) {
      expect((await ask(simulator, id ?? '', ['GET'])).status).toBe(404);
    }
  });

  it('is told and struck by a word for each operation, and may be kept from a token by it', async () => {
    const { simulator, principal } = await emptyWorld();
    const { membershipId } = principal.put({ status: 'invited' });
    const operations: [string, [string, unknown?]][] = [
      ['membership', ['GET']],
      ['update-membership', ['PUT', { status: 'accepted' }]],
      ['delete-membership', ['DELETE']],
    ];
    for (const [endpoint, asked] of operations) {
      Object.assign(principal.tokenMay, { [endpoint]: false });
      const { status, json } = await ask(simulator, membershipId, asked);
      expect([status, json.errors[0]?.code], endpoint).toEqual([403, 10000]);
      expect(simulator.requests.at(-1)).toMatchObject({ endpoint, method: asked[0] });
      Object.assign(principal.tokenMay, { [endpoint]: true });
    }
    expect(principal.memberships).toMatchObject([{ status: 'invited' }]);
    simulator.faults.add({ on: { path: 'delete-membership' }, fault: { kind: 'answer', status: 503 } });
    expect((await ask(simulator, membershipId, ['DELETE'])).status).toBe(503);
    expect(principal.size).toBe(1);
  });
});
