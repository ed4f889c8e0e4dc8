import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { superAdministratorSteps } from '../../src/domain/access.ts';
import { categories, type Change, changeKinds, kinds } from '../../src/domain/change.ts';
import {
  type Audience,
  planDigests,
  planHeldReports,
  planQuietReports,
  planRecipientsOf,
  planReports,
  type ReportGroup,
  topics,
} from '../../src/report/audience.ts';
import { kindsIn, wholeScope } from '../../src/report/scope.ts';
import { aChange, aFirstRun, aRun } from './builders.ts';

const left = aChange('left', { id: 1, removed: ['Administrator', 'Billing'] });
const invited = aChange('invited', { id: 2, offered: ['Super Administrator'] });
const changed = aChange('roles_changed', { id: 3, added: ['DNS'] });
const renamed = aChange('renamed', { id: 4 });
const permitted = aChange('permissions_changed', { id: 5, added: ['Administrator'] });
const all = [left, invited, changed, renamed, permitted];

const [a, b] = [{ to: ['a@example.com'] }, { to: ['b@example.com'] }];

/** Who gets the changes of which ids. */
function idsOf(groups: readonly ReportGroup[]): Record<string, (number | null)[]> {
  return Object.fromEntries(
    groups.flatMap(({ recipients, changes }) =>
      recipients.map(({ name }) => [name, changes.map(({ id }) => id)]),
    ),
  );
}

function namesOf(recipients: readonly { name: string }[]): string[] {
  return recipients.map(({ name }) => name);
}

