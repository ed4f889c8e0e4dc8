import { describe, expect, it } from 'vitest';
import {
  getOrganization,
  leaveOrganization,
  type ListParameters,
  listOrganizations,
} from '../../src/cloudflare/organizations.ts';
import { connected, failureOf, lineOf } from './connected.ts';
import { nothingKnown } from '../../src/domain/membership.ts';

const anId = '0'.repeat(32);

describe('the list', () => {
  it('is asked with every parameter of the schema, by the names of the schema', async () => {
    const { client, simulator } = await connected();
    const parameters: Required<ListParameters> = {
      name: 'Größe & Co',
      status: 'member',
      match: 'any',
      order: 'name',
      direction: 'desc',
      page: 2,
      perPage: 5,
    };
    await listOrganizations(client, parameters);
    expect(simulator.requests[0]?.query).toEqual({
      name: 'Größe & Co',
      status: 'member',
      match: 'any',
      order: 'name',
      direction: 'desc',
      page: '2',
      per_page: '5',
    });
  });

  it('is asked in the order of ids unless told otherwise, and leaves the rest to the API', async () => {
    const { client, simulator } = await connected();
    await listOrganizations(client, {});
    expect(simulator.requests[0]?.query).toEqual({ order: 'id' });
  });

  it('is a page of memberships with what the API says of it', async () => {
    const { client, simulator } = await connected();
    const page = await listOrganizations(client, { page: 2, perPage: 5 });
    const ids = simulator.world.principal().memberships.map(({ id }) => id);
    expect(page).toMatchObject({ page: 2, perPage: 5, totalCount: 12 });
    expect(page.memberships.map(({ organizationId }) => organizationId)).toEqual(ids.sort().slice(5, 10));
  });

  it('gives roles and permissions as sets: sorted, without repeats', async () => {
    const { client, simulator } = await connected({}, { organizations: 0 });
    simulator.world.principal().put({
      id: anId,
      name: 'Example',
      status: 'member',
      roles: ['DNS', 'Billing', 'DNS'],
      permissions: [],
    });
    const { memberships } = await listOrganizations(client, {});
    expect(memberships).toEqual([
      {
        ...nothingKnown,
        organizationId: anId,
        organizationName: 'Example',
        status: 'member',
        roles: ['Billing', 'DNS'],
        permissions: [],
      },
    ]);
  });

  it('takes a field that is missing or null for unknown', async () => {
    const { client, fail, simulator } = await connected({}, { organizations: 2 });
    fail({ kind: 'fields', omit: ['roles', 'name'], nullify: ['permissions', 'status'] });
    const { memberships } = await listOrganizations(client, {});
    const ids = simulator.world.principal().memberships.map(({ id }) => id);
    expect(memberships).toEqual(ids.sort().map((organizationId) => ({ organizationId, ...nothingKnown })));
  });

  it('takes roles of which one is null for unknown: the others must not look like all there are', async () => {
    const { client, simulator } = await connected({}, { organizations: 0 });
    const principal = simulator.world.principal();
    principal.put({ id: anId });
    principal.setRaw(anId, { roles: ['Administrator', null], permissions: [null] });
    const { memberships } = await listOrganizations(client, {});
    expect(memberships).toMatchObject([{ roles: null, permissions: null }]);
  });

  it('makes NUL and halves of surrogate pairs storable, and leaves every other character alone', async () => {
    const { client, simulator } = await connected({}, { organizations: 0 });
    simulator.world.principal().put({
      id: anId,
      name: 'a\0b\uD800c \u{1F600}\u202E',
      status: 'mem\0ber',
      roles: ['\uDC00', 'x\0'],
      permissions: [],
    });
    const { memberships } = await listOrganizations(client, {});
    expect(memberships).toMatchObject([
      { organizationName: 'a␀b\uFFFDc \u{1F600}\u202E', status: 'mem␀ber', roles: ['x␀', '\uFFFD'] },
    ]);
  });

  it('says which totals the API left out', async () => {
    const { client, fail } = await connected();
    const totals = fail({ kind: 'no-result-info', only: 'totals' });
    expect(await listOrganizations(client, {})).toMatchObject({ page: 1, perPage: 20, totalCount: null });
    totals.remove();
    fail({ kind: 'no-result-info' });
    expect(await listOrganizations(client, {})).toMatchObject({
      page: null,
      perPage: null,
      totalCount: null,
    });
  });

  it.each([
    ['null in place of the result', null, 'result: expected array, received null'],
    ['an object in place of the result', {}, 'result: expected array, received object'],
    ['a row without an id', [{ name: 'x' }], 'result.0.id: expected string, received undefined'],
    ['an id that is none', [{ id: 'a b' }], 'result.0.id: expected an identifier'],
    [
      'a status that is no text',
      [{ id: anId, status: 7 }],
      'result.0.status: expected string, received number',
    ],
    [
      'roles that are no names',
      [{ id: anId, roles: [{}] }],
      'result.0.roles.0: expected string, received object',
    ],
  ])('refuses %s as incomplete, and says where', async (_, result, where) => {
    const { client, fail } = await connected();
    fail({ kind: 'result', result });
    expect(await lineOf(listOrganizations(client, { page: 1 }))).toBe(
      `incomplete | ops-bot: the answer to GET /user/organizations (page 1) is not what the API describes: ${where}.`,
    );
  });

  it.each([7, {}, ['Acme'], true])(
    'takes a name that is no text for unknown, which costs no night: %j',
    async (name) => {
      const { client, fail } = await connected();
      fail({
        kind: 'result',
        result: [{ id: anId, name, status: 'member', roles: ['Admin'], permissions: [] }],
      });
      expect((await listOrganizations(client, {})).memberships).toEqual([
        {
          ...nothingKnown,
          organizationId: anId,
          organizationName: null,
          status: 'member',
          roles: ['Admin'],
          permissions: [],
        },
      ]);
    },
  );

  it('refuses a whole answer that does not say success', async () => {
    const { client, fail } = await connected();
    fail({ kind: 'rewrite', rewrite: (json) => ({ ...(json as object), success: undefined }) });
    expect((await failureOf(listOrganizations(client, {}))).code).toBe('incomplete');
  });
});

