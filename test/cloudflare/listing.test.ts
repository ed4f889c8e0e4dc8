import { describe, expect, it } from 'vitest';
import { readAgreedListing } from '../../src/cloudflare/agreement.ts';
import { connected } from './connected.ts';

describe('the memberships of a run', () => {
  it('have one object for all equal roles and permissions, over all pages and listings', async () => {
    const { client, simulator } = await connected({}, { organizations: 120 });
    for (const { id } of simulator.world.principal().memberships) {
      simulator.world
        .principal()
        .setRaw(id, { permissions: ['#zone:read', '#zone:edit', '#dns_records:read'] });
    }
    const { memberships, conclusion } = await readAgreedListing(client, null, () => undefined);
    expect(conclusion).toBe('listings 1 and 2 agree');
    expect(new Set(memberships.map(({ permissions }) => permissions)).size).toBe(1);
    const spellings = new Set(memberships.map(({ roles }) => JSON.stringify(roles)));
    expect(new Set(memberships.map(({ roles }) => roles)).size).toBe(spellings.size);
  });

  it('are those of the baseline when they equal it, so that there is one roll in memory and not two', async () => {
    const { client } = await connected({}, { organizations: 120 });
    const { memberships: baseline } = await readAgreedListing(client, null, () => undefined);
    const again = await readAgreedListing(client, structuredClone(baseline), () => undefined);
    expect(again.memberships).toEqual(baseline);
    const { memberships } = await readAgreedListing(client, baseline, () => undefined);
    expect(memberships).toBe(baseline);
  });
});
