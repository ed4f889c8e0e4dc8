import { describe, expect, it } from 'vitest';
import { browseMemberships } from '../../src/cloudflare/browse.ts';
import { findWayOut, readOrganization } from '../../src/cloudflare/by-organization.ts';
import { listMemberships, type MembershipParameters } from '../../src/cloudflare/memberships.ts';
import { type Fault } from '../../src/simulator/faults.ts';
import { connected, failureOf, lineOf } from './connected.ts';

const anId = '0123456789abcdef'.repeat(2);
const anotherId = 'f'.repeat(32);

/** A client whose roll is read from `/memberships`, and a member of one organization. */
async function memberOf(id: string, organizations = 0) {
  const all = await connected({ source: 'memberships' }, { organizations });
  const principal = all.simulator.world.principal();
  return { ...all, principal, membership: principal.put({ id, name: 'Acme\0', roles: ['Administrator'] }) };
}

describe('the list of memberships', () => {
  it('is asked with every parameter of the schema, by the names of the schema', async () => {
    const { client, simulator } = await connected();
    const parameters: Required<MembershipParameters> = {
      name: 'Größe & Co',
      status: 'accepted',
      order: 'account.name',
      direction: 'desc',
      page: 2,
      perPage: 5,
    };
    await listMemberships(client, parameters);
    expect(simulator.requests).toMatchObject([{ endpoint: 'memberships', status: 200 }]);
    expect(simulator.requests[0]?.query).toEqual({
      name: 'Größe & Co',
      status: 'accepted',
      order: 'account.name',
      direction: 'desc',
      page: '2',
      per_page: '5',
    });
  });

  it('has what was declined too, as rejected, with all that is told of it', async () => {
    const { client, principal } = await memberOf(anId);
    principal.put({ id: anotherId, name: 'Declined', status: 'invited', roles: ['Billing'] });
    principal.reject(anotherId);
    const listed = await browseMemberships(client, { order: 'account.name' });
    expect(listed).toMatchObject([
      { organizationId: anId, status: 'member', organizationName: 'Acme␀' },
      { organizationId: anotherId, status: 'rejected', organizationName: 'Declined', roles: ['Billing'] },
    ]);
    expect(await browseMemberships(client, { status: 'rejected' })).toEqual([listed[1]]);
  });

  it('is read page by page, whichever list the roll is read from', async () => {
    const { client, simulator } = await connected({}, { organizations: 120 });
    expect(await browseMemberships(client, {})).toHaveLength(120);
    expect(simulator.requests.map(({ endpoint, query }) => [endpoint, query['page']])).toEqual([
      ['memberships', '1'],
      ['memberships', '2'],
      ['memberships', '3'],
    ]);
  });
});

describe('an organization, by its id, where memberships are listed', () => {
  it('is looked up page after page until it is found, and told as its membership', async () => {
    const { client, simulator } = await connected({ source: 'memberships' }, { organizations: 120 });
    const [first] = simulator.world
      .principal()
      .memberships.toSorted((left, right) => (left.membershipId < right.membershipId ? -1 : 1))
      .slice(60);
    expect(await readOrganization(client, first?.id ?? '')).toMatchObject({
      id: first?.membershipId,
      account: { id: first?.id, name: first?.name },
    });
    expect(simulator.requests.map(({ endpoint }) => endpoint)).toEqual([
      'memberships',
      'memberships',
      'membership',
    ]);
  });

  it('is told as the membership of now, where an invitation was declined before', async () => {
    const { client, fail, principal } = await memberOf(anId);
    const { membershipId } = principal.put({ id: anotherId, status: 'invited' });
    principal.reject(anotherId);
    expect(await readOrganization(client, anotherId)).toMatchObject({ id: membershipId, status: 'rejected' });
    // The same organization twice: declined once, a member now.
    fail(
      {
        kind: 'rewrite',
        rewrite: (json) => {
          const { result, ...rest } = json as { result: { id: string; account: object; status: string }[] };
          return {
            ...rest,
            result: result.map((row) => ({ ...row, account: { id: anId } })),
            result_info: undefined,
          };
        },
      },
      { path: 'memberships' },
    );
    expect(await readOrganization(client, anId)).toMatchObject({ status: 'accepted' });
  });

  it.each([anotherId, '0', 'x'.repeat(64)])(
    'that is not listed is not found, and it is said where to look: %s',
    async (id) => {
      const { client, simulator } = await memberOf(anId, 60);
      for (const asked of [readOrganization(client, id), findWayOut(client, id)]) {
        const { code, message } = await failureOf(asked);
        expect(code).toBe('not_found');
        expect(message).toContain(`ops-bot: ${id} is none of the 61 `);
        expect(message).toContain('`rollcall organizations list --source memberships`');
      }
      expect(simulator.requests.map(({ endpoint }) => endpoint)).toEqual(Array(4).fill('memberships'));
    },
  );

  it.each(['', '..', 'a/b', '../user', 'a b', 'é'])(
    'that can have no such id is not looked for: %j',
    async (id) => {
      const { client, simulator } = await memberOf(anId);
      for (const asked of [readOrganization(client, id), findWayOut(client, id)]) {
        expect(await lineOf(asked)).toMatch(/^usage \| Expected an organization id such as /);
      }
      expect(simulator.requests).toEqual([]);
    },
  );

  it.each(['weird/id', '..', 'a.b'])(
    'is the fault of the server where its membership is listed by an id that cannot be one: %j',
    async (id) => {
      const { client, fail, simulator } = await memberOf(anId);
      const rewrite = (json: unknown) => {
        const { result, ...rest } = json as { result: object[] };
        return { ...rest, result: result.map((row) => ({ ...row, id })) };
      };
      fail({ kind: 'rewrite', rewrite }, { path: 'memberships' });
      for (const asked of [readOrganization(client, anId), findWayOut(client, anId)]) {
        const { code, message } = await failureOf(asked);
        expect(code).toBe('incomplete');
        expect(message).not.toContain('Expected an organization id');
        expect(message).toContain(`membership ${id} of organization ${anId}`);
      }
      expect(simulator.requests.map(({ endpoint }) => endpoint)).toEqual(['memberships', 'memberships']);
    },
  );

  it.each([anId.toUpperCase(), anId.replace('a', 'A')])(
    'is found whatever the case of its id, and called as it is listed: %s',
    async (id) => {
      const { client } = await memberOf(anId);
      expect(await readOrganization(client, id)).toMatchObject({ account: { id: anId } });
      expect((await findWayOut(client, id)).organizationId).toBe(anId);
    },
  );

  it.each<[what: string, fault: Fault, told: RegExp]>([
    ['repeats page one', { kind: 'ignore-page', echo: 'asked' }, /page 2 lists membership .* again/],
    [
      'repeats page one, and says so',
      { kind: 'ignore-page', echo: 'first' },
      /page 2 lists membership .* again/,
    ],
    [
      'ends before its end',
      { kind: 'rewrite', rewrite: (json) => ({ ...(json as object), result: [] }) },
      /listed 0 of 120, and/,
    ],
    [
      'says it served pages of none, for ever',
      {
        kind: 'rewrite',
        rewrite: (json) => ({
          ...(json as object),
          result: [],
          result_info: { page: 1, per_page: 0, total_count: 120 },
        }),
      },
      /listed 0 of 120, and/,
    ],
  ])('is not said to be unknown where the list %s', async (_, fault, told) => {
    const { client, fail } = await connected({ source: 'memberships' }, { organizations: 120 });
    fail(fault, { path: 'memberships' });
    const { code, message } = await failureOf(readOrganization(client, anId));
    expect(code).toBe('incomplete');
    expect(message).toMatch(told);
  });

  it.each([
    ['another account', { account: { id: anotherId } }],
    ['no account', { account: null }],
    ['nothing', { account: undefined }],
  ])('is not believed to be what is told as of %s', async (_, fields) => {
    const { client, fail } = await memberOf(anId);
    fail(
      {
        kind: 'rewrite',
        rewrite: (json) => {
          const { result, ...rest } = json as { result: object };
          return { ...rest, result: { ...result, ...fields } };
        },
      },
      { path: 'membership' },
    );
    expect((await failureOf(readOrganization(client, anId))).code).toBe('incomplete');
  });
});

