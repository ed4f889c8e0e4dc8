import { describe, expect, it } from 'vitest';
import { type ListEndpoint } from '../../src/simulator/endpoints.ts';
import { type Fault } from '../../src/simulator/faults.ts';
import { type Simulator } from '../../src/simulator/server.ts';
import { call, listPath, type Reply, startedSimulator } from './calls.ts';

/** Page two of three of 45 organizations, with and without the fault. */
async function pageTwo(
  fault: Fault,
  endpoint: ListEndpoint = 'list',
): Promise<{ plain: Reply; faulty: Reply; simulator: Simulator }> {
  const simulator = await startedSimulator({ organizations: 45 });
  simulator.world.principal().memberships.forEach(({ id }) => {
    simulator.world.principal().update(id, { roles: ['Billing'], permissions: ['#zones:read'] });
  });
  const path = listPath({ order: 'id', page: 2 }, endpoint);
  const plain = await call(simulator, path);
  simulator.faults.add({ on: { path: endpoint, page: 2 }, fault });
  return { plain, faulty: await call(simulator, path), simulator };
}

const idsOf = ({ json }: Reply) => json.result.map(({ id }) => id);

describe('another answer', () => {
  it('is a status with an envelope, and what headers it is given', async () => {
    const headers = { 'retry-after': '7' };
    const { faulty } = await pageTwo({ kind: 'answer', status: 429, headers });
    expect([faulty.status, faulty.headers.get('retry-after')]).toEqual([429, '7']);
    expect(faulty.json).toMatchObject({ success: false, errors: [{ code: 971 }], result: null });
    expect(faulty.headers.get('ratelimit-policy')).not.toBeNull();
  });

  it('is an HTML page, under any status', async () => {
    for (const status of [200, 503, 520]) {
      const { faulty } = await pageTwo({ kind: 'answer', status, body: 'html' });
      expect([faulty.status, faulty.headers.get('content-type')]).toEqual([
        status,
        'text/html; charset=UTF-8',
      ]);
      expect(faulty.text).toContain('<!DOCTYPE html>');
    }
  });

  it('is no body at all', async () => {
    for (const status of [204, 502]) {
      const { faulty } = await pageTwo({ kind: 'answer', status, body: 'empty' });
      expect([faulty.status, faulty.text]).toEqual([status, '']);
    }
  });

  it('is a failure under status 200', async () => {
    const { faulty } = await pageTwo({ kind: 'failure-under-200' });
    expect(faulty.status).toBe(200);
    expect(faulty.json).toMatchObject({ success: false, result: null });
  });
});

