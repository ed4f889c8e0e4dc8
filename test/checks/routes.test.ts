import { describe, expect, test } from 'vitest';
import { type Check } from '../../src/checks/check.ts';
import { emptyHistory } from '../../src/checks/history.ts';
import { countTroubleReports, type PastNight } from '../../src/checks/past-nights.ts';
import { judgeRoutes } from '../../src/checks/routes.ts';
import { loadConfig } from '../../src/config.ts';
import { Secret } from '../../src/domain/secret.ts';
import { type Audience } from '../../src/report/audience.ts';
import { aChange } from '../report/builders.ts';

const config = loadConfig({}, '/nowhere');

function aPrincipal(name: string) {
  return {
    name,
    source: 'organizations' as const,
    credentials: { kind: 'token' as const, token: new Secret('x') },
    pingUrl: null,
  };
}

/** Night `day` of August 2026, complete and quiet unless told otherwise. */
function aNight(day: number, given: Partial<PastNight> = {}): PastNight {
  const endedAt = new Date(Date.UTC(2026, 7, day, 2));
  return { principal: 'ops-bot', state: 'complete', isBaseline: false, endedAt, changes: [], ...given };
}

const left = { ...aChange('left', { removed: ['Billing'] }), count: 3 };
const invited = { ...aChange('invited', { offered: ['DNS'] }), count: 1 };

const nights = [
  aNight(1, { isBaseline: true }),
  aNight(2, { changes: [left] }),
  aNight(3),
  aNight(4, { state: 'failed' }),
  aNight(5, { changes: [left, invited] }),
  aNight(6, { principal: 'legacy', changes: [invited] }),
];

interface Given {
  past?: readonly PastNight[];
  digest?: null;
  retired?: readonly string[];
}

function judged(
  audiences: readonly Audience[],
  { past = nights, retired = [], ...given }: Given = {},
): Check[] {
  const everybody = retired.map((principal) => ({
    principal,
    retiredAt: new Date(0),
    members: 0,
    invited: 0,
    other: 0,
    lastComplete: null,
    cloudflareUserId: null,
  }));
  const routing = { ...config, principals: ['ops-bot', 'legacy'].map(aPrincipal), audiences, ...given };
  return judgeRoutes(routing, { ...emptyHistory, nights: past, everybody });
}

const to = ['a@example.com'];
const all: Audience = { to: ['all@example.com'] };

describe('a route', () => {
  test.each<[Omit<Audience, 'to'>, string]>([
    [{}, '4 reports of changes, 2 of trouble in the last 30 nights, and the digest'],
    [{ principals: ['legacy'] }, '1 report of changes, 0 of trouble in the last 30 nights, and the digest'],
    [{ categories: ['invitation'] }, '2 reports of changes in the last 30 nights'],
    [{ kinds: ['left'] }, '2 reports of changes in the last 30 nights'],
    [{ roles: ['Bill*'] }, '2 reports of changes in the last 30 nights'],
    [{ roles: ['nobody'] }, '0 reports of changes in the last 30 nights'],
    [{ about: ['quiet'], kinds: ['invited'] }, '2 reports of quiet nights in the last 30 nights'],
    [{ about: ['trouble', 'changes'] }, '2 reports of trouble, 4 of changes in the last 30 nights'],
    [{ about: ['digest'] }, 'the digest'],
  ])('%j: %s', (route, told) => {
    expect(judged([{ to, ...route }, all])[0]).toEqual({
      check: 'routes',
      state: 'ok',
      found: `route 1 (a@example.com): ${told}`,
      remedy: null,
    });
  });

  test('is told with those who get its reports, the first of them by name', () => {
    const many = Array.from({ length: 5 }, (_, index) => `${index}@example.com`);
    expect(judged([{ ...all, to: many }])[0]?.found).toContain(
      'route 1 (0@example.com, 1@example.com, 2@example.com, 2 more): ',
    );
    expect(judged([all, { to: [], webhook: { name: 'webhook:0123' } }])[1]?.found).toContain(
      'route 2 (webhook:0123): ',
    );
  });

  test('says what it is about where the history cannot be read', () => {
    const routing = { ...config, principals: [aPrincipal('ops-bot')], audiences: [all] };
    expect(judgeRoutes(routing, null).map(({ found }) => found)).toEqual([
      'route 1 (all@example.com): about changes, trouble, the digest',
    ]);
  });
});

