import { describe, expect, test } from 'vitest';
import { holdsSuperAdministrator } from '../../src/domain/access.ts';
import { comparedFields } from '../../src/domain/compared-fields.ts';
import { tellDifferences } from '../../src/domain/difference.ts';
import { type Membership, nothingKnown } from '../../src/domain/membership.ts';
import { noParent, parentIdIn, parentText } from '../../src/domain/parent-organization.ts';
import { aWholeMembership } from '../support/nights.ts';

const superPolicy = 'allow Super Administrator - All Privileges on com.cloudflare.api.account.1';
const across = comparedFields('organizations', 'memberships');
const back = comparedFields('memberships', 'organizations');

/** The same membership as `/user/organizations` tells it. */
function asOrganization({ organizationId, organizationName, status, roles }: Membership): Membership {
  return { ...nothingKnown, organizationId, organizationName, status, roles, permissions: ['#worker:edit'] };
}

describe('a policy that gives Super Administrator', () => {
  test('gives it as a role does, to a member alone', () => {
    const roles: string[] = [];
    expect(holdsSuperAdministrator(aWholeMembership({ roles, policies: [superPolicy] }))).toBe(true);
    const invited = aWholeMembership({ roles, policies: [superPolicy], status: 'invited' });
    expect(holdsSuperAdministrator(invited)).toBe(false);
  });

  test.each([superPolicy.replace('allow', 'deny'), 'allow Super Administrators on a', 'Super Administrator'])(
    'is not: %s',
    (line) => {
      expect(holdsSuperAdministrator(aWholeMembership({ roles: [], policies: [line] }))).toBe(false);
    },
  );

  test.each([
    ['gained', [], [superPolicy]],
    ['lost', [superPolicy], []],
    [null, [superPolicy], [superPolicy, 'allow DNS on a']],
  ])('is %s with the policies', (step, before, after) => {
    const [told, ...others] = tellDifferences({
      before: aWholeMembership({ roles: [], policies: before }),
      after: aWholeMembership({ roles: [], policies: after }),
    });
    expect(told).toMatchObject({ kind: 'policies_changed', superAdministrator: step });
    expect(others).toEqual([]);
  });

  test('in place of a role that gave it, is neither gained nor lost', () => {
    const role = ['Super Administrator - All Privileges'];
    const told = tellDifferences({
      before: aWholeMembership({ roles: role, policies: [] }),
      after: aWholeMembership({ roles: [], policies: [superPolicy] }),
    });
    expect(told.map(({ kind, superAdministrator }) => [kind, superAdministrator])).toEqual([
      ['policies_changed', null],
      ['roles_changed', null],
    ]);
  });

  test('beside other roles is told once, where it came by', () => {
    const told = tellDifferences({
      before: aWholeMembership({ roles: ['Billing'], policies: [] }),
      after: aWholeMembership({ roles: ['DNS'], policies: [superPolicy] }),
    });
    expect(told.map(({ kind, superAdministrator }) => [kind, superAdministrator])).toEqual([
      ['policies_changed', 'gained'],
      ['roles_changed', null],
    ]);
  });

  test('comes and goes with the membership and its invitation, as a role does', () => {
    const member = aWholeMembership({ roles: [], policies: [superPolicy] });
    const invited = { ...member, status: 'invited' };
    const stepOf = (before: Membership | null, after: Membership | null) =>
      tellDifferences({ before, after }).map(
        ({ kind, superAdministrator }) => `${kind} ${superAdministrator}`,
      );
    expect(stepOf(null, member)).toEqual(['joined gained']);
    expect(stepOf(member, null)).toEqual(['left lost']);
    expect(stepOf(null, invited)).toEqual(['invited offered']);
    expect(stepOf(invited, member)).toEqual(['invitation_accepted gained']);
    expect(stepOf(invited, null)).toEqual(['invitation_gone offer_gone']);
    expect(stepOf({ ...invited, policies: [] }, invited)).toEqual(['invitation_changed offered']);
    expect(stepOf({ ...invited, policies: null }, member)).toEqual(['invitation_accepted gained']);
  });

  test('that is told at last is told as gained, once; one that is not told any more is not lost', () => {
    const known = aWholeMembership({ roles: [], policies: [superPolicy] });
    const unknown = { ...known, policies: null };
    expect(tellDifferences({ before: unknown, after: known })).toMatchObject([
      { kind: 'policies_changed', before: '', added: [superPolicy], superAdministrator: 'gained' },
    ]);
    expect(tellDifferences({ before: known, after: unknown })).toEqual([]);
    const [invited] = [unknown, known].map((one) => ({ ...one, status: 'invited' }));
    expect(
      tellDifferences({ before: invited ?? null, after: { ...known, status: 'invited' } }),
    ).toMatchObject([{ kind: 'invitation_changed', superAdministrator: 'offered' }]);
  });

  test('that is told at last beside a role that gives the same is no news', () => {
    const known = aWholeMembership({ roles: ['Super Administrator'], policies: [superPolicy] });
    expect(tellDifferences({ before: { ...known, policies: null }, after: known })).toEqual([]);
    const before = { ...known, policies: null, roles: ['Billing'] };
    expect(tellDifferences({ before, after: known })).toMatchObject([
      { kind: 'roles_changed', superAdministrator: 'gained' },
    ]);
  });

  test('that is told at last with the roles, which were not known either, is told', () => {
    const known = aWholeMembership({ roles: ['Super Administrator'], policies: [superPolicy] });
    expect(
      tellDifferences({ before: { ...known, roles: null, policies: null }, after: known }),
    ).toMatchObject([{ kind: 'policies_changed', superAdministrator: 'gained' }]);
  });

  test('other policies that are told at last are no difference', () => {
    const known = aWholeMembership({ policies: ['allow DNS on a', superPolicy.replace('allow', 'deny')] });
    expect(tellDifferences({ before: { ...known, policies: null }, after: known })).toEqual([]);
  });
});