describe('leaving by the membership', () => {
  it('asks once, and believes the answer', async () => {
    const { client, principal, simulator, membership } = await memberOf(anId, 3);
    const { organizationName, leave } = await findWayOut(client, anId);
    expect(organizationName).toBe('Acme␀');
    expect(principal.size).toBe(4);
    await leave();
    expect(principal.membership(anId)).toBeUndefined();
    expect(principal.size).toBe(3);
    expect(simulator.requests.map(({ method, endpoint }) => [method, endpoint])).toEqual([
      ['GET', 'memberships'],
      ['DELETE', 'delete-membership'],
    ]);
    expect(simulator.requests[1]?.path).toContain(membership.membershipId);
  });

  it('is refused for an invitation that was declined, before anything is asked', async () => {
    const { client, principal, simulator } = await memberOf(anId);
    principal.put({ id: anotherId, status: 'invited' });
    principal.reject(anotherId);
    expect(await lineOf(findWayOut(client, anotherId))).toMatch(/^not_found \| .*was declined/);
    expect(simulator.requests.map(({ method }) => method)).toEqual(['GET']);
  });

  it.each<[what: string, fault: Fault]>([
    ['the connection is lost', { kind: 'reset', at: 'headers' }],
    ['the answer breaks off', { kind: 'reset', at: 'body' }],
    ['the server fails', { kind: 'answer', status: 503 }],
    ['there are too many requests', { kind: 'answer', status: 429 }],
    ['the answer is empty', { kind: 'answer', status: 204, body: 'empty' }],
    [
      'the answer is of the organization',
      { kind: 'rewrite', rewrite: () => ({ success: true, result: { id: anId } }) },
    ],
    ['the answer has no id', { kind: 'rewrite', rewrite: () => ({ success: true, result: null }) }],
  ])('is asked once only, and its outcome is said to be unknown, when %s', async (_, fault) => {
    const { client, simulator } = await memberOf(anId);
    const { leave } = await findWayOut(client, anId);
    simulator.faults.add({ on: { path: 'delete-membership', times: Infinity }, fault, takesEffect: true });
    const { code, message } = await failureOf(leave());
    expect(code).toBe('unavailable');
    expect(message).toMatch(/still listed/);
    expect(simulator.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(1);
  });

  it.each([
    [410, 'ended'],
    [404, 'not_found'],
    [403, 'not_permitted'],
  ])('is certainly refused by %i', async (status, code) => {
    const { client, simulator, fail } = await memberOf(anId);
    const { leave } = await findWayOut(client, anId);
    fail({ kind: 'answer', status }, { path: 'delete-membership' });
    expect((await failureOf(leave())).code).toBe(code);
    expect(simulator.requests).toHaveLength(2);
  });
});
