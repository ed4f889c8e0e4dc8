import { describe, expect, it } from 'vitest';
import { call, listIds, listPath, startedSimulator } from './calls.ts';

describe('GET /user/organizations', () => {
  it('gives every organization once over its pages when an order is asked', async () => {
    const simulator = await startedSimulator({ organizations: 120 });
    const ids = await listIds(simulator);
    const expected = simulator.world.principal().memberships.map(({ id }) => id);
    expect(ids).toEqual(expected.sort());
  });

  it('loses rows for a client that asks for no order', async () => {
    const simulator = await startedSimulator({ organizations: 120 });
    const ids = await listIds(simulator, {});
    expect(ids).toHaveLength(120);
    expect(new Set(ids).size).toBeLessThan(120);
  });

  it('says page, per_page, count and totals', async () => {
    const simulator = await startedSimulator({ organizations: 45 });
    const { json } = await call(simulator, listPath({ order: 'id', page: 3 }));
    expect(json.result_info).toEqual({ page: 3, per_page: 20, count: 5, total_count: 45, total_pages: 3 });
  });

  it('gives an empty page beyond the end, and no pages for an empty roll', async () => {
    const simulator = await startedSimulator({ organizations: 0 });
    const { json } = await call(simulator, listPath({ order: 'id', page: 2 }));
    expect(json).toMatchObject({
      success: true,
      result: [],
      result_info: { total_count: 0, total_pages: 0 },
    });
  });

  it('orders by id, name and status in both directions', async () => {
    const simulator = await startedSimulator({ organizations: 40 });
    for (const order of ['id', 'name', 'status']) {
      const [up, down] = await Promise.all(
        ['asc', 'desc'].map(async (direction) => {
          const { json } = await call(simulator, listPath({ order, direction, per_page: 50 }));
          return json.result.map((row) => String(row[order]));
        }),
      );
      expect(up).toEqual([...(up ?? [])].sort());
      expect(down).toEqual([...(up ?? [])].reverse());
    }
  });

  it('filters by name and status: both by default, either when asked, with the total of the whole roll', async () => {
    const simulator = await startedSimulator({ organizations: 30 });
    const principal = simulator.world.principal();
    principal.put({ name: 'Sought', status: 'member' });
    principal.put({ name: 'Sought', status: 'invited' });
    const filters = { order: 'id', name: 'Sought', status: 'invited', per_page: 50 };
    const all = await call(simulator, listPath(filters));
    expect(all.json.result).toMatchObject([{ name: 'Sought', status: 'invited' }]);
    expect(all.json.result_info).toMatchObject({ count: 1, total_count: 32 });
    const any = await call(simulator, listPath({ ...filters, match: 'any' }));
    expect(any.json.result).toHaveLength(5);
  });

  it('sends roles and permissions in an order that differs between requests', async () => {
    const simulator = await startedSimulator({ organizations: 0 });
    simulator.world.principal().put({ roles: ['a', 'b'] });
    const [first, second] = [await call(simulator, listPath()), await call(simulator, listPath())];
    expect(first.json.result[0]?.['roles']).not.toEqual(second.json.result[0]?.['roles']);
  });

  it('says raw fields as a test sets them', async () => {
    const simulator = await startedSimulator({ organizations: 0 });
    const principal = simulator.world.principal();
    const { id } = principal.put();
    const name = '=cmd\0\u202e\nx';
    principal.setRaw(id, { name, roles: undefined, permissions: null, status: 'suspended', surprise: 1 });
    const { json } = await call(simulator, listPath({ order: 'name' }));
    expect(json.result).toEqual([{ id, name, permissions: null, status: 'suspended', surprise: 1 }]);
  });

  it('lets a test change the world between two pages', async () => {
    const simulator = await startedSimulator({ organizations: 100 });
    const principal = simulator.world.principal();
    const [first = ''] = principal.memberships.map(({ id }) => id).sort();
    simulator.onRequest = ({ query }) => {
      if (query['page'] === '2') principal.remove(first);
    };
    const ids = await listIds(simulator);
    expect(ids).toHaveLength(99);
    expect(ids).toContain(first);
  });

  it.each([
    ['page=0', 'page variable must be a number of at least 1'],
    ['page=two', 'page variable must be a number of at least 1'],
    ['per_page=4', 'per_page variable must be a number between 5 and 50'],
    ['per_page=51', 'per_page variable must be a number between 5 and 50'],
    ['order=roles', 'order variable must be one of id, name, status'],
    ['direction=up', 'direction variable must be one of asc, desc'],
    ['match=none', 'match variable must be one of any, all'],
    ['status=gone', 'status variable must be one of member, invited'],
    [`name=${'x'.repeat(101)}`, 'name variable must have at most 100 characters'],
  ])('refuses %s and says why', async (query, message) => {
    const simulator = await startedSimulator();
    const { status, json } = await call(simulator, `/user/organizations?${query}`);
    expect(status).toBe(400);
    expect(json).toMatchObject({
      success: false,
      errors: [{ code: 6008, error_chain: [{ message }] }],
      result: null,
    });
  });
});