describe.each<ListEndpoint>(['list', 'memberships'])('a wrong page of %s', (endpoint) => {
  it('has a result that is null, no array, or empty, with the totals of the true one', async () => {
    for (const result of [null, {}, []]) {
      const { plain, faulty } = await pageTwo({ kind: 'result', result }, endpoint);
      expect(faulty.json.result).toEqual(result);
      expect(faulty.json.result_info['total_count']).toBe(plain.json.result_info['total_count']);
    }
  });

  it('has rows that lack fields or say null', async () => {
    const { faulty } = await pageTwo(
      { kind: 'fields', omit: ['roles'], nullify: ['status'], rows: 1 },
      endpoint,
    );
    expect(faulty.json.result[0]).not.toHaveProperty('roles');
    expect(faulty.json.result[0]).toHaveProperty('status', null);
    expect(faulty.json.result[1]).toHaveProperty('roles', ['Billing']);
  });

  it('has a row twice', async () => {
    const more = await pageTwo({ kind: 'duplicate', of: 'same-page' }, endpoint);
    expect([idsOf(more.faulty).length, new Set(idsOf(more.faulty)).size]).toEqual([21, 20]);
    const same = await pageTwo({ kind: 'duplicate', of: 'same-page', replacing: true }, endpoint);
    expect([idsOf(same.faulty).length, new Set(idsOf(same.faulty)).size]).toEqual([20, 19]);
  });

  it('has the last row of the page before', async () => {
    const { plain, faulty, simulator } = await pageTwo(
      { kind: 'duplicate', of: 'previous-page', replacing: true },
      endpoint,
    );
    const before = await call(simulator, listPath({ order: 'id', page: 1 }, endpoint));
    expect(idsOf(faulty)).toEqual([idsOf(before).at(-1), ...idsOf(plain).slice(0, -1)]);
  });

  it('begins some rows later', async () => {
    const { plain, faulty } = await pageTwo({ kind: 'shift', rows: 3 }, endpoint);
    expect(idsOf(faulty).slice(0, 17)).toEqual(idsOf(plain).slice(3));
  });

  it('is page one, and says so or not', async () => {
    for (const [echo, page] of [['asked', 2] as const, ['first', 1] as const]) {
      const { faulty, simulator } = await pageTwo({ kind: 'ignore-page', echo }, endpoint);
      const first = await call(simulator, listPath({ order: 'id', page: 1 }, endpoint));
      expect(idsOf(faulty)).toEqual(idsOf(first));
      expect(faulty.json.result_info['page']).toBe(page);
    }
  });

  it('has fewer rows than were asked for, and says so', async () => {
    const { faulty } = await pageTwo({ kind: 'cap-per-page', most: 7 }, endpoint);
    expect(faulty.json.result_info).toMatchObject({ per_page: 7, count: 7, total_pages: 7 });
  });

  it('lies about totals and count', async () => {
    const total = await pageTwo({ kind: 'total-count', add: 5 }, endpoint);
    expect(total.faulty.json.result_info['total_count']).toBe(50);
    const drifting = await pageTwo({ kind: 'total-count', add: 5, drifting: true }, endpoint);
    expect(drifting.faulty.json.result_info['total_count']).toBe(55);
    const count = await pageTwo({ kind: 'count', count: 1 }, endpoint);
    expect(count.faulty.json.result_info['count']).toBe(1);
  });

  it('lacks result_info, or its totals', async () => {
    const none = await pageTwo({ kind: 'no-result-info' }, endpoint);
    expect(none.faulty.json).not.toHaveProperty('result_info');
    const totals = await pageTwo({ kind: 'no-result-info', only: 'totals' }, endpoint);
    expect(totals.faulty.json.result_info).toEqual({ page: 2, per_page: 20, count: 20 });
  });

  it('is whatever a test makes of it', async () => {
    const { faulty } = await pageTwo({ kind: 'rewrite', rewrite: () => [1] }, endpoint);
    expect(faulty.text).toBe('[1]');
  });
});

type Account = Record<string, unknown> & {
  managed_by?: Record<string, unknown>;
  settings: Record<string, unknown>;
};

describe('a row of /memberships', () => {
  it('lacks its account, or what the account says, or says null there', async () => {
    const whole = await pageTwo({ kind: 'fields', omit: ['account'], rows: 1 }, 'memberships');
    expect(whole.faulty.json.result[0]).not.toHaveProperty('account');
    expect(whole.faulty.json.result[1]).toHaveProperty('account');
    const none = await pageTwo({ kind: 'fields', nullify: ['account', 'policies'] }, 'memberships');
    for (const row of none.faulty.json.result) expect(row).toMatchObject({ account: null, policies: null });
    const fault: Fault = {
      kind: 'fields',
      omit: ['account.name', 'account.managed_by.parent_org_id'],
      nullify: ['account.settings.enforce_twofactor'],
    };
    const inside = await pageTwo(fault, 'memberships');
    const accountsOf = ({ json }: Reply) => json.result.map(({ account }) => account as Account);
    expect(accountsOf(inside.faulty)).toEqual(
      accountsOf(inside.plain).map(({ name: _name, managed_by: parent, settings, ...account }) => ({
        ...account,
        ...(parent && { managed_by: { parent_org_name: parent['parent_org_name'] } }),
        settings: { ...settings, enforce_twofactor: null },
      })),
    );
  });

  it('is not struck by a fault of the other listing', async () => {
    const simulator = await startedSimulator();
    simulator.faults.add({ on: { path: 'list', times: Infinity }, fault: { kind: 'answer', status: 410 } });
    expect((await call(simulator, listPath())).status).toBe(410);
    expect((await call(simulator, listPath({}, 'memberships'))).status).toBe(200);
  });
});