describe('one organization', () => {
  it('is what the API says of it, whatever its shape', async () => {
    const { client, simulator } = await connected({}, { organizations: 0 });
    const membership = simulator.world.principal().put({ id: anId, name: 'Example' });
    simulator.world.principal().setRaw(anId, { settings: { nested: [1] } });
    expect(await getOrganization(client, anId)).toMatchObject({
      id: anId,
      name: membership.name,
      settings: { nested: [1] },
    });
    expect(simulator.requests).toMatchObject([{ method: 'GET', endpoint: 'details' }]);
  });

  it.each(['', '.', '..', 'a/b', '../invites', 'a?b', '%2e', 'é', 'a b'])(
    'is not asked for by %j, which would lead elsewhere',
    async (id) => {
      const { client, simulator } = await connected();
      for (const asked of [getOrganization(client, id), leaveOrganization(client, id)]) {
        expect(await lineOf(asked)).toBe(
          `usage | Expected an organization id such as 023e105f4ecef8ad9ca31a8372d0c353, got ${JSON.stringify(id)}.`,
        );
      }
      expect(simulator.requests).toEqual([]);
    },
  );
});

describe('leaving', () => {
  it('takes the bare answer of the schema', async () => {
    const { client, simulator } = await connected({}, { organizations: 0 });
    simulator.world.principal().put({ id: anId });
    await leaveOrganization(client, anId);
    expect(simulator.world.principal().size).toBe(0);
    expect(simulator.requests).toMatchObject([{ method: 'DELETE', endpoint: 'leave', status: 200 }]);
  });

  it('takes the enveloped answer too', async () => {
    const { client, fail, simulator } = await connected({}, { organizations: 0 });
    simulator.world.principal().put({ id: anId });
    fail({ kind: 'rewrite', rewrite: (result) => ({ success: true, errors: [], messages: [], result }) });
    await expect(leaveOrganization(client, anId)).resolves.toBeUndefined();
  });

  it.each([
    ['another id', { id: 'other' }, 'says that other was left'],
    ['no id', { success: true, result: null }, 'does not say which one was left'],
  ])('does not believe an answer with %s', async (_, json, what) => {
    const { client, fail, simulator } = await connected({}, { organizations: 0 });
    simulator.world.principal().put({ id: anId });
    fail({ kind: 'rewrite', rewrite: () => json });
    expect(await lineOf(leaveOrganization(client, anId))).toBe(
      `unavailable | ops-bot: asked to leave ${anId}, and the answer ${what}: look whether it is still listed.`,
    );
  });

  it.each([
    ['the connection is lost', { kind: 'reset', at: 'headers' }],
    ['the answer breaks off', { kind: 'reset', at: 'body' }],
    ['the server fails', { kind: 'answer', status: 503 }],
    ['there are too many requests', { kind: 'answer', status: 429 }],
    ['the answer is empty', { kind: 'answer', status: 204, body: 'empty' }],
    ['the answer is no JSON', { kind: 'answer', status: 200, body: 'html' }],
  ] as const)('is asked once only, and its outcome is said to be unknown, when %s', async (_, fault) => {
    const { client, simulator } = await connected({}, { organizations: 0 });
    simulator.world.principal().put({ id: anId });
    simulator.faults.add({ on: { times: Infinity }, fault, takesEffect: true });
    const { code, message } = await failureOf(leaveOrganization(client, anId));
    expect(code).toBe('unavailable');
    expect(message).toContain(`no usable answer to DELETE /user/organizations/${anId} in one try: `);
    expect(message).toContain('Whether it took effect is not known');
    expect(message).not.toContain('Nothing was changed');
    expect(simulator.requests).toHaveLength(1);
    expect(client.sent).toEqual({ requests: 1, retries: 0 });
  });
});
