import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  membershipSchema,
  membershipsPageSchema,
  membershipsSource,
} from '../../../src/cloudflare/sources/memberships.ts';
import { createInterning } from '../../../src/domain/interning.ts';
import { type Membership } from '../../../src/domain/membership.ts';

const membershipId = '4536bcfad5faccb111b47003c79917fa';
const accountId = '01a7362d577a6c3019a474fd6f485823';

/** Resources that one may do nothing with. */
const none = { read: false, write: false };

/** As the API's documentation shows one, every field told. */
const whole = {
  id: membershipId,
  account: {
    id: accountId,
    name: 'Demo Account',
    type: 'enterprise',
    created_on: '2014-03-01T12:21:02.0000Z',
    managed_by: { parent_org_id: 'b97c1d8e', parent_org_name: 'Demo Parent' },
    settings: { enforce_twofactor: true, abuse_contact_email: null },
  },
  status: 'accepted',
  roles: ['Billing', 'Administrator'],
  permissions: { zones: { read: true, write: true }, waf: { read: true, write: false }, dns: none },
  policies: [
    {
      id: 'f267e341f3dd4697bd3b9f71dd96247f',
      access: 'allow',
      permission_groups: [
        { id: 'c8fed203', name: 'Zone' },
        { id: '6d7f2f5f', name: 'DNS' },
      ],
      resource_groups: [
        {
          id: '6d7f2f5f',
          name: 'Shops',
          scope: { key: 'account.1', objects: [{ key: 'zone.3' }, { key: 'zone.2' }] },
        },
        { id: '7d7f2f5f', scope: { key: 'account.1', objects: [{ key: '*' }] } },
      ],
    },
    {
      id: 'a267e341f3dd4697bd3b9f71dd96247f',
      access: 'deny',
      permission_groups: [{ id: 'd8fed203' }],
      resource_groups: [{ scope: { key: 'account.1', objects: [{ key: '*' }] } }],
    },
  ],
  api_access_enabled: true,
};

const first = 'allow DNS, Zone on Shops {account.1: zone.2, zone.3}, account.1';
const second = 'deny d8fed203 on account.1';

const read: Membership = {
  organizationId: accountId,
  organizationName: 'Demo Account',
  status: 'member',
  roles: ['Administrator', 'Billing'],
  permissions: ['#waf:read', '#zones:edit', '#zones:read'],
  membershipId,
  twoFactorEnforced: true,
  apiAccess: true,
  policies: ['allow DNS, Zone on Shops {account.1: zone.2, zone.3}, account.1', 'deny d8fed203 on account.1'],
  parentOrganization: 'Demo Parent (b97c1d8e)',
};

type Path = readonly string[];

/** The row with that at a path; `undefined` leaves the field out. */
function withAt(row: unknown, [head = '', ...rest]: Path, value: unknown): unknown {
  const entries = Object.entries(row as object) as [string, unknown][];
  const others = entries.filter(([field]) => field !== head);
  const inner = rest.length === 0 ? value : withAt((row as Record<string, unknown>)[head], rest, value);
  if (inner === undefined)
    return Array.isArray(row) ? others.map(([, item]) => item) : Object.fromEntries(others);
  if (Array.isArray(row))
    return (row as unknown[]).map((item, index) => (String(index) === head ? inner : item));
  return { ...(row as object), [head]: inner };
}

function at(path: string): Path {
  return path.split('.');
}

/** What is read of a page with this row alone: its membership, or where the answer is not as described. */
function readRow(row: unknown) {
  const parsed = membershipsSource.parse({ success: true, result: [row] }, createInterning());
  if (parsed instanceof z.ZodError) return { refusedAt: parsed.issues[0]?.path.slice(2).join('.') };
  return parsed.rows[0]?.membership;
}

function readListed(row: unknown) {
  const parsed = membershipsSource.parse({ success: true, result: [row] }, createInterning());
  return parsed instanceof z.ZodError ? undefined : parsed.rows[0];
}

const oddities: readonly (readonly [what: string, value: unknown])[] = [
  ['left out', undefined],
  ['null', null],
  ['a number', 7],
  ['a text', 'odd'],
  ['an object', { odd: 1 }],
  ['a list', [[]]],
  ['true', true],
];

/** What becomes of a field, by what stands there: `refused`, or what is read in place of the whole. */
type Outcome = 'refused' | Partial<Membership>;
type Expected = readonly [
  path: string,
  unknownFor: Partial<Membership>,
  costs: 'a night' | 'nothing',
  taken: Record<string, Partial<Membership>>,
];