describe('a broken delivery', () => {
  it('ends half way through the JSON', async () => {
    await expect(pageTwo({ kind: 'cut', length: 'half' })).rejects.toThrow(SyntaxError);
  });

  it.each<Fault>([
    { kind: 'cut', length: 'whole' },
    { kind: 'reset', at: 'headers' },
    { kind: 'reset', at: 'body' },
  ])('breaks off: %o', async (fault) => {
    await expect(pageTwo(fault)).rejects.toThrow(TypeError);
  });

  it('stalls after the headers, until the client gives up', async () => {
    const simulator = await startedSimulator();
    simulator.faults.add({ on: {}, fault: { kind: 'stall', at: 'body' } });
    const gaveUp = new AbortController();
    const { apiToken } = simulator.world.principal();
    const response = await fetch(`${simulator.url}/user`, {
      headers: { authorization: `Bearer ${apiToken}` },
      signal: gaveUp.signal,
    });
    expect(response.status).toBe(200);
    gaveUp.abort();
    await expect(response.text()).rejects.toThrow('aborted');
  });

  it.each<Fault>([
    { kind: 'stall', at: 'headers' },
    { kind: 'stall', at: 'body' },
    { kind: 'latency', ms: 3_600_000 },
  ])('does not keep the simulator from closing: %o', async (fault) => {
    const simulator = await startedSimulator();
    const seen = Promise.withResolvers<unknown>();
    simulator.onRequest = (request) => seen.resolve(request);
    simulator.faults.add({ on: {}, fault });
    const calling = expect(call(simulator, '/user')).rejects.toThrow(TypeError);
    await seen.promise;
    await simulator.close();
    await calling;
  });
});

describe('the aim of a fault', () => {
  it('is the requests that agree, from one of them on, so many times', async () => {
    const simulator = await startedSimulator();
    const added = simulator.faults.add({
      on: { path: 'user', from: 2, times: 2 },
      fault: { kind: 'answer', status: 500 },
    });
    const statuses: number[] = [];
    for (const path of ['/user', '/user', '/user/invites', '/user', '/user']) {
      statuses.push((await call(simulator, path)).status);
    }
    expect(statuses).toEqual([200, 500, 200, 500, 200]);
    expect(added).toMatchObject({ matched: 4, struck: 2 });
  });

  it('is gone when it is removed', async () => {
    const simulator = await startedSimulator();
    const added = simulator.faults.add({ on: { times: Infinity }, fault: { kind: 'answer', status: 500 } });
    expect((await call(simulator, '/user')).status).toBe(500);
    added.remove();
    expect((await call(simulator, '/user')).status).toBe(200);
  });

  it('is every page from one on', async () => {
    const simulator = await startedSimulator();
    simulator.faults.add({ on: { fromPage: 2, times: Infinity }, fault: { kind: 'answer', status: 500 } });
    const statuses = await Promise.all(
      [1, 2, 3].map(async (page) => (await call(simulator, listPath({ page }))).status),
    );
    expect(statuses).toEqual([200, 500, 500]);
  });

  it('keeps a departure from happening, unless it is told that it took effect', async () => {
    const simulator = await startedSimulator({ organizations: 2 });
    const principal = simulator.world.principal();
    const leave = async () => {
      const [{ id } = { id: '' }] = principal.memberships;
      return call(simulator, `/user/organizations/${id}`, { method: 'DELETE' });
    };
    simulator.faults.add({ on: { path: 'leave' }, fault: { kind: 'answer', status: 503 } });
    expect((await leave()).status).toBe(503);
    expect(principal.size).toBe(2);
    simulator.faults.add({
      on: { path: 'leave' },
      fault: { kind: 'reset', at: 'headers' },
      takesEffect: true,
    });
    await expect(leave()).rejects.toThrow(TypeError);
    expect(principal.size).toBe(1);
    expect(simulator.requests.map(({ status }) => status)).toEqual([503, null]);
  });

  it('is shared: faults that strike one request all do', async () => {
    const { faulty, simulator } = await pageTwo({ kind: 'count', count: 1 });
    expect(faulty.json.result_info['count']).toBe(1);
    simulator.faults.add({ on: {}, fault: { kind: 'count', count: 3 } });
    simulator.faults.add({ on: {}, fault: { kind: 'total-count', add: 1 } });
    const { json } = await call(simulator, listPath({ order: 'id' }));
    expect(json.result_info).toMatchObject({ count: 3, total_count: 46 });
  });
});
