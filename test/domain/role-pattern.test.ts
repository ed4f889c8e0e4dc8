import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRoleMatcher } from '../../src/domain/role-pattern.ts';

test.each([
  ['Administrator', 'Administrator', true],
  ['administrator', 'ADMINISTRATOR', true],
  ['Administrator', 'Administrator Read Only', false],
  ['*Administrator*', 'Administrator Read Only', true],
  ['*Administrator*', 'Zone Administrators', true],
  ['*', 'Billing', true],
  ['D?S', 'DNS', true],
  ['D?S', 'DS', false],
  ['D?S', 'DNNS', false],
  ['?illing', 'Billing', true],
  ['B*g', 'Billing', true],
  ['B*g', 'Billings', false],
  ['*a*b*', 'xxaxxbxx', true],
  ['*a*b*', 'xxbxxaxx', false],
  ['ÜBER*', 'über alles', true],
  ['café*', 'CAFE\u0301 owner', true],
  ['a?c', 'a🐦c', true],
])('%s means %s: %s', (pattern, role, isMeant) => {
  expect(createRoleMatcher([pattern])(role)).toBe(isMeant);
});

test.each(['B.lling', '[B]illing', '(Billing|DNS)', '^Billing$', '\\w+', 'B{1}illing', '%', '_illing'])(
  'no sign but * and ? stands for another: %s',
  (pattern) => {
    expect(createRoleMatcher([pattern])('Billing')).toBe(false);
    expect(createRoleMatcher([pattern])(pattern)).toBe(true);
  },
);

test.each(['super administrator', 'All Privileges*', '*- All Privileges'])(
  'Super Administrator is meant by any of its spellings: %s',
  (pattern) => {
    const isMeant = createRoleMatcher([pattern]);
    expect(isMeant('Super Administrator - All Privileges')).toBe(true);
    expect(isMeant('All Privileges - Super Administrator')).toBe(true);
    expect(isMeant('Super Administrator')).toBe(true);
    expect(isMeant('Administrator')).toBe(false);
  },
);

test('a role is meant when one of several patterns means it', () => {
  const isMeant = createRoleMatcher(['DNS', 'Bill*']);
  expect(['DNS', 'Billing', 'Firewall'].map(isMeant)).toEqual([true, true, false]);
});

test('patterns mean what they would as regular expressions', () => {
  const signs = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 10 });
  fc.assert(
    fc.property(signs, letters, (pattern, role) => {
      const source = pattern.replaceAll('*', '.*').replaceAll('?', '.');
      expect(createRoleMatcher([pattern])(role)).toBe(new RegExp(`^${source}$`).test(role));
    }),
    { numRuns: 2_000 },
  );
});

test('a pattern that is made to take for ever takes no time', () => {
  const isMeant = createRoleMatcher([`${'*a'.repeat(100)}*b`]);
  expect(isMeant('a'.repeat(2_000))).toBe(false);
});
