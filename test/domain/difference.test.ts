import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Difference } from '../../src/domain/change.ts';
import { tellDifferences } from '../../src/domain/difference.ts';
import { fieldNames, type Membership } from '../../src/domain/membership.ts';
import { aMembership } from '../support/nights.ts';

const superAdministrator = 'Super Administrator - All Privileges';

type Standing = 'absent' | 'member' | 'invited' | 'suspended';

/** `member` has Billing, `member*` has Super Administrator besides. */
function membershipOf(standing: string): Membership | null {
  const status = standing.replace('*', '') as Standing;
  if (status === 'absent') return null;
  const roles = standing.endsWith('*') ? ['Billing', superAdministrator] : ['Billing'];
  return aMembership({ status, roles });
}

type Told = Pick<Difference, 'kind' | 'added' | 'removed' | 'offered' | 'superAdministrator'>;

/** `kind; +added; -removed; ?offered; step`: roles by their first letter. */
function write({ kind, added, removed, offered, superAdministrator: step }: Told): string {
  const letters = (roles: readonly string[]) => roles.map((role) => role.slice(0, 1)).join('');
  return [kind, `+${letters(added)}`, `-${letters(removed)}`, `?${letters(offered)}`, step ?? '']
    .join(' ')
    .trim();
}

/** Every step between absent, invited, member and a status that this version does not know, with the role and without. */
const steps: Record<string, string> = {
  'absent > member': 'joined +B - ?',
  'absent > member*': 'joined +BS - ? gained',
  'absent > invited': 'invited + - ?B',
  'absent > invited*': 'invited + - ?BS offered',
  'absent > suspended': 'status_changed + - ?',
  'absent > suspended*': 'status_changed + - ?',
  'member > absent': 'left + -B ?',
  'member* > absent': 'left + -BS ? lost',
  'invited > absent': 'invitation_gone + - ?B',
  'invited* > absent': 'invitation_gone + - ?BS offer_gone',
  'suspended > absent': 'status_changed + - ?',
  'suspended* > absent': 'status_changed + - ?',
  'invited > member': 'invitation_accepted +B - ?B',
  'invited > member*': 'invitation_accepted +BS - ?B gained',
  'invited* > member': 'invitation_accepted +B - ?BS',
  'invited* > member*': 'invitation_accepted +BS - ?BS gained',
  'member > invited': 'invitation_replaced_membership + -B ?B',
  'member > invited*': 'invitation_replaced_membership + -B ?BS offered',
  'member* > invited': 'invitation_replaced_membership + -BS ?B lost',
  'member* > invited*': 'invitation_replaced_membership + -BS ?BS lost',
  'member > suspended': 'status_changed + -B ?',
  'member > suspended*': 'status_changed + -B ?',
  'member* > suspended': 'status_changed + -BS ? lost',
  'member* > suspended*': 'status_changed + -BS ? lost',
  'suspended > member': 'status_changed +B - ?',
  'suspended > member*': 'status_changed +BS - ? gained',
  'suspended* > member': 'status_changed +B - ?',
  'suspended* > member*': 'status_changed +BS - ? gained',
  'invited > suspended': 'status_changed + - ?B',
  'invited > suspended*': 'status_changed + - ?B',
  'invited* > suspended': 'status_changed + - ?BS offer_gone',
  'invited* > suspended*': 'status_changed + - ?BS offer_gone',
  'suspended > invited': 'status_changed + - ?B',
  'suspended > invited*': 'status_changed + - ?BS offered',
  'suspended* > invited': 'status_changed + - ?B',
  'suspended* > invited*': 'status_changed + - ?BS offered',
  'member > member*': 'roles_changed +S - ? gained',
  'member* > member': 'roles_changed + -S ? lost',
  'invited > invited*': 'invitation_changed + - ?BS offered',
  'invited* > invited': 'invitation_changed + - ?B offer_gone',
  'suspended > suspended*': 'roles_changed + - ?',
  'suspended* > suspended': 'roles_changed + - ?',
};

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
  const whole = aMembership();
  for (const field of fieldNames) {
    const without = { ...whole, [field]: null };
    expect(tellDifferences({ before: whole, after: without })).toEqual([]);
    expect(tellDifferences({ before: without, after: whole })).toHaveLength(field === 'status' ? 1 : 0);
  }
});

test('whichever field differs, it is told', () => {
  const text = fc.string({ minLength: 1 });
  const set = fc.uniqueArray(text, { maxLength: 3 }).map((values) => values.sort());
  const values = { organizationName: text, status: text, roles: set, permissions: set };
  for (const field of fieldNames) {
    fc.assert(
      fc.property(values[field], values[field], (one, other) => {
        const before = { ...aMembership(), [field]: one };
        const after = { ...aMembership(), [field]: other };
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        expect(tellDifferences({ before, after })).toHaveLength(isSame ? 0 : 1);
      }),
    );
  }
});
