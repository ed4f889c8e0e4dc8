import { describe, expect, it } from 'vitest';
import {
  compareSources,
  countKnownBesides,
  foreseeChangingOver,
  type SourceRoll,
} from '../../src/domain/changing-over.ts';
import { type Membership, nothingKnown } from '../../src/domain/membership.ts';
import { noParent } from '../../src/domain/parent-organization.ts';

const thresholds = { removals: 10, share: 0.25 };

function membership(id: string, fields: Partial<Membership> = {}): Membership {
  return {
    ...nothingKnown,
    organizationId: id,
    organizationName: `Name of ${id}`,
    status: 'member',
    roles: ['Administrator'],
    ...fields,
  };
}

function rollOf(memberships: readonly Membership[], ...declined: string[]): SourceRoll {
  return {
    memberships,
    declined: declined.map((organizationId) => ({ membershipId: `m-${organizationId}`, organizationId })),
  };
}

const [a, b] = [membership('a'), membership('b', { status: 'invited' })];

describe('two sources', () => {
  const cases: [what: string, organizations: SourceRoll, memberships: SourceRoll, told: unknown[]][] = [
    ['that list the same', rollOf([a, b]), rollOf([b, a]), []],
    ['that list nothing', rollOf([]), rollOf([]), []],
    ['of which one lists more', rollOf([a, b]), rollOf([a]), [['b', 'presence', 'invited', 'absent']]],
    ['of which the other does', rollOf([]), rollOf([a]), [['a', 'presence', 'absent', 'member']]],
    [
      'of which one has an invitation that the other has as declined',
      rollOf([a, b]),
      rollOf([a], 'b'),
      [['b', 'presence', 'invited', 'rejected']],
    ],
    [
      'of which one lists what was declined',
      rollOf([a]),
      rollOf([a], 'b'),
      [['b', 'declined', 'absent', 'rejected']],
    ],
    [
      'that call a status otherwise',
      rollOf([a]),
      rollOf([membership('a', { status: 'suspended' })]),
      [['a', 'status', 'member', 'suspended']],
    ],
    [
      'that name one otherwise, and give it other roles',
      rollOf([a]),
      rollOf([membership('a', { organizationName: 'Other', roles: ['Administrator', 'Billing'] })]),
      [
        ['a', 'name', 'Name of a', 'Other'],
        ['a', 'roles', ['Administrator'], ['Administrator', 'Billing']],
      ],
    ],
    [
      'whose roles read alike when joined',
      rollOf([membership('a', { roles: ['x', 'y'] })]),
      rollOf([membership('a', { roles: ['x,y'] })]),
      [['a', 'roles', ['x', 'y'], ['x,y']]],
    ],
    [
      'of which one leaves out what the other tells',
      rollOf([membership('a', { organizationName: null, roles: null }), membership('b', { status: null })]),
      rollOf([a, membership('b', { permissions: ['#zones:read'], policies: ['allow x on y'] })]),
      [],
    ],
  ];

  it.each(cases)('%s', (...[, organizations, memberships, told]) => {
    const { differences } = compareSources({ organizations, memberships });
    expect(
      differences.map((one) => [
        one.organizationId,
        one.differsIn,
        one.told.organizations,
        one.told.memberships,
      ]),
    ).toEqual(told);
  });

  it('have so many organizations in both', () => {
    expect(compareSources({ organizations: rollOf([a, b]), memberships: rollOf([b], 'a') }).inBoth).toBe(1);
  });
});

describe('changing over', () => {
  it('reports what the first night would, from where the roll is read now', () => {
    const rolls = {
      organizations: rollOf([
        a,
        b,
        membership('c'),
        membership('d', { roles: null, permissions: ['#x:read'] }),
      ]),
      memberships: rollOf(
        [
          membership('a', { status: 'invited' }),
          membership('c', {
            roles: ['Super Administrator'],
            policies: ['allow x on y'],
            organizationName: null,
          }),
          membership('d', { status: null, permissions: ['#zones:edit'] }),
          membership('e'),
        ],
        'b',
      ),
    };
    const there = foreseeChangingOver(rolls, 'organizations', thresholds);
    expect(there.to).toBe('memberships');
    expect(
      there.changes.map((one) => [one.organizationId, one.kind, one.superAdministrator, one.goneBecause]),
    ).toEqual([
      ['a', 'invitation_replaced_membership', null, null],
      ['b', 'invitation_gone', null, 'declined'],
      ['c', 'roles_changed', 'gained', null],
      ['e', 'joined', null, null],
    ]);
    const back = foreseeChangingOver(rolls, 'memberships', thresholds);
    expect(back.to).toBe('organizations');
    expect(back.changes.map(({ organizationId, kind }) => [organizationId, kind])).toEqual([
      ['a', 'invitation_accepted'],
      ['b', 'invited'],
      ['c', 'roles_changed'],
      ['d', 'status_changed'],
      ['e', 'left'],
    ]);
  });

  it('takes what the other leaves out for as it is known, so that roles are told as gained', () => {
    const memberships = rollOf([
      membership('a', { status: null, roles: ['Administrator', 'Super Administrator'] }),
    ]);
    const { changes } = foreseeChangingOver(
      { organizations: rollOf([a]), memberships },
      'organizations',
      thresholds,
    );
    expect(changes).toMatchObject([
      { kind: 'roles_changed', added: ['Super Administrator'], superAdministrator: 'gained' },
    ]);
  });

  const many = Array.from({ length: 20 }, (_, index) => membership(`x${index}`));

  it.each([
    ['all ids', 20, null],
    ['nine tenths of the ids', 18, null],
    ['fewer than nine tenths', 17, 'only 17'],
    ['none', 0, 'only 0'],
  ])('is held where fewer than nine tenths of the ids match: %s', (_, kept, held) => {
    const rolls = { organizations: rollOf(many), memberships: rollOf(many.slice(0, kept)) };
    const { heldBecause, changes } = foreseeChangingOver(rolls, 'organizations', thresholds);
    expect(changes).toHaveLength(20 - kept);
    if (held === null) expect(heldBecause).toBeNull();
    else expect(heldBecause).toContain(held);
    // The other way the baseline is found whole.
    expect(foreseeChangingOver(rolls, 'memberships', thresholds).heldBecause).toBeNull();
  });
});

it('what is known besides counts what is there, and not what is unknown or none', () => {
  const memberships = [
    membership('a', {
      policies: [],
      twoFactorEnforced: false,
      apiAccess: false,
      parentOrganization: noParent,
    }),
    membership('b', {
      policies: ['allow x on y'],
      twoFactorEnforced: true,
      apiAccess: true,
      parentOrganization: 'P (p)',
    }),
    membership('c', { twoFactorEnforced: true }),
  ];
  expect(countKnownBesides({ memberships })).toEqual({
    memberships: 3,
    policies: 1,
    twoFactorEnforced: 2,
    apiAccess: 1,
    parentOrganization: 1,
  });
});