describe('changes', () => {
  test('of recipients without filters make one report of everything', () => {
    const groups = planReports(aRun(), [left, invited], [{ to: ['a@example.com', 'b@example.com'] }]);
    expect(groups).toEqual([
      {
        recipients: [
          { carrier: 'mail', name: 'a@example.com', withFile: true },
          { carrier: 'mail', name: 'b@example.com', withFile: true },
        ],
        scope: wholeScope,
        changes: [left, invited],
      },
    ]);
  });

  test.each<[string, Omit<Audience, 'to'>, number[]]>([
    ['of its principal', { principals: ['ops-bot'] }, [1, 2, 3, 4, 5]],
    ['of other principals', { principals: ['legacy'] }, []],
    ['of a category', { categories: ['invitation'] }, [2]],
    ['of kinds', { kinds: ['renamed', 'left'] }, [1, 4]],
    ['of kinds that are of no such category', { kinds: ['left'], categories: ['invitation'] }, []],
    ['of a role that was removed', { roles: ['billing'] }, [1]],
    ['of a role that was added', { roles: ['D?S'] }, [3]],
    ['of a role that is offered, in another spelling', { roles: ['All Privileges*'] }, [2]],
    ['of any role, which a name and permissions are not', { roles: ['*'] }, [1, 2, 3]],
    ['of roles and kinds both', { roles: ['*Administrator'], kinds: ['invited'] }, [2]],
    ['of a role that nobody has', { roles: ['Firewall'] }, []],
    ['of trouble alone', { about: ['trouble', 'digest', 'quiet'] }, []],
    ['of changes and more', { about: ['quiet', 'changes'], kinds: ['left'] }, [1]],
  ])('a route gets those %s', (_, route, ids) => {
    const groups = planReports(aRun(), all, [{ ...a, ...route }]);
    expect(idsOf(groups)).toEqual(ids.length === 0 ? {} : { 'a@example.com': ids });
  });

  test('come by every route that matches, taken together, to each recipient once', () => {
    const groups = planReports(aRun(), all, [
      { ...a, categories: ['invitation'] },
      { ...b, categories: ['invitation'] },
      { to: ['A@Example.com '], principals: ['ops-bot'], kinds: ['left'], roles: ['Billing'] },
      { ...a, principals: ['legacy'] },
    ]);
    expect(idsOf(groups)).toEqual({ 'a@example.com': [1, 2], 'b@example.com': [2] });
    expect(groups).toHaveLength(2);
  });

  test('go to an address in its first spelling, whatever route it stands in', () => {
    const audiences: Audience[] = [
      { to: ['Ops@example.com'], about: ['trouble'] },
      { to: ['ops@EXAMPLE.com', ' ops@example.com'], about: ['changes'] },
    ];
    expect(idsOf(planReports(aRun(), [left], audiences))).toEqual({ 'Ops@example.com': [1] });
  });

  test.each<[string, Omit<Audience, 'to'>, Omit<Audience, 'to'>]>([
    ['the order', { categories: ['invitation', 'membership'] }, { categories: ['membership', 'invitation'] }],
    ['repetition', { kinds: ['left', 'joined', 'left'] }, { kinds: ['joined', 'left'] }],
    ['the order of roles', { roles: ['DNS', 'Billing'] }, { roles: ['Billing', 'DNS'] }],
    ['saying all', { categories: ['invitation', 'membership'] }, {}],
  ])('%s of what is configured makes no second report', (_, one, other) => {
    const groups = planReports(aRun(), all, [
      { ...a, ...one },
      { ...b, ...other },
    ]);
    expect(groups).toHaveLength(1);
  });

  test('go with their file, unless each route that brings them has it otherwise', () => {
    const groups = planReports(aRun(), all, [
      { ...a, csv: false },
      { ...b, csv: false },
      { ...b, kinds: ['left'] },
      { ...a, about: ['trouble'], csv: true },
    ]);
    expect(groups.flatMap(({ recipients }) => recipients)).toEqual([
      { carrier: 'mail', name: 'a@example.com', withFile: false },
      { carrier: 'mail', name: 'b@example.com', withFile: true },
    ]);
  });

  test('go to a webhook too, once, by its own name', () => {
    const hook = { to: [], webhook: { name: 'webhook:0123456789ab' } };
    const [group, ...others] = planReports(aRun(), all, [hook, { ...hook, kinds: ['left'] }, a]);
    expect(others).toEqual([]);
    expect(group?.recipients).toEqual([
      { carrier: 'webhook', name: 'webhook:0123456789ab', withFile: false },
      { carrier: 'mail', name: 'a@example.com', withFile: true },
    ]);
  });

  const on = 'on com.cloudflare.api.account.1';
  const superLine = `allow Super Administrator - All Privileges ${on}`;

  test.each<[string, Partial<Change>, readonly string[]]>([
    ['a policy that came', { added: [`allow DNS, Zone ${on}`] }, ['*', 'dns', 'Zon?']],
    ['one that went', { removed: [`allow Billing ${on}`] }, ['*', 'bill*']],
    ['one that denies', { added: [`deny Billing ${on}`] }, ['*', 'bill*']],
    ['a name in quotes', { added: [`allow "Billing\\u002c Admin" ${on}`] }, ['*', 'billing, admin', 'bill*']],
    [
      'Super Administrator by a policy',
      { added: [superLine], superAdministrator: 'gained' },
      ['*', '*Super Administrator*', 'all privileges - super*'],
    ],
    [
      'one that went and was the last',
      { removed: [superLine], superAdministrator: 'lost' },
      ['*', '*Super Administrator*', 'all privileges - super*'],
    ],
  ])('of policies pass by their groups of permissions: %s', (_what, given, meant) => {
    const patterns = ['*', 'dns', 'Zon?', 'bill*', 'billing, admin', '*Super Administrator*'];
    const change = aChange('policies_changed', given);
    for (const pattern of [...patterns, 'all privileges - super*', 'allow*', '*account*']) {
      const groups = planReports(aRun(), [change], [{ ...a, roles: [pattern] }]);
      expect(groups.length, pattern).toBe(meant.includes(pattern) ? 1 : 0);
    }
  });

  test.each(['joined', 'left', 'invited', 'invitation_gone', 'invitation_accepted'] as const)(
    'by which Super Administrator came or went by a policy pass as that role does: %s',
    (kind) => {
      for (const superAdministrator of superAdministratorSteps) {
        const change = aChange(kind, { added: ['Billing'], superAdministrator });
        const passes = (pattern: string) =>
          planReports(aRun(), [change], [{ ...a, roles: [pattern] }]).length > 0;
        expect(['*super administrator*', 'Super Administrator', 'DNS'].map(passes)).toEqual([
          true,
          true,
          false,
        ]);
        expect(
          planReports(aRun(), [{ ...change, superAdministrator: null }], [{ ...a, roles: ['*super*'] }]),
        ).toEqual([]);
      }
    },
  );

  test.each(['two_factor_changed', 'api_access_changed', 'parent_changed'] as const)(
    'of no role pass no pattern, and their kind: %s',
    (kind) => {
      const change = aChange(kind, { before: 'true', after: 'false' });
      expect(planReports(aRun(), [change], [{ ...a, roles: ['*'] }])).toEqual([]);
      expect(planReports(aRun(), [change], [{ ...a, kinds: [kind] }])).toHaveLength(1);
    },
  );

  test('that are none are a report to nobody', () => {
    expect(planReports(aRun(), [], [a])).toEqual([]);
  });
});

