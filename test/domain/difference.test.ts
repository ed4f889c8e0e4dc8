import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tellDifferences } from '../../src/domain/difference.ts';
import {
  fieldNames,
  type Membership,
  type MembershipField,
  membershipFields,
} from '../../src/domain/membership.ts';
import { aMembership, aWholeMembership } from '../support/nights.ts';
import { fieldsOf, steps, superAdministrator, write } from '../support/steps.ts';
import { parentIdIn } from '../../src/domain/parent-organization.ts';

function membershipOf(standing: string): Membership | null {
  const fields = fieldsOf(standing);
  return fields === null ? null : aMembership(fields);
}

describe('every step tells what the principal has, and what it is offered', () => {
  for (const [step, told] of Object.entries(steps)) {
    const [before = '', after = ''] = step.split(' > ');
    test(`${step}: ${told}`, () => {
      const pair = { before: membershipOf(before), after: membershipOf(after) };
      expect(tellDifferences(pair).map(write)).toEqual([told]);
    });
  }
});

test('one spelling of Super Administrator in place of another is neither gained nor lost', () => {
  const before = aMembership({ roles: [superAdministrator] });
  const after = aMembership({ roles: ['All Privileges - Super Administrator'] });

  expect(tellDifferences({ before, after })).toMatchObject([
    { kind: 'roles_changed', superAdministrator: null },
  ]);
});

test('an invitation whose permissions alone differ has changed', () => {
  const before = aMembership({ status: 'invited', permissions: ['#zones:read'] });
  const after = aMembership({ status: 'invited', permissions: ['#zones:edit'] });

  expect(tellDifferences({ before, after })).toMatchObject([
    { kind: 'invitation_changed', before: '#zones:read', after: '#zones:edit', added: [], removed: [] },
  ]);
});

test('permissions that come and go are told as such', () => {
  const before = aMembership({ permissions: ['#a', '#b'] });
  const after = aMembership({ permissions: ['#b', '#c'] });

  expect(tellDifferences({ before, after })).toMatchObject([
    { kind: 'permissions_changed', added: ['#c'], removed: ['#a'], offered: [] },
  ]);
});

test('what is said and was not known, or is not said any more, is no difference, but for a status at last', () => {
  const whole = aWholeMembership();
  for (const field of fieldNames) {
    const without = { ...whole, [field]: null };
    expect(tellDifferences({ before: whole, after: without })).toEqual([]);
    expect(tellDifferences({ before: without, after: whole })).toHaveLength(field === 'status' ? 1 : 0);
  }
});

test('whichever field differs, it is told', () => {
  const text = fc.string({ minLength: 1 });
  const set = fc.uniqueArray(text, { maxLength: 3 }).map((values) => values.sort());
  const valuesOf = { text, set, flag: fc.boolean() };
  for (const field of fieldNames) {
    const type = membershipFields[field];
    fc.assert(
      fc.property(valuesOf[type], valuesOf[type], (one, other) => {
        const before = { ...aWholeMembership(), [field]: one };
        const after = { ...aWholeMembership(), [field]: other };
        const isSame = JSON.stringify(one) === JSON.stringify(other) || isNotTold(field, one, other);
        expect(tellDifferences({ before, after })).toHaveLength(isSame ? 0 : 1);
      }),
    );
  }
});

/** A membership's own id is no difference to tell, nor is another name of the same parent. */
function isNotTold(field: MembershipField, one: unknown, other: unknown): boolean {
  if (field === 'parentOrganization') return parentIdIn(String(one)) === parentIdIn(String(other));
  return field === 'membershipId';
}
