import { describe, expect, it } from 'vitest';
import { type CompleteMembership } from '../../src/simulator/principal.ts';
import { createWorld } from '../../src/simulator/world.ts';

describe('the simulated world', () => {
  it('is the same for the same seed, and another for another', () => {
    const [first, again, other] = [7, 7, 8].map((seed) => createWorld({ seed }).principal());
    expect(again?.memberships).toEqual(first?.memberships);
    expect(again?.apiToken).toBe(first?.apiToken);
    expect(other?.memberships).not.toEqual(first?.memberships);
    expect(other?.apiToken).not.toBe(first?.apiToken);
  });

  it('begins alike at any size', () => {
    const small = createWorld({ organizations: 5 }).principal();
    const large = createWorld({ organizations: 500 }).principal();
    expect(large.memberships.slice(0, 5)).toEqual(small.memberships);
  });

  it('has 20,000 organizations with as many ids, a tenth of them invitations', () => {
    const { memberships } = createWorld({ organizations: 20_000 }).principal();
    expect(new Set(memberships.map(({ id }) => id)).size).toBe(20_000);
    expect(memberships.filter(({ status }) => status === 'invited')).toHaveLength(2_000);
    expect(memberships.every(({ name }) => name.length <= 100)).toBe(true);
  });

  it('spells Super Administrator in both ways, and names organizations in many scripts', () => {
    const { memberships } = createWorld({ organizations: 500 }).principal();
    const roles = new Set(memberships.flatMap((membership) => membership.roles));
    expect(roles).toContain('Super Administrator - All Privileges');
    expect(roles).toContain('All Privileges - Super Administrator');
    const names = memberships.map(({ name }) => name).join('\n');
    for (const sign of ['🚀', ',', '"', "'", '株式会社', 'דוגמה', 'é']) expect(names).toContain(sign);
  });

  it('names one principal default and several by number, or as it is told', () => {
    const namesOf = (principals: number | string[]) =>
      createWorld({ principals, organizations: 1 }).principals.map(({ name }) => name);
    expect(namesOf(1)).toEqual(['default']);
    expect(namesOf(2)).toEqual(['principal-1', 'principal-2']);
    expect(namesOf(['ops-bot'])).toEqual(['ops-bot']);
    expect(() => createWorld().principal('nobody')).toThrow(
      'expected a principal of the world, got "nobody"',
    );
  });

  it('gives neighbouring principals a fifth of their organizations in common', () => {
    const [left, right] = createWorld({ principals: 2, organizations: 50 }).principals;
    const ids = new Set(left?.memberships.map(({ id }) => id));
    expect(right?.memberships.filter(({ id }) => ids.has(id))).toHaveLength(10);
  });

  it('makes credentials in the formats of today', () => {
    const { userId, apiToken, apiKey } = createWorld().principal();
    expect(userId).toMatch(/^[0-9a-f]{32}$/);
    expect(apiToken).toMatch(/^cfut_[A-Za-z0-9]{40}[0-9a-f]{8}$/);
    expect(apiKey).toMatch(/^cfk_[A-Za-z0-9]{40}[0-9a-f]{8}$/);
  });

  it('fills in what a new membership does not say', () => {
    const principal = createWorld({ organizations: 0 }).principal();
    const membership = principal.put({ name: '=cmd' });
    expect(membership).toMatchObject({ name: '=cmd', status: 'member' });
    expect(membership.id).toMatch(/^[0-9a-f]{32}$/);
    expect(membership.roles.length).toBeGreaterThan(0);
    expect(membership.permissions).toContain('#zones:read');
    expect(principal.put().id).not.toBe(membership.id);
  });

  it('makes up what /memberships alone tells: the same for the same id, and some of everything', () => {
    const [principal, again] = [1, 1].map(() => createWorld({ organizations: 1_000 }).principal());
    const memberships = principal?.memberships ?? [];
    expect(again?.memberships).toEqual(memberships);
    const share = (has: (membership: CompleteMembership) => boolean) =>
      memberships.filter(has).length / 1_000;
    expect(share(({ policies }) => policies !== null)).toBeCloseTo(1 / 3, 1);
    expect(share(({ parent }) => parent !== null)).toBeCloseTo(1 / 5, 1);
    expect(share(({ twoFactorEnforced }) => twoFactorEnforced)).toBeCloseTo(1 / 2, 1);
    expect(share(({ accountType }) => accountType === 'enterprise')).toBeCloseTo(1 / 2, 1);
    expect(share(({ apiAccess }) => apiAccess === true)).toBeCloseTo(1 / 4, 1);
    expect(new Set(memberships.flatMap(({ parent }) => parent?.id ?? [])).size).toBe(3);
    expect(new Set(memberships.map(({ membershipId }) => membershipId)).size).toBe(1_000);
    for (const { membershipId, createdOn, accountType, apiAccess, policies, roles } of memberships) {
      expect(membershipId).toMatch(/^[0-9a-f]{32}$/);
      expect(new Date(createdOn).toISOString()).toBe(createdOn);
      expect(apiAccess === null).toBe(accountType === 'standard');
      const groups = policies?.flatMap((policy) => policy.permission_groups.map(({ name }) => name));
      if (groups !== undefined) expect(groups).toEqual(roles);
    }
  });

  it('says as before who is where under which name, with which roles and permissions', () => {
    const [first] = createWorld().principal().memberships;
    expect(first).toMatchObject({
      id: 'efb6ed7aaa76da6a6598f0f01076238e',
      name: 'İstanbul Robotics',
      status: 'member',
      roles: ['Cache Purge', 'Cloudflare Stream'],
      permissions: [
        ...['#zones:read', '#zone_settings:read', '#zone:read', '#member:read', '#member:edit'],
        ...['#organization:read', '#dns_records:read', '#access:read', '#worker:read'],
      ],
    });
  });

  it('keeps a membership by its own id: of one user in one organization', () => {
    const [left, right] = createWorld({ principals: 2, organizations: 0 }).principals;
    const id = '0'.repeat(32);
    const facts = [left, right, left].map((principal) => principal?.put({ id }));
    expect(facts[2]).toEqual(facts[0]);
    expect(facts[1]).toEqual({ ...facts[0], membershipId: facts[1]?.membershipId });
    expect(facts[1]?.membershipId).not.toBe(facts[0]?.membershipId);
  });

  it('follows an invitation to its end', () => {
    const sent = new Date('2026-03-01T00:00:00Z');
    const principal = createWorld({ organizations: 0, now: () => sent }).principal();
    const [accepted, expired, withdrawn] = [1, 2, 3].map(() => principal.put({ status: 'invited' }).id);
    expect(principal.invitations[0]).toMatchObject({
      status: 'pending',
      invitedOn: sent,
      expiresOn: new Date('2026-03-08T00:00:00Z'),
    });
    principal.update(accepted ?? '', { status: 'member' });
    principal.remove(expired ?? '', 'expired');
    principal.remove(withdrawn ?? '');
    expect(principal.invitations.map(({ status }) => status)).toEqual(['accepted', 'expired']);
  });

  it('refuses to change a membership that is not there', () => {
    const principal = createWorld().principal();
    const id = '0'.repeat(32);
    for (const change of [
      () => principal.update(id, { name: 'x' }),
      () => principal.erase(id),
      () => principal.reject(id),
      () => principal.setRaw(id, {}, 'memberships'),
    ]) {
      expect(change).toThrow('to be on the roll of default');
    }
  });

  it('refuses to reject what is no invitation', () => {
    const principal = createWorld({ organizations: 0 }).principal();
    expect(() => principal.reject(principal.put().id)).toThrow(
      'to be an invitation of default; it is member',
    );
  });
});