describe('a route by which nothing can come is told, and why', () => {
  test.each<[Omit<Audience, 'to'>, Given, RegExp[]]>([
    [{ kinds: ['left'], categories: ['invitation'] }, {}, [/left is of the category membership/]],
    [{ kinds: ['renamed', 'permissions_changed'], roles: ['*'] }, {}, [/renamed is about no role/]],
    [
      { kinds: ['invited'], categories: ['membership'], about: ['quiet'] },
      {},
      [/invited is of the category/],
    ],
    [{ about: ['digest'] }, { digest: null }, [/the digest is off/]],
    [
      { kinds: ['left'], categories: ['invitation'], about: ['digest', 'changes'] },
      { digest: null },
      [/left is of/, /the digest is off/],
    ],
    [{ principals: ['legacy'] }, { retired: ['legacy'] }, [/retired \(legacy\)/]],
    [{}, { retired: ['legacy', 'ops-bot'] }, [/retired \(ops-bot, legacy\)/]],
  ])('%j %j', (route, given, why) => {
    const [check] = judged([{ to, ...route }, all], given);
    expect(check).toMatchObject({ check: 'routes', state: 'warn', remedy: expect.any(String) as string });
    expect(check?.found).toContain('route 1 (a@example.com): nothing can ever come by it');
    for (const reason of why) expect(check?.found).toMatch(reason);
  });

  test.each<[Omit<Audience, 'to'>, Given]>([
    [{ kinds: ['left'], categories: ['membership'] }, {}],
    [{ roles: ['of nobody yet'] }, {}],
    [{ about: ['digest', 'changes'] }, { digest: null }],
    [{ principals: ['legacy', 'ops-bot'] }, { retired: ['legacy'] }],
    [{ about: ['trouble'], csv: false }, {}],
  ])('but not one by which something can: %j %j', (route, given) => {
    expect(judged([{ to, ...route }, all], given)[0]).toMatchObject({ state: 'ok' });
  });

  test('and so is a kind that never comes beside others that do', () => {
    const [check] = judged([{ to, kinds: ['left', 'invited'], categories: ['invitation'] }, all]);
    expect(check).toMatchObject({ state: 'warn' });
    expect(check?.found).toMatch(/2 reports of changes.*never come: left is of the category membership/);
    const [trouble] = judged([{ to, kinds: ['renamed'], roles: ['*'], about: ['changes', 'trouble'] }, all]);
    expect(trouble).toMatchObject({ state: 'warn' });
    expect(trouble?.found).toMatch(/2 reports of trouble.*renamed is about no role/);
  });
});

describe('what nobody is told is a warning', () => {
  const beyondRoutes = (audiences: readonly Audience[], given: Given = {}) =>
    judged(audiences, given).slice(audiences.length);

  test('of changes: which, of whom, and how many there were', () => {
    const checks = beyondRoutes([
      { to, kinds: ['left', 'renamed'], principals: ['ops-bot'] },
      { to, kinds: ['joined', 'renamed'], roles: ['DNS'], principals: ['ops-bot'] },
      { to, principals: ['legacy'] },
      { to, about: ['trouble'] },
    ]);
    expect(checks).toHaveLength(1);
    expect(checks[0]).toMatchObject({ check: 'routes', state: 'warn' });
    expect(checks[0]?.found).toMatch(/all changes of ops-bot: /);
    expect(checks[0]?.found).toMatch(
      /roles_changed.*invited.* not at all, joined of some roles only; 1 change of/,
    );
    expect(checks[0]?.found).not.toMatch(/left|renamed/);
  });

  test('of changes at all', () => {
    expect(beyondRoutes([{ to, about: ['trouble'] }]).map(({ found }) => found)).toEqual([
      expect.stringMatching(/all changes of ops-bot, legacy: of none at all; 8 changes of/),
    ]);
  });

  test('of trouble: a run may fail night after night', () => {
    const checks = beyondRoutes([
      { to, about: ['changes'] },
      { to, about: ['trouble'], principals: ['legacy'] },
    ]);
    expect(checks).toEqual([
      {
        check: 'routes',
        state: 'warn',
        found: 'nobody is told when a run of ops-bot fails or is held',
        remedy: expect.stringContaining('about: [trouble]') as string,
      },
    ]);
  });

  test('but not where routes together bring all, or of a principal that is retired', () => {
    expect(beyondRoutes([all])).toEqual([]);
    const halves: Audience[] = [
      { to, categories: ['invitation'] },
      { ...all, categories: ['membership'], about: ['changes', 'trouble'] },
    ];
    expect(beyondRoutes(halves)).toEqual([]);
    const ofOne: Audience[] = [
      { to, principals: ['ops-bot'] },
      { to, kinds: ['left'], principals: ['legacy'] },
    ];
    expect(beyondRoutes(ofOne, { retired: ['legacy'] })).toEqual([]);
    expect(beyondRoutes(ofOne)).toHaveLength(2);
  });
});

describe('trouble makes a report', () => {
  const at = (day: number, state: PastNight['state'], hour = 2) => ({
    state,
    endedAt: new Date(Date.UTC(2026, 7, day, hour)),
  });

  test.each<[string, ReturnType<typeof at>[], number]>([
    ['at its first night and at its end', [at(1, 'failed'), at(2, 'complete')], 2],
    ['once a day', [at(1, 'failed'), at(1, 'incomplete', 3), at(2, 'timed_out'), at(3, 'complete')], 3],
    ['where a run is held too', [at(1, 'held'), at(2, 'superseded'), at(3, 'rejected')], 3],
    ['not at the nights after its end', [at(1, 'failed'), at(2, 'complete'), at(3, 'complete')], 2],
    ['anew after its end', [at(1, 'failed', 1), at(1, 'complete', 2), at(1, 'failed', 3)], 3],
    ['never, where there is none', [at(1, 'complete'), at(2, 'complete')], 0],
  ])('%s', (_, runs, count) => {
    expect(countTroubleReports(runs)).toBe(count);
  });
});
