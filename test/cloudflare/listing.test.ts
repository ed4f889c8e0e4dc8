import { describe, expect, it } from 'vitest';
import { readAgreedRoll } from '../../src/cloudflare/agreement.ts';
import { readListing } from '../../src/cloudflare/listing.ts';
import { runSources } from '../../src/domain/run.ts';
import { endpointOf } from '../support/either-source.ts';
import { trueRoll } from '../support/true-roll.ts';
import { connected, lineOf } from './connected.ts';

describe.each(runSources)('the memberships of a run over %s', (source) => {
  it('are the roll of the world, as that source tells it', async () => {
    const { client, simulator } = await connected({ source }, { organizations: 120 });
    const { memberships, declined } = await readAgreedRoll(client, null, () => undefined);
    expect(memberships).toEqual(trueRoll(simulator.world.principal(), source));
    expect(declined).toEqual([]);
  });

  it('have one object for all equal sets, over all pages and listings', async () => {
    const { client, simulator } = await connected({ source }, { organizations: 120 });
    const principal = simulator.world.principal();
    const policies = [
      {
        id: '0'.repeat(32),
        access: 'allow' as const,
        permission_groups: [{ id: '1'.repeat(32), name: 'DNS' }],
        resource_groups: [{ id: '2'.repeat(32), scope: { key: 'zones', objects: [{ key: '*' }] } }],
      },
    ];
    for (const { id } of principal.memberships) {
      principal.update(id, { permissions: ['#zones:read', '#zones:edit', '#dns_records:read'], policies });
    }
    const { memberships, conclusion } = await readAgreedRoll(client, null, () => undefined);
    expect(conclusion).toBe('listings 1 and 2 agree');
    expect(new Set(memberships.map(({ permissions }) => permissions)).size).toBe(1);
    expect(new Set(memberships.map((membership) => membership.policies)).size).toBe(1);
    const spellings = new Set(memberships.map(({ roles }) => JSON.stringify(roles)));
    expect(new Set(memberships.map(({ roles }) => roles)).size).toBe(spellings.size);
  });

  it.each([
    ['no organization at all', 0],
    ['exactly one page', 50],
    ['one more than two pages', 101],
  ])('are whole of %s', async (_, organizations) => {
    const { client, simulator } = await connected({ source }, { organizations });
    const listing = await readListing(client);
    expect(listing.memberships).toEqual(trueRoll(simulator.world.principal(), source));
    expect(listing).toMatchObject({ totalCount: organizations, pages: Math.floor(organizations / 50) + 1 });
    expect(new Set(simulator.requests.map(({ endpoint }) => endpoint))).toEqual(
      new Set([endpointOf[source]]),
    );
  });
});

describe('rejected invitations in /memberships', () => {
  /** Two pages of which every third row is of a rejected invitation. */
  async function withRejected() {
    const connection = await connected({ source: 'memberships' }, { organizations: 40 });
    const principal = connection.simulator.world.principal();
    const rejected = Array.from({ length: 20 }, () =>
      principal.reject(principal.put({ status: 'invited' }).id),
    );
    return { ...connection, principal, rejected };
  }

  it('count for a complete listing, and are on no roll', async () => {
    const { client, principal, rejected } = await withRejected();
    const listing = await readListing(client);
    expect(listing).toMatchObject({ totalCount: 60, pages: 2 });
    expect(listing.memberships).toEqual(trueRoll(principal, 'memberships'));
    expect(listing.memberships).toHaveLength(40);
    const idsOf = (rows: readonly { membershipId: string }[]) =>
      rows.map(({ membershipId }) => membershipId).sort();
    expect(idsOf(listing.declined)).toEqual(idsOf(rejected));
  });

  it('make a listing incomplete where one of them is missing', async () => {
    const { client, fail } = await withRejected();
    fail({ kind: 'shift', rows: 1 }, { page: 2 });
    expect(await lineOf(readListing(client))).toMatch(/page 2 has 9 organizations .* leaves 10 for it/);
  });

  it('say nothing of an organization that invited again, or whose member one is', async () => {
    const { client, principal, rejected } = await withRejected();
    const [first, second] = rejected;
    if (first === undefined || second === undefined) throw new Error('expected rejected invitations');
    const pending = principal.put({ status: 'invited' });
    const member = principal.put({ status: 'member' });
    principal.setRaw(first.id, { 'account.id': pending.id }, 'memberships');
    principal.setRaw(second.id, { 'account.id': member.id }, 'memberships');
    const { memberships, declined } = await readListing(client);
    expect(memberships).toEqual(trueRoll(principal, 'memberships'));
    const told = declined.map(({ membershipId }) => membershipId);
    expect(told).toHaveLength(18);
    expect(told).not.toContain(first.membershipId);
    expect(told).not.toContain(second.membershipId);
  });

  it('of one organization may be two: it is asked twice what one may answer', async () => {
    const { client, principal, rejected } = await withRejected();
    const [first, second] = rejected;
    if (first === undefined || second === undefined) throw new Error('expected rejected invitations');
    principal.setRaw(first.id, { 'account.id': second.id }, 'memberships');
    const { declined } = await readListing(client);
    expect(declined.filter(({ organizationId }) => organizationId === second.id)).toHaveLength(2);
  });
});

describe('two rows that are on the roll of one organization', () => {
  it.each([
    ['member', 'member'],
    ['member', 'invited'],
    ['invited', 'invited'],
    ['invited', 'suspended'],
  ])('are no listing: %s and %s', async (one, other) => {
    const { client, simulator } = await connected({ source: 'memberships' }, { organizations: 60 });
    const principal = simulator.world.principal();
    const kept = principal.put({ status: one });
    const twin = principal.put({ status: other });
    principal.setRaw(twin.id, { 'account.id': kept.id }, 'memberships');
    expect(await lineOf(readListing(client))).toMatch(
      new RegExp(
        `^incomplete \\| .*organization ${kept.id} is listed twice, by the memberships \\w+ \\(\\w+\\) and`,
      ),
    );
  });
});
