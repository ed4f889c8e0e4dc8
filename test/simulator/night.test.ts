import { describe, expect, it } from 'vitest';
import { type ChangeKind, changeKinds } from '../../src/domain/change.ts';
import { type RunSource, runSources } from '../../src/domain/run.ts';
import { applyNight } from '../../src/simulator/night.ts';
import { createWorld, type World } from '../../src/simulator/world.ts';
import { trueRoll } from '../support/true-roll.ts';

/** What one source tells of, in a world that both do. */
const kindsTold: Readonly<Record<RunSource, readonly ChangeKind[]>> = {
  organizations: changeKinds.filter((kind) => !/^(?:policies|two_factor|api_access|parent)_/.test(kind)),
  memberships: changeKinds,
};

describe.each(runSources)('a simulated night of %s', (source) => {
  it('brings every kind of change of which that source tells, each in an organization of its own', () => {
    const events = applyNight(createWorld(), 1, source);
    expect(new Set(events.map(({ kind }) => kind))).toEqual(new Set(kindsTold[source]));
    expect(new Set(events.map(({ organizationId }) => organizationId)).size).toBe(events.length);
  });

  it('changes the world as it says, night after night, and that source tells of every change', () => {
    const world = createWorld({ organizations: 200 });
    for (let night = 0; night < 10; night++) expectTruth(world);
  });

  function expectTruth(world: World): void {
    const principal = world.principal();
    const told = () => new Map(trueRoll(principal, source).map((one) => [one.organizationId, one]));
    const [before, toldBefore] = [new Map(principal.memberships.map((one) => [one.id, one])), told()];
    const events = applyNight(world, 1, source);
    const toldAfter = told();
    for (const { kind, organizationId } of events) {
      const [was, is] = [before.get(organizationId), principal.membership(organizationId)];
      expect(toldAfter.get(organizationId), kind).not.toEqual(toldBefore.get(organizationId));
      if (kind === 'left') expect([was?.status, is]).toEqual(['member', undefined]);
      if (kind === 'invitation_gone') expect([was?.status, is]).toEqual(['invited', undefined]);
      if (kind === 'roles_changed') expect({ ...is, roles: was?.roles }).toEqual(was);
      if (kind === 'permissions_changed') expect({ ...is, permissions: was?.permissions }).toEqual(was);
      if (kind === 'renamed') expect({ ...is, name: was?.name }).toEqual(was);
      if (kind === 'policies_changed') expect({ ...is, policies: was?.policies }).toEqual(was);
      if (kind === 'api_access_changed') expect({ ...is, apiAccess: was?.apiAccess }).toEqual(was);
      if (kind === 'parent_changed') expect({ ...is, parent: was?.parent }).toEqual(was);
      if (kind === 'two_factor_changed')
        expect({ ...is, twoFactorEnforced: !is?.twoFactorEnforced }).toEqual(was);
    }
    const changed = [...toldBefore.keys()].filter(
      (id) => JSON.stringify(toldBefore.get(id)) !== JSON.stringify(toldAfter.get(id)),
    );
    expect(new Set(events.map(({ organizationId }) => organizationId))).toEqual(
      new Set([...changed, ...[...toldAfter.keys()].filter((id) => !toldBefore.has(id))]),
    );
  }

  it('brings back, the second time, one that left the first time', () => {
    const world = createWorld();
    const left = applyNight(world, 1, source).find(({ kind }) => kind === 'left');
    const returned = applyNight(world, 2, source).filter(({ returning }) => returning);
    expect(returned).toMatchObject([{ kind: 'joined', organizationId: left?.organizationId }]);
  });

  it('is the same for the same world and seed', () => {
    expect(applyNight(createWorld(), 3, source)).toEqual(applyNight(createWorld(), 3, source));
    expect(applyNight(createWorld(), 3, source)).not.toEqual(applyNight(createWorld(), 4, source));
  });

  it('passes over an empty roll with arrivals alone', () => {
    const kinds = applyNight(createWorld({ organizations: 0 }), 1, source).map(({ kind }) => kind);
    expect(kinds).toEqual(['joined', 'joined', 'invited']);
  });
});

describe('a night of /memberships', () => {
  it('lets one invitation be rejected, which that source goes on listing', () => {
    const world = createWorld();
    const gone = applyNight(world, 1, 'memberships').filter(({ kind }) => kind === 'invitation_gone');
    const rejected = new Set(world.principal().rejected.map(({ id }) => id));
    expect(gone.map(({ organizationId }) => rejected.has(organizationId)).sort()).toEqual([false, true]);
  });
});