const ids: readonly string[] = ['id', 'account', 'account.id'];
const permissionsUnknown = { permissions: null };
const policiesUnknown = { policies: null };

// prettier-ignore
const fields: readonly Expected[] = [
  // path                                        unknown as                         what is odd costs  as it should be
  ['status',                                     { status: null },                  'a night',  { 'a text': { status: 'odd' } }],
  ['roles',                                      { roles: null },                   'a night',  {}],
  ['roles.0',                                    { roles: null },                   'a night',  { 'left out': { roles: ['Administrator'] }, 'a text': { roles: ['Administrator', 'odd'] } }],
  ['permissions',                                permissionsUnknown,                'a night',  {}],
  ['permissions.zones',                          permissionsUnknown,                'a night',  {
    // What is left out is not granted; in an object that says nothing of it, too.
    'left out': { permissions: ['#waf:read'] }, 'an object': { permissions: ['#waf:read'] },
  }],
  ['permissions.zones.read',                     permissionsUnknown,                'a night',  { true: {}, 'left out': { permissions: ['#waf:read', '#zones:edit'] } }],
  ['permissions.zones.write',                    permissionsUnknown,                'a night',  { true: {}, 'left out': { permissions: ['#waf:read', '#zones:read'] } }],
  ['policies',                                   policiesUnknown,                   'a night',  {}],
  ['policies.0.access',                          policiesUnknown,                   'a night',  { 'a text': { policies: ['deny d8fed203 on account.1', 'odd DNS, Zone on Shops {account.1: zone.2, zone.3}, account.1'] } }],
  ['policies.0.permission_groups',               policiesUnknown,                   'a night',  {}],
  ['policies.1.permission_groups.0.id',          policiesUnknown,                   'a night',  { 'a text': { policies: [first, 'deny odd on account.1'] } }],
  ['policies.0.resource_groups',                 policiesUnknown,                   'a night',  {}],
  ['policies.0.resource_groups.0.scope',         policiesUnknown,                   'a night',  {
    'an object': policiesUnknown,
  }],
  ['policies.0.resource_groups.0.scope.key',     policiesUnknown,                   'a night',  { 'a text': { policies: ['allow DNS, Zone on Shops {odd: zone.2, zone.3}, account.1', 'deny d8fed203 on account.1'] } }],
  ['policies.0.resource_groups.0.scope.objects', policiesUnknown,                   'a night',  {}],
  ['policies.1.resource_groups.0.scope.objects.0.key', policiesUnknown,             'a night',  { 'a text': { policies: [first, 'deny d8fed203 on {account.1: odd}'] } }],
  ['policies.1', policiesUnknown, 'a night', { 'left out': { policies: [first] }, 'an object': policiesUnknown }],
  ['policies.0.permission_groups.1', policiesUnknown, 'a night', { 'left out': { policies: ['allow Zone on Shops {account.1: zone.2, zone.3}, account.1', second] }, 'an object': policiesUnknown }],
  ['policies.0.permission_groups.1.name', policiesUnknown, 'a night', {
    // One that has no name is told by its id.
    'left out': { policies: ['allow 6d7f2f5f, Zone on Shops {account.1: zone.2, zone.3}, account.1', second] },
    'a text': { policies: ['allow Zone, odd on Shops {account.1: zone.2, zone.3}, account.1', second] },
  }],
  ['policies.0.resource_groups.1', policiesUnknown, 'a night', { 'left out': { policies: ['allow DNS, Zone on Shops {account.1: zone.2, zone.3}', second] }, 'an object': policiesUnknown }],
  ['policies.0.resource_groups.0.name', policiesUnknown, 'a night', {
    'left out': { policies: ['allow DNS, Zone on account.1, {account.1: zone.2, zone.3}', second] },
    'a text': { policies: ['allow DNS, Zone on account.1, odd {account.1: zone.2, zone.3}', second] },
  }],
  ['policies.0.resource_groups.0.scope.objects.1', policiesUnknown, 'a night', { 'left out': { policies: ['allow DNS, Zone on Shops {account.1: zone.3}, account.1', second] }, 'an object': policiesUnknown }],
  ['api_access_enabled',                         { apiAccess: null },               'a night',  { true: {} }],
  ['account.name',                               { organizationName: null },        'nothing',  { 'a text': { organizationName: 'odd' } }],
  ['account.settings',                           { twoFactorEnforced: null },       'nothing',  {}],
  ['account.settings.enforce_twofactor',         { twoFactorEnforced: null },       'nothing',  { true: {} }],
  ['account.managed_by',                         { parentOrganization: null },      'nothing',  { 'an object': { parentOrganization: 'none' } }],
  ['account.managed_by.parent_org_id',           { parentOrganization: 'none' },    'nothing',  { 'a text': { parentOrganization: 'Demo Parent (odd)' } }],
  ['account.managed_by.parent_org_name',         { parentOrganization: 'b97c1d8e' }, 'nothing', { 'a text': { parentOrganization: 'odd (b97c1d8e)' } }],
  ['account.type',                               {},                                'nothing',  {}],
  ['account.created_on',                         {},                                'nothing',  {}],
  ['account.settings.abuse_contact_email',       {},                                'nothing',  {}],
];