describe('a baseline', () => {
  test('is told to those who would get every change, and to no outsider', () => {
    const groups = planReports(
      aFirstRun(),
      [],
      [
        { to: ['outsider@example.com'], categories: ['invitation'] },
        { to: ['kind@example.com'], kinds: ['left'], about: ['changes', 'trouble'] },
        { to: ['role@example.com'], roles: ['*'] },
        { to: ['trouble@example.com'], about: ['trouble'] },
        { to: ['both@example.com'], categories: ['membership'] },
        { to: ['c@example.com'], principals: ['legacy'] },
        { ...a, principals: ['ops-bot'] },
        { to: ['both@example.com'], categories: ['invitation'] },
      ],
    );
    expect(groups.map(({ recipients }) => namesOf(recipients))).toEqual([
      ['both@example.com', 'a@example.com'],
    ]);
    expect(groups[0]?.changes).toEqual([]);
  });

  test('without readers is a report to nobody', () => {
    expect(planReports(aFirstRun(), [], [])).toEqual([]);
  });
});

describe('trouble', () => {
  const audiences: Audience[] = [
    a,
    { to: ['outsider@example.com'], categories: ['invitation'] },
    { to: ['on-call@example.com'], about: ['trouble'] },
    { to: ['both@example.com'], kinds: ['left'], about: ['trouble', 'changes'] },
    { to: ['legacy@example.com'], principals: ['legacy'] },
    { to: ['digest@example.com'], about: ['digest'] },
  ];

  test('is told to those who hear of all, or ask for it, and to no outsider', () => {
    expect(namesOf(planRecipientsOf('trouble', 'ops-bot', audiences))).toEqual([
      'a@example.com',
      'on-call@example.com',
      'both@example.com',
    ]);
  });

  test('tells of a held run what their routes let pass, also where that is nothing', () => {
    expect(idsOf(planHeldReports('ops-bot', [left, invited], audiences))).toEqual({
      'a@example.com': [1, 2],
      'on-call@example.com': [1, 2],
      'both@example.com': [1],
    });
    expect(idsOf(planHeldReports('ops-bot', [invited], audiences))).toMatchObject({ 'both@example.com': [] });
  });
});

describe('a quiet night', () => {
  const audiences: Audience[] = [
    a,
    { ...b, about: ['quiet'] },
    { to: ['kind@example.com'], kinds: ['left'], about: ['changes', 'quiet'] },
    { to: ['two@example.com'], kinds: ['left'], about: ['quiet'] },
    { to: ['two@example.com'], kinds: ['renamed'] },
    { to: ['legacy@example.com'], principals: ['legacy'], about: ['quiet'] },
  ];
  const toldOn = (changes: readonly Change[]) =>
    planQuietReports(aRun(), changes, audiences)
      .flatMap(({ recipients }) => namesOf(recipients))
      .toSorted();

  test('is told to those alone who ask for it', () => {
    expect(toldOn([])).toEqual(['b@example.com', 'kind@example.com', 'two@example.com']);
    expect(planQuietReports(aRun(), [], [a])).toEqual([]);
  });

  test('is one in which nothing has changed that its reader would hear of', () => {
    // Of what left it is not told: that it was quiet about `renamed` is true for it.
    expect(toldOn([left])).toEqual(['two@example.com']);
    expect(toldOn([invited])).toEqual(['kind@example.com', 'two@example.com']);
    expect(toldOn([renamed])).toEqual(['kind@example.com']);
  });

  test('is told to whoever gets some changes, and none of these, and asks for every quiet night', () => {
    const routes: Audience[] = [
      { to: ['c@example.com'], kinds: ['left'] },
      { to: ['c@example.com'], about: ['quiet'] },
    ];
    const toldBy = (changes: readonly Change[]) => [
      planReports(aRun(), changes, routes).length,
      planQuietReports(aRun(), changes, routes).length,
    ];
    expect(toldBy([renamed])).toEqual([0, 1]);
    expect(toldBy([left])).toEqual([1, 0]);
  });

  test('is not the first one', () => {
    expect(planQuietReports(aFirstRun(), [], audiences)).toEqual([]);
  });
});

describe('the digest', () => {
  test('is one for those who hear the same of the same principals', () => {
    const groups = planDigests(
      ['legacy', 'ops-bot'],
      [
        a,
        { to: ['outsider@example.com'], categories: ['invitation'] },
        { to: ['asked@example.com'], categories: ['invitation'], about: ['digest'], principals: ['ops-bot'] },
        { ...b, about: ['digest'] },
        { to: ['trouble@example.com'], about: ['trouble', 'changes', 'quiet'] },
      ],
    );
    expect(
      groups.map(({ recipients, scopes }) => [namesOf(recipients), [...scopes].map(([name]) => name)]),
    ).toEqual([
      [
        ['a@example.com', 'b@example.com'],
        ['legacy', 'ops-bot'],
      ],
      [['asked@example.com'], ['ops-bot']],
    ]);
    expect(kindsIn(groups[1]?.scopes.get('ops-bot') ?? wholeScope).map((kind) => kinds[kind])).not.toContain(
      'membership',
    );
  });
});

