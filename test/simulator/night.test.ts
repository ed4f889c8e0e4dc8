import { describe, expect, it } from 'vitest';
import { type ChangeKind, changeKinds } from '../../src/domain/change.ts';
import { applyNight } from '../../src/simulator/night.ts';
import { createWorld, type World } from '../../src/simulator/world.ts';

/** What only `/memberships` tells does not happen here. */
const isToldByBoth = (kind: ChangeKind) => !/^(?:policies|two_factor|api_access|parent)_/.test(kind);

describe('a simulated night', () => {
  it('brings every kind of change, each in an organization of its own', () => {
    const events = applyNight(createWorld());
    expect(new Set(events.map(({ kind }) => kind))).toEqual(new Set(changeKinds.filter(isToldByBoth)));
    expect(new Set(events.map(({ organizationId }) => organizationId)).size).toBe(events.length);
  });

  it('changes the world as it says, night after night', () => {
    const world = createWorld({ organizations: 200 });
    for (let night = 0; night < 10; night++) expectTruth(world);
  });

  function expectTruth(world: World): void {
    const principal = world.principal();
    const before = new Map(principal.memberships.map((membership) => [membership.id, membership]));
    for (const { kind, organizationId } of applyNight(world)) {
      const [was, is] = [before.get(organizationId), principal.membership(organizationId)];
      expect(is, kind).not.toEqual(was);
      if (kind === 'left') expect([was?.status, is]).toEqual(['member', undefined]);
      if (kind === 'invitation_gone') expect([was?.status, is]).toEqual(['invited', undefined]);
      if (kind === 'roles_changed') expect({ ...is, roles: was?.roles }).toEqual(was);
      if (kind === 'permissions_changed') expect({ ...is, permissions: was?.permissions }).toEqual(was);
      if (kind === 'renamed') expect({ ...is, name: was?.name }).toEqual(was);
    }
  }

  it('brings back, the second time, one that left the first time', () => {
    const world = createWorld();
    const left = applyNight(world, 1).find(({ kind }) => kind === 'left');
    const returned = applyNight(world, 2).filter(({ returning }) => returning);
    expect(returned).toMatchObject([{ kind: 'joined', organizationId: left?.organizationId }]);
  });

  it('is the same for the same world and seed', () => {
    expect(applyNight(createWorld(), 3)).toEqual(applyNight(createWorld(), 3));
    expect(applyNight(createWorld(), 3)).not.toEqual(applyNight(createWorld(), 4));
  });

  it('passes over an empty roll with arrivals alone', () => {
    const kinds = applyNight(createWorld({ organizations: 0 })).map(({ kind }) => kind);
    expect(kinds).toEqual(['joined', 'joined', 'invited']);
  });
});