function outcomeOf([, unknownFor, costs, taken]: Expected, what: string): Outcome {
  const asItShouldBe = taken[what];
  if (asItShouldBe !== undefined) return asItShouldBe;
  return what === 'left out' || what === 'null' || costs === 'nothing' ? unknownFor : 'refused';
}

describe('a membership', () => {
  it('is read whole', () => {
    expect(readRow(whole)).toEqual(read);
  });

  it.each(fields)(
    'of which %s is odd: what may be done there costs the night, all else is unknown',
    (...expected) => {
      const [path] = expected;
      const outcomes = oddities.map(([what, value]) => {
        const found = readRow(withAt(whole, at(path), value));
        return [what, found !== undefined && 'refusedAt' in found ? 'refused' : found];
      });
      const wanted = oddities.map(([what]) => {
        const outcome = outcomeOf(expected, what);
        return [what, outcome === 'refused' ? outcome : { ...read, ...outcome }];
      });
      expect(outcomes).toEqual(wanted);
    },
  );

  it.each(ids)('is none without its %s', (path) => {
    for (const [what, value] of oddities) {
      if (what === 'a text' && path !== 'account') continue;
      const found = readRow(withAt(whole, at(path), value));
      expect([what, found]).toEqual([
        what,
        { refusedAt: expect.stringMatching(new RegExp(`^${path}`)) as string },
      ]);
    }
    expect(readRow(withAt(whole, at(path), 'a b'))).toHaveProperty('refusedAt');
  });

  it.each([
    ['accepted', 'member'],
    ['pending', 'invited'],
    ['suspended', 'suspended'],
    ['Accepted', 'Accepted'],
    ['', ''],
    ['a\0b', 'a\u2400b'],
  ])('whose status is %j is %j', (told, status) => {
    expect(readRow({ ...whole, status: told })).toEqual({ ...read, status });
  });

  it('that was rejected is on no roll', () => {
    expect(readListed({ ...whole, status: 'rejected' })).toMatchObject({ isDeclined: true });
    expect(readListed({ ...whole, status: 'Rejected' })).toMatchObject({ isDeclined: false });
    expect(readRow({ ...whole, status: 'Rejected' })).toEqual({ ...read, status: 'Rejected' });
  });

  it.each([
    ['no roles', { roles: [] }, { roles: [] }],
    ['no permissions', { permissions: {} }, { permissions: [] }],
    ['nothing that may be done', { permissions: { zones: none } }, { permissions: [] }],
    ['no policies', { policies: [] }, { policies: [] }],
    ['roles twice', { roles: ['DNS', 'Billing', 'DNS'] }, { roles: ['Billing', 'DNS'] }],
    ['policies twice', { policies: [...whole.policies, ...whole.policies] }, {}],
    ['no API access', { api_access_enabled: false }, { apiAccess: false }],
  ])('of %s has just that', (_, told, expected) => {
    expect(readRow({ ...whole, ...told })).toEqual({ ...read, ...expected });
  });

  it.each([
    ['two factors are not asked', { settings: { enforce_twofactor: false } }, { twoFactorEnforced: false }],
    [
      'an empty parent is none',
      { managed_by: { parent_org_id: '', parent_org_name: '' } },
      { parentOrganization: 'none' },
    ],
    [
      'a name that cannot be stored is made storable',
      { name: 'a\0b\uD800' },
      { organizationName: 'a\u2400b\uFFFD' },
    ],
  ])('%s', (_, told, expected) => {
    expect(readRow({ ...whole, account: { ...whole.account, ...told } })).toEqual({ ...read, ...expected });
  });
});

