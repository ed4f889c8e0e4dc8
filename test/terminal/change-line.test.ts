import { expect, it } from 'vitest';
import { describeDetails } from '../../src/terminal/change-line.ts';
import { aChange } from '../report/builders.ts';

const nothing = { added: [], removed: [], offered: [], superAdministrator: null, returning: false };

it.each([
  ['two_factor_changed', 'true', 'false', 'enforced → not enforced'],
  ['two_factor_changed', 'false', 'true', 'not enforced → enforced'],
  ['api_access_changed', 'true', 'false', 'allowed → not allowed'],
  ['parent_changed', 'none', 'Acme Group (1)', 'none → Acme Group (1)'],
  ['renamed', null, 'Acme\u202E', 'unknown → Acme<U+202E>'],
] as const)('%s from %s to %s says from what to what', (...[kind, before, after, told]) => {
  expect(describeDetails(aChange(kind, { ...nothing, before, after }))).toBe(told);
});

it('policies say which came and which went', () => {
  const change = aChange('policies_changed', {
    ...nothing,
    before: 'allow DNS on a',
    after: 'allow Billing on a',
    removed: ['allow DNS on a'],
    added: ['allow Billing on a'],
  });
  expect(describeDetails(change)).toBe('−allow DNS on a, +allow Billing on a');
});