describe('from one source to another', () => {
  const memberships = aWholeMembership({ policies: [superPolicy], roles: ['Billing'] });

  test('what one tells alone, and permissions, which they tell otherwise, are no change', () => {
    const organizations = asOrganization(memberships);
    expect(tellDifferences({ before: organizations, after: memberships }, across)).toEqual([]);
    expect(tellDifferences({ before: memberships, after: organizations }, back)).toEqual([]);
  });

  test.each([
    ['renamed', { organizationName: 'Acme Ltd' }],
    ['roles_changed', { roles: ['Billing', 'DNS'] }],
    ['left', null],
    ['invitation_replaced_membership', { status: 'invited' }],
  ])('%s is told all the same', (kind, given) => {
    const after = given === null ? null : { ...memberships, ...given };
    const told = tellDifferences({ before: asOrganization(memberships), after }, across);
    expect(told.map((one) => one.kind)).toEqual([kind]);
  });

  const superRole = ['Super Administrator'];
  test.each([
    { told: 'lost with the role', roles: superRole, given: { policies: [] }, step: 'lost' },
    { told: 'not lost, where a policy gives it', roles: superRole, given: {}, step: null },
    {
      told: 'gained with the role, though a policy may have given it',
      roles: ['Billing'],
      given: { roles: superRole },
      step: 'gained',
    },
  ])('Super Administrator is $told', ({ roles, given, step }) => {
    const before = asOrganization({ ...memberships, roles });
    const after = { ...memberships, ...given };
    expect(tellDifferences({ before, after }, across)).toMatchObject([
      { kind: 'roles_changed', superAdministrator: step },
    ]);
  });

  test('Super Administrator is not gained, where a policy that is not told any more gave it', () => {
    const after = asOrganization({ ...memberships, roles: ['Super Administrator'] });
    expect(tellDifferences({ before: memberships, after }, back)).toMatchObject([
      { kind: 'roles_changed', superAdministrator: null },
    ]);
  });
});

describe('a parent', () => {
  test('is known by its id, whatever it is called', () => {
    const named = parentText({ id: 'p1', name: 'Group (Holding)' });
    expect(named).toBe('Group (Holding) (p1)');
    expect(parentIdIn(named)).toBe('p1');
    expect(parentIdIn(parentText({ id: 'p1', name: null }))).toBe('p1');
    expect(parentIdIn(parentText(null))).toBe(noParent);
  });

  test.each([
    ['Group (p1)', 'Renamed (p1)', 0],
    ['Group (p1)', 'p1', 0],
    ['Group (p1)', 'Group (p2)', 1],
    [noParent, 'Group (p1)', 1],
    ['Group (p1)', null, 0],
  ])('from %s to %s: changes %i', (before, after, count) => {
    const told = tellDifferences({
      before: aWholeMembership({ parentOrganization: before }),
      after: aWholeMembership({ parentOrganization: after }),
    });
    expect(told.map(({ kind }) => kind)).toEqual(count === 0 ? [] : ['parent_changed']);
  });
});