describe('a policy', () => {
  it.each([
    ['policies', { policies: whole.policies.toReversed() }],
    [
      'groups',
      {
        policies: mapPolicies((policy) => ({
          ...policy,
          permission_groups: policy.permission_groups.toReversed(),
        })),
      },
    ],
    [
      'resources',
      {
        policies: mapPolicies((policy) => ({
          ...policy,
          resource_groups: policy.resource_groups.toReversed(),
        })),
      },
    ],
    [
      'objects',
      {
        policies: mapPolicies((policy) => ({
          ...policy,
          resource_groups: policy.resource_groups.map(turnObjects),
        })),
      },
    ],
    ['roles', { roles: whole.roles.toReversed() }],
    ['permissions', { permissions: Object.fromEntries(Object.entries(whole.permissions).toReversed()) }],
    ['fields', Object.fromEntries(Object.entries(whole).toReversed())],
  ])('says the same in whatever order of %s', (_, told) => {
    expect(readRow({ ...whole, ...told })).toEqual(read);
  });

  it('says another id of its own, of a named group or of a resource, and is the same', () => {
    const renumbered = JSON.parse(
      JSON.stringify(whole.policies, (key, value: unknown) =>
        key === 'id' && value !== 'd8fed203' ? 'another' : value,
      ),
    ) as unknown;
    expect(readRow({ ...whole, policies: renumbered })).toEqual(read);
  });
});

type WholePolicy = (typeof whole.policies)[number];

function mapPolicies(change: (policy: WholePolicy) => unknown) {
  return whole.policies.map(change);
}

function turnObjects({ scope, ...resource }: WholePolicy['resource_groups'][number]) {
  return { ...resource, scope: { ...scope, objects: scope.objects.toReversed() } };
}

describe('a page of the list', () => {
  const odd = fc.constantFrom<unknown>(null, undefined, 7, 'odd', {}, [], true);
  const most = (usual: fc.Arbitrary<unknown>) => fc.oneof({ arbitrary: usual, weight: 24 }, odd);
  const some = (fieldsOf: Record<string, fc.Arbitrary<unknown>>) =>
    fc.oneof(fc.record(fieldsOf), fc.record(fieldsOf, { requiredKeys: [] }));
  const text = fc.constantFrom('a', 'accepted', 'rejected', '', 'not an id', '0'.repeat(65));
  const listOf = (usual: fc.Arbitrary<unknown>) => most(fc.array(most(usual), { maxLength: 2 }));
  const flag = most(fc.boolean());
  const group = some({ id: most(text), name: most(text) });
  const scope = most(some({ key: most(text), objects: listOf(some({ key: most(text) })) }));
  const policy = some({
    id: most(text),
    access: most(text),
    permission_groups: listOf(group),
    resource_groups: listOf(some({ id: most(text), name: most(text), scope })),
  });
  const id = most(fc.constantFrom(membershipId, accountId, 'not an id'));
  const row = most(
    some({
      id,
      account: most(
        some({
          id,
          name: most(text),
          settings: most(some({ enforce_twofactor: flag })),
          managed_by: most(some({ parent_org_id: most(text), parent_org_name: most(text) })),
        }),
      ),
      status: most(text),
      roles: listOf(text),
      permissions: most(
        fc.dictionary(fc.constantFrom('zones', 'waf'), most(some({ read: flag, write: flag }))),
      ),
      policies: listOf(policy),
      api_access_enabled: flag,
    }),
  );

  it('is read as the schema of its rows reads each, with the same complaints', () => {
    const outcomes = new Set<boolean>();
    fc.assert(
      fc.property(fc.array(row, { maxLength: 2 }), (result) => {
        const page = membershipsPageSchema.safeParse({ success: true, result });
        const witness = z.object({ result: z.array(membershipSchema) }).safeParse({ result });
        if (result.length > 0) outcomes.add(witness.success);
        // Without what the schema does not know, which is left where nothing else is to be done, and never looked at.
        const read = page.data && z.array(membershipSchema).parse(page.data.result);
        expect(read).toEqual(witness.data?.result);
        expect(membershipsSource.parse({ success: true, result }, createInterning())).toEqual(
          witness.success
            ? membershipsSource.parse({ success: true, result: witness.data.result }, createInterning())
            : expect.any(z.ZodError),
        );
        expect(complaints(page.error)).toEqual(complaints(witness.error));
      }),
      { numRuns: 3_000, seed: 1 },
    );
    expect(outcomes).toEqual(new Set([true, false]));
  });
});

function complaints(error: z.ZodError | undefined) {
  return error?.issues.map(({ path, message }) => ({ path, message }));
}
