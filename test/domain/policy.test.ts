import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { groupsAllowedBy, type Policy, policyLine } from '../../src/domain/policy.ts';

const key = 'com.cloudflare.api.account.1';

function aPolicy(given: Partial<Policy> = {}): Policy {
  return { access: 'allow', groups: ['DNS'], resources: [{ name: '', key, objects: ['*'] }], ...given };
}

describe('a line says', () => {
  it.each<[string, Partial<Policy>]>([
    [`allow DNS on ${key}`, {}],
    [`deny Billing, DNS on ${key}`, { access: 'deny', groups: ['DNS', 'Billing'] }],
    [
      `allow DNS on {${key}: zone.2, zone.3}`,
      { resources: [{ name: '', key, objects: ['zone.3', 'zone.2'] }] },
    ],
    [`allow DNS on Shops {${key}}`, { resources: [{ name: 'Shops', key, objects: ['*'] }] }],
    [`allow DNS on Shops {${key}: zone.2}`, { resources: [{ name: 'Shops', key, objects: ['zone.2'] }] }],
    [`allow DNS on ${key}`, { resources: [{ name: key, key, objects: ['*'] }] }],
    [`allow DNS on {${key}: nothing}`, { resources: [{ name: '', key, objects: [] }] }],
    [`allow nothing on nothing`, { groups: [], resources: [] }],
    [`allow "nothing" on ${key}`, { groups: ['nothing'] }],
    [`allow "Zone\\u002c DNS" on ${key}`, { groups: ['Zone, DNS'] }],
    [`allow "Read o\\u006e all o\\u006e on" on ${key}`, { groups: ['Read on all on on'] }],
  ])('%s', (line, given) => {
    expect(policyLine(aPolicy(given))).toBe(line);
  });
});

const name = fc.oneof(
  fc.constantFrom(
    'DNS',
    'A',
    'A: DNS',
    'nothing',
    '',
    ' on ',
    'a on b',
    'a, b',
    '"',
    '\\',
    ';',
    '{',
    '}',
    'Super Administrator',
  ),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
);
const names = fc.array(name, { maxLength: 3 });
const policy = fc.record<Policy>({
  access: fc.constantFrom('allow', 'deny'),
  groups: names,
  resources: fc.array(fc.record({ name, key: name, objects: names }), { maxLength: 2 }),
});

test('whatever strangers call them, the groups that are allowed are read back, and those that are denied are not', () => {
  fc.assert(
    fc.property(policy, (told) => {
      const groups = [...new Set(told.groups)];
      const read = groupsAllowedBy(policyLine(told));
      expect(new Set(read)).toEqual(new Set(told.access === 'allow' ? groups : []));
    }),
    { numRuns: 3_000 },
  );
});

test('two policies have one line when they say the same, in whatever order, and only then', () => {
  const isSameSet = (left: readonly string[], right: readonly string[]) =>
    JSON.stringify([...new Set(left)].sort()) === JSON.stringify([...new Set(right)].sort());
  // What a resource is called does not count where that is its key.
  const spelled = ({ resources }: Policy) =>
    resources.map((one) => {
      const { name, key, objects } = one;
      const all = objects.length === 1 && objects[0] === '*';
      return JSON.stringify([name === key ? '' : name, key, all ? '*' : [...new Set(objects)].sort()]);
    });
  fc.assert(
    fc.property(policy, policy, (one, other) => {
      const isSame =
        one.access === other.access &&
        isSameSet(one.groups, other.groups) &&
        isSameSet(spelled(one), spelled(other));
      expect(policyLine(one) === policyLine(other)).toBe(isSame);
    }),
    { numRuns: 3_000 },
  );
});

test('a line holds nothing that stands between lines', () => {
  fc.assert(
    fc.property(policy, (told) => {
      expect(policyLine(told)).not.toContain(';');
    }),
  );
});
