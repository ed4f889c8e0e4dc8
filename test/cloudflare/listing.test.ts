import { describe, expect, it } from 'vitest';
import { readAgreedRoll } from '../../src/cloudflare/agreement.ts';
import { connected } from './connected.ts';

describe('the memberships of a run', () => {
  it('have one object for all equal roles and permissions, over all pages and listings', async () => {
    const { client, simulator } = await connected({}, { organizations: 120 });
    for (const { id } of simulator.world.principal().memberships) {
      simulator.world
        .principal()
        .setRaw(id, { permissions: ['#zone:read', '#zone:edit', '#dns_records:read'] });
    }
    const { memberships, conclusion } = await readAgreedRoll(client, null, () => undefined);
    expect(conclusion).toBe('listings 1 and 2 agree');
    expect(new Set(memberships.map(({ permissions }) => permissions)).size).toBe(1);
    const spellings = new Set(memberships.map(({ roles }) => JSON.stringify(roles)));
    expect(new Set(memberships.map(({ roles }) => roles)).size).toBe(spellings.size);
  });
});