test.each<[string, Audience[], boolean]>([
  ['a route that narrows nothing', [a], true],
  ['routes that together narrow nothing', [{ ...a, about: ['digest'], kinds: ['left'] }, a], true],
  ['a route of some principals, be they all', [{ ...a, principals: ['ops-bot', 'legacy'] }], false],
  ['a route of some changes', [{ ...a, about: ['digest'], categories: ['invitation'] }], false],
  [
    'routes of which none is of all principals and changes both',
    [
      { ...a, principals: ['ops-bot', 'legacy'] },
      { ...a, about: ['digest'], kinds: ['left'] },
    ],
    false,
  ],
  [
    'a route of all, about something else',
    [
      { ...a, about: ['changes'] },
      { ...a, principals: ['legacy'] },
    ],
    false,
  ],
])('the digest tells what is of no principal: %s: %s', (_, audiences, hearsAll) => {
  const groups = planDigests(['ops-bot', 'legacy'], audiences);
  expect(groups.map((group) => group.hearsAll)).toEqual([hearsAll]);
});

describe('whatever is configured', () => {
  const addresses = ['a@example.com', 'B@example.com', 'b@Example.com', 'c@example.com'];
  const roleNames = ['Administrator', 'Administrator Read Only', 'Billing', 'Super Administrator'];
  const principals = ['ops-bot', 'legacy'];
  const some = <T>(values: readonly T[]) =>
    fc.option(fc.subarray([...values], { minLength: 1 }), { nil: undefined });
  const route = fc.record({
    to: fc.subarray(addresses, { minLength: 1 }),
    principals: some(principals),
    categories: some(categories),
    kinds: some(changeKinds),
    roles: some(['admin*', '*READ*', 'billing', 'all privileges - super*', 'B?lling', '*', 'nobody']),
    about: some(topics),
  });
  const roles = fc.subarray(roleNames);
  const ofNoRole = ['permissions_changed', 'two_factor_changed', 'api_access_changed', 'parent_changed'];
  const change = fc
    .record({ kind: fc.constantFrom(...changeKinds), added: roles, removed: roles, offered: roles })
    .map(({ kind, ...given }) =>
      aChange(
        kind,
        kind === 'renamed'
          ? {}
          : kind === 'policies_changed'
            ? { added: given.added.map((role) => `allow ${role} on account`) }
            : ofNoRole.includes(kind)
              ? { added: given.added }
              : given,
      ),
    );

  /** By hand, of the names above: what each pattern means. */
  const meant: Record<string, readonly string[]> = {
    'admin*': ['Administrator', 'Administrator Read Only'],
    '*READ*': ['Administrator Read Only'],
    billing: ['Billing'],
    'all privileges - super*': ['Super Administrator'],
    'B?lling': ['Billing'],
    '*': roleNames,
    nobody: [],
  };

  function matches(audience: Audience, { kind, category, added, removed, offered }: Change): boolean {
    const { about, principals: named, categories: some, kinds: ofKinds, roles: patterns } = audience;
    if (about !== undefined && !about.includes('changes')) return false;
    if (named !== undefined && !named.includes('ops-bot')) return false;
    if (some !== undefined && !some.includes(category)) return false;
    if (ofKinds !== undefined && !ofKinds.includes(kind)) return false;
    if (patterns === undefined) return true;
    if (ofNoRole.includes(kind)) return false;
    const wanted = patterns.flatMap((pattern) => meant[pattern] ?? []);
    return [...added, ...removed, ...offered].some((role) =>
      wanted.includes(role.replace(/^allow (.*) on account$/, '$1')),
    );
  }

  test('each change reaches exactly those of whom a route matches it, and nobody twice', () => {
    fc.assert(
      fc.property(
        fc.array(route, { maxLength: 6 }),
        fc.array(change, { minLength: 1, maxLength: 8 }),
        (audiences, given) => {
          const changes = given.map((one, id) => ({ ...one, id }));
          const groups = planReports(aRun(), changes, audiences);
          const reached = groups.flatMap(({ recipients, changes: told }) =>
            namesOf(recipients).map((name) => [name.toLowerCase(), told.map(({ id }) => id)] as const),
          );
          const expected = new Map<string, number[]>();
          for (const { id, ...one } of changes) {
            const heard = audiences.filter((audience) => matches(audience, { id, ...one }));
            for (const name of new Set(heard.flatMap(({ to }) => to.map((text) => text.toLowerCase()))))
              expected.set(name, [...(expected.get(name) ?? []), id]);
          }
          expect(reached.length).toBe(new Map(reached).size);
          expect(new Map(reached)).toEqual(expected);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
