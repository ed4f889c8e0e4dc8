import { describe, expect, it } from 'vitest';
import { browseOrganizations } from '../../src/cloudflare/browse.ts';
import { connected, failureOf } from './connected.ts';

describe('browsing', () => {
  it('reads every page, in the order that was asked', async () => {
    const { client, simulator } = await connected({}, { organizations: 120 });
    const found = await browseOrganizations(client, { order: 'name', direction: 'desc' });
    const names = found.map(({ organizationName }) => organizationName);
    expect(found).toHaveLength(120);
    expect(names).toEqual(names.toSorted().reverse());
    expect(simulator.requests.map(({ query }) => query['page'])).toEqual(['1', '2', '3']);
  });

  it('keeps filters and page size on every page', async () => {
    const { client, simulator } = await connected({}, { organizations: 60 });
    const found = await browseOrganizations(client, { status: 'invited', perPage: 5 });
    expect(found.map(({ status }) => status)).toEqual(Array(6).fill('invited'));
    expect(simulator.requests.map(({ query }) => [query['status'], query['per_page']])).toEqual([
      ['invited', '5'],
      ['invited', '5'],
    ]);
  });

  it('ends after a page without rows', async () => {
    const { client, simulator } = await connected({}, { organizations: 50 });
    expect(await browseOrganizations(client, {})).toHaveLength(50);
    expect(simulator.requests).toHaveLength(2);
  });

  it('goes by the page size that the server says it served', async () => {
    const { client, fail } = await connected({}, { organizations: 45 });
    fail({ kind: 'cap-per-page', most: 20 });
    expect(await browseOrganizations(client, {})).toHaveLength(45);
  });

  it('does not go on for ever when the server repeats a page', async () => {
    const { client, fail, simulator } = await connected({}, { organizations: 120 });
    fail({ kind: 'ignore-page', echo: 'asked' });
    const { code, message } = await failureOf(browseOrganizations(client, {}));
    expect(code).toBe('incomplete');
    expect(message).toMatch(/^ops-bot: page 2 lists organization [0-9a-f]{32} again: /);
    expect(simulator.requests).toHaveLength(2);
  });
});
