import { describe, expect, it } from 'vitest';
import { composeData } from '../../src/audit/compose.ts';
import { type PageData } from '../../src/audit/data.ts';
import { composePage } from '../../src/audit/page.ts';
import { countOverTime } from '../../src/audit/tables/super-administrators.ts';
import { type AuditedHistory, type Interval } from '../../src/domain/audit.ts';
import { changeKinds } from '../../src/domain/change.ts';
import { aChange } from '../report/builders.ts';
import { aMembership, acme, globex, night } from '../support/nights.ts';
import { hostileNames } from './hostile-names.ts';
import { inventHistory } from './invented-history.ts';

const everything = 'Super Administrator - All Privileges';

/** A history of one principal, observed in the nights 1 to 9. */
function aHistory(given: Partial<AuditedHistory> = {}): AuditedHistory {
  return {
    principals: [
      {
        principal: 'ops-bot',
        cloudflareUserId: null,
        retiredAt: null,
        observedSince: night(1),
        newest: { runId: 9, finishedAt: night(9), chain: 'c'.repeat(64) },
      },
    ],
    intervals: [],
    changes: [],
    superAdministratorChanges: [],
    invitations: [],
    runs: [],
    seams: [],
    gaps: [],
    ...given,
  };
}

function anInterval(given: Partial<Interval> = {}): Interval {
  const own = { principal: 'ops-bot', firstRunId: 1, endedRunId: null, from: night(1), to: null };
  return { ...aMembership(), ...own, ...given };
}

/** Nights from and to, and what is not as in `anInterval`. */
function intervalsOf(
  ...parts: (Partial<Interval> & { nights: [from: number, to: number | null] })[]
): Interval[] {
  return parts.map(({ nights: [from, to], ...given }) =>
    anInterval({
      ...given,
      firstRunId: from,
      endedRunId: to,
      from: night(from),
      to: to === null ? null : night(to),
    }),
  );
}

const compose = (given: Partial<AuditedHistory>) =>
  composeData(aHistory(given), { since: null, end: night(10) });

/** A table's rows as a reader sees them: texts for numbers. */
function readTable(data: PageData, id: string): Record<string, unknown>[] {
  const table = data.tables.find((one) => one.id === id);
  const text = (number: number) => data.texts[number] ?? null;
  const show = (kind: string, value: number): unknown => {
    if (value === -1) return null;
    if (kind === 'text' || kind === 'word') return text(value);
    if (kind === 'lines') return data.sets[value]?.map(text);
    if (kind === 'organization') return data.organizations[value]?.map(text).reverse().join(' ');
    if (kind === 'time') return new Date(value);
    return kind === 'number' ? value : data.timelines[value];
  };
  return Array.from({ length: table?.rows ?? 0 }, (_, row) =>
    Object.fromEntries(
      table?.columns.map(({ key, kind, values }) => [key, show(kind, values[row] ?? -1)]) ?? [],
    ),
  );
}

describe('the roll', () => {
  it('has what is open, in the order of names, without those of retired principals', () => {
    const intervals = [
      ...intervalsOf({ nights: [1, 3] }, { nights: [3, null], roles: ['DNS', everything] }),
      anInterval({ organizationId: globex, organizationName: 'ACME 10' }),
      anInterval({ organizationId: globex, organizationName: 'Acme 9', principal: 'gone' }),
    ];
    const { principals } = aHistory();
    const gone = principals.map((one) => ({ ...one, principal: 'gone', retiredAt: night(5) }));
    const rows = readTable(compose({ intervals, principals: [...principals, ...gone] }), 'roll');

    expect(rows).toMatchObject([
      { organization: `Acme ${acme}`, status: 'member', roles: [everything, 'DNS'], since: night(3) },
      { organization: `ACME 10 ${globex}` },
    ]);
  });

  it('says unknown of what the API left out, and nothing of an empty set', () => {
    const intervals = [anInterval({ roles: null, permissions: [], status: null, organizationName: null })];

    expect(readTable(compose({ intervals }), 'roll')).toMatchObject([
      { roles: ['unknown'], permissions: [], status: 'unknown' },
    ]);
  });
});

describe('Super Administrators', () => {
  it('are told for each stretch in which they were, whatever else changed in it, and how each came and went', () => {
    const intervals = intervalsOf(
      { nights: [1, 2] },
      { nights: [2, 4], roles: [everything] },
      {
        nights: [4, 6],
        roles: ['all privileges - super administrator', 'DNS'],
        organizationName: 'Acme Ltd',
      },
      { nights: [7, null], roles: [everything], status: 'member' },
    );
    const superAdministratorChanges = [
      aChange('roles_changed', { runId: 2, notBefore: night(1), superAdministrator: 'gained' }),
      aChange('left', { runId: 6, notBefore: night(5), superAdministrator: 'lost' }),
    ];

    expect(
      readTable(compose({ intervals, superAdministratorChanges }), 'super-administrators'),
    ).toMatchObject([
      { from: night(7), to: null, how: ['there at the first run'] },
      {
        from: night(2),
        to: night(6),
        how: ['+ roles changed, not before 2026-08-01 02:00Z', '− left, not before 2026-08-05 02:00Z'],
      },
    ]);
  });

  it('are members: an offer of the role makes none', () => {
    const intervals = intervalsOf({ nights: [1, null], status: 'invited', roles: [everything] });

    expect(readTable(compose({ intervals }), 'super-administrators')).toEqual([]);
  });

  it('are counted over time, at once where one comes as another goes', () => {
    const held = [
      { from: night(1), to: night(3) },
      { from: night(3), to: null },
      { from: night(2), to: night(4) },
    ];

    expect(countOverTime(held).map(([at, count]) => [new Date(at), count])).toEqual([
      [night(1), 1],
      [night(2), 2],
      [night(3), 2],
      [night(4), 1],
    ]);
  });
});

describe('where the source changed', () => {
  const byPolicy = [`allow ${everything}, DNS on com.cloudflare.api.account.1`];
  const seam = (night_: number, source: 'organizations' | 'memberships') => ({
    principal: 'ops-bot',
    runId: night_,
    at: night(night_),
    source,
  });
  const seams = [seam(3, 'memberships'), seam(6, 'organizations')];
  const known = { policies: byPolicy, twoFactorEnforced: false, membershipId: 'm1' };
  const intervals = intervalsOf({ nights: [1, 3] }, { nights: [3, 6], ...known }, { nights: [6, null] });

  it('Super Administrator by a policy is first told by the source, and neither gained nor lost', () => {
    expect(readTable(compose({ intervals, seams }), 'super-administrators')).toMatchObject([
      {
        from: night(3),
        to: night(6),
        how: [
          expect.stringMatching(/^first told by the source memberships/),
          expect.stringMatching(/^not told by the source organizations/),
        ],
      },
    ]);
  });

  it.each([
    [4, ['organizations']],
    [3, ['memberships', 'organizations']],
    [7, []],
  ])(
    'what lies before the period is not marked, and tells all the same how access came: since %i',
    (...given) => {
      const [since, marked] = given;
      const data = composeData(aHistory({ intervals, seams }), { since: night(since), end: night(10) });

      expect(data.principals[0]?.seams.map(([, source]) => data.texts[source])).toEqual(marked);
      expect(readTable(data, 'super-administrators')).toMatchObject([
        { how: [expect.stringMatching(/^first told by the source memberships/), expect.anything()] },
      ]);
    },
  );

  it.each([
    [null, byPolicy, ['Super Administrator by policy', 'unknown']],
    [null, null, ['unknown']],
    [['DNS'], byPolicy, ['Super Administrator by policy', 'DNS']],
    [[], [], []],
  ])('an invitation offers what its policies give, whether its roles are known or not: %j %j', (...given) => {
    const [roles, policies, offered] = given;
    const invited = intervalsOf({ nights: [3, null], status: 'invited', roles, policies });
    const data = compose({ intervals: invited, seams });

    expect(readTable(data, 'invitations')).toMatchObject([{ offered }]);
    const [row] = readTable(data, 'timelines') as { timeline: { stretches: number[][] } }[];
    expect(data.sets[row?.timeline.stretches[0]?.[4] ?? -1]?.map((number) => data.texts[number])).toEqual(
      offered,
    );
  });

  it('a role that is held before and after is one stretch, and a policy that is gained tells how it came', () => {
    const roles = [everything];
    const held = intervalsOf({ nights: [1, 3], roles }, { nights: [3, null], roles, ...known });
    const gained = intervalsOf(
      { nights: [1, 4], organizationId: globex, policies: [] },
      { nights: [4, null], organizationId: globex, policies: byPolicy },
    );
    const superAdministratorChanges = [
      aChange('policies_changed', { runId: 4, organizationId: globex, superAdministrator: 'gained' }),
    ];
    const data = compose({ intervals: [...held, ...gained], seams, superAdministratorChanges });

    expect(readTable(data, 'super-administrators')).toMatchObject([
      { from: night(4), to: null, how: [expect.stringMatching(/^\+ policies changed, not before/)] },
      { from: night(1), to: null, how: ['there at the first run'] },
    ]);
    expect(data.timelines.map(({ stretches }) => stretches.length)).toEqual([1, 1, 2, 1]);
  });

  it('is marked on the timelines of its principal, which tell what gives Super Administrator', () => {
    const data = compose({ intervals, seams });
    const text = (number: number) => data.texts[number];
    const [row] = readTable(data, 'timelines') as { timeline: { stretches: number[][] } }[];

    expect(data.principals[0]?.seams.map(([at, source]) => [new Date(at), text(source)])).toEqual([
      [night(3), 'memberships'],
      [night(6), 'organizations'],
    ]);
    expect(
      row?.timeline.stretches.map(([, , standing, , roles]) => [standing, data.sets[roles ?? -1]?.map(text)]),
    ).toEqual([
      [0, ['Administrator']],
      [1, ['Super Administrator by policy', 'Administrator']],
      [0, ['Administrator']],
    ]);
  });

  it('the roll has columns of what that source alone tells, where it told any of it, and grave policies', () => {
    const now = intervalsOf({
      nights: [3, null],
      ...known,
      apiAccess: false,
      parentOrganization: 'Group (g1)',
    });
    const data = compose({ intervals: now, seams });
    const columnsOf = (of: PageData) =>
      of.tables.find(({ id }) => id === 'roll')?.columns.map(({ heading }) => heading);

    expect(readTable(data, 'roll')).toMatchObject([
      {
        twoFactorEnforced: 'not enforced',
        policies: byPolicy,
        asides: ['no access by API', 'below Group (g1)', 'membership m1'],
      },
    ]);
    expect(columnsOf(compose({ intervals: intervalsOf({ nights: [1, null], policies: [] }) }))).not.toContain(
      'Besides',
    );
    expect(columnsOf(compose({ intervals: intervalsOf({ nights: [1, null] }) }))).toEqual([
      'Organization',
      'Principal',
      'Status',
      'Roles',
      'Permissions',
      'So since',
    ]);
    expect(data.grave.map((index) => data.texts[index])).toEqual(expect.arrayContaining(byPolicy));
  });

  it('a policy that denies it is not grave, nor one that is about something of its name', () => {
    const policies = [`deny ${everything} on a`, `allow DNS on "${everything}" {a}`];
    const data = compose({ intervals: intervalsOf({ nights: [1, null], policies }) });

    expect(data.grave).toEqual([]);
    expect(readTable(data, 'super-administrators')).toEqual([]);
  });

  it('is marked in the legend of a page that has one, and in no other', () => {
    const page = (given: Partial<AuditedHistory>) =>
      composePage(aHistory({ intervals, ...given }), about).html;

    expect(page({ seams })).toContain('<line class="seam"');
    expect(page({})).not.toContain('<line class="seam"');
  });

  it('each run says what it was read from', () => {
    const { runs } = inventHistory({ memberships: 1, changes: 1, nights: 2, principals: ['ops-bot'] });
    const read = runs.map((run, index) => ({ ...run, source: seams[index]?.source ?? 'organizations' }));

    expect(readTable(compose({ runs: read }), 'runs').map(({ source }) => source)).toEqual([
      'organizations',
      'memberships',
    ]);
  });
});

describe('invitations', () => {
  it('are pending since they were first seen, though what they offer changed, or since they were sent', () => {
    const intervals = [
      ...intervalsOf({ nights: [1, 2], status: 'member' }),
      ...intervalsOf(
        { nights: [4, 6], status: 'invited' },
        { nights: [6, null], status: 'invited', roles: ['DNS'] },
      ),
      ...intervalsOf({ nights: [2, null], status: 'invited', organizationId: globex }),
      ...intervalsOf({ nights: [1, 5], status: 'invited', organizationId: 'over' }),
    ];
    const invitations = [
      {
        principal: 'ops-bot',
        organizationId: globex,
        invitedBy: 'a@example.com',
        invitedOn: new Date('2026-07-11'),
        expiresOn: null,
      },
    ];

    expect(readTable(compose({ intervals, invitations }), 'invitations')).toMatchObject([
      { seen: night(2), days: 30, by: 'a@example.com' },
      { seen: night(4), days: 6, by: null, offered: ['DNS'] },
    ]);
  });
});

describe('timelines', () => {
  it('have a stretch for each status and roles, and holes where it was absent', () => {
    const intervals = intervalsOf(
      { nights: [1, 2], status: 'invited' },
      { nights: [2, 4] },
      { nights: [4, 5], organizationName: 'Acme Ltd', permissions: [] },
      { nights: [7, null], roles: [everything] },
    );
    const data = compose({ intervals });
    const [row] = readTable(data, 'timelines') as { timeline: { stretches: number[][] } }[];

    expect(row?.timeline.stretches.map(([from, to, standing]) => [from, to, standing])).toEqual([
      [night(1).getTime(), night(2).getTime(), 2],
      [night(2).getTime(), night(5).getTime(), 0],
      [night(7).getTime(), -1, 1],
    ]);
  });
});

describe('changes and runs', () => {
  it('are of the period, the newest first, every kind with all that is known of it', () => {
    const changes = changeKinds.map((kind, index) =>
      aChange(kind, {
        before: 'one',
        after: 'two',
        removed: ['gone'],
        added: [everything],
        returning: index === 0,
        byUs: index === 0,
        goneBecause: index === 0 ? 'expired' : null,
        invitedBy: 'a@example.com',
        invitedOn: night(1),
        expiresOn: night(8),
      }),
    );
    const rows = readTable(compose({ changes }), 'changes');

    expect(rows.map(({ kind }) => kind)).toEqual(
      changeKinds.map((kind) => kind.replaceAll('_', ' ')).reverse(),
    );
    expect(rows.at(-1)?.['what']).toEqual(
      [
        '− gone',
        `+ ${everything}`,
        'was here before',
        'we left it',
        'expired',
        'invited by a@example.com',
      ].concat(['invited on 2026-08-01', 'expiry 2026-08-08']),
    );
    expect(rows.find(({ kind }) => kind === 'renamed')?.['what']).toContain('one → two');
    expect(rows[0]?.['super']).toBe('gained');
  });
});

describe('what was not observed', () => {
  it('says why, each reason once, and is drawn on the timelines of its principal', () => {
    const short = (id: number) => ({ id, state: 'failed' as const, isByHand: false });
    const gap = { principal: 'ops-bot', endedRunId: 5, retiredAt: null };
    const gaps = [
      { ...gap, from: night(1), to: night(3), shortRuns: [] },
      { ...gap, from: night(3), to: night(6), shortRuns: [short(3), short(4)] },
      { ...gap, from: night(8), to: null, shortRuns: [], retiredAt: night(8) },
    ];
    const runs = inventHistory({ memberships: 1, changes: 1, nights: 6, principals: ['ops-bot'] }).runs.map(
      (run) => ({ ...run, error: 'no answer' }),
    );
    const data = compose({ gaps, runs });

    expect(readTable(data, 'gaps')).toMatchObject([
      { from: night(8), to: null, why: [expect.stringMatching(/^retired since 2026-08-08/)] },
      { from: night(3), to: night(6), runs: 2, why: ['failed: no answer'] },
      { from: night(1), to: night(3), runs: 0, why: ['no run was begun'] },
    ]);
    expect(data.principals[0]?.gaps).toEqual([
      [night(1).getTime(), night(3).getTime()],
      [night(3).getTime(), night(6).getTime()],
      [night(8).getTime(), -1],
    ]);
  });
});

const about = {
  since: null,
  end: night(10),
  madeAt: night(10),
  isPast: false,
  principal: null,
  version: '1.2.3',
  command: 'docker compose exec worker rollcall',
};

describe('the page', () => {
  const hostile = hostileNames.map((name, index) =>
    anInterval({ organizationId: `${index}`, organizationName: name, roles: [name], status: name }),
  );
  const { html } = composePage(aHistory({ intervals: hostile }), about);

  it('keeps whatever strangers write within its data, which says the same', () => {
    const [, json = ''] = /<script type="application\/json" id="data">(.*)<\/script>\n/.exec(html) ?? [];

    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html.match(/<\/script/g)).toHaveLength(2);
    expect(json).not.toMatch(/[<>&\u2028\u2029\u202E]/);
    const { texts } = JSON.parse(json) as PageData;
    expect(texts).toContain('<img src=x onerror="document.title=\'harmed\'">');
    expect(texts).toContain('Acme <U+202E>gnp.exe');
    expect(texts).toContain('🦀'.repeat(100));
  });

  it('escapes a principal of any name, and gives it to the shell as one word', () => {
    const principal = `<b>it's</b> & "me"`;
    const [one] = aHistory().principals;
    const principals = one === undefined ? [] : [{ ...one, principal }];
    const named = composePage(aHistory({ principals }), { ...about, principal }).html;

    expect(named).not.toContain('<b>');
    expect(named).toContain('&lt;b&gt;it&#39;s&lt;/b&gt;');
    expect(named).toContain(
      `docker compose exec worker rollcall verify --principal &#39;&lt;b&gt;it&#39;\\&#39;&#39;s&lt;/b&gt; &amp; &quot;me&quot;&#39; --against ${'c'.repeat(64)}`,
    );
  });

  it('has a policy that lets nothing in but its own script and style', () => {
    const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/.exec(html) ?? [];

    expect(policy.replaceAll('&#39;', "'")).toMatch(
      /^default-src 'none'; script-src 'sha256-[\w+/=]{44}'; style-src 'sha256-[\w+/=]{44}'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'$/,
    );
    const markup = html.replaceAll(/(<(script|style)[^>]*>).*?(<\/\2>)/gs, '$1$3');
    expect(markup.length).toBeLessThan(html.length / 2);
    expect(markup).not.toMatch(/\s(?:style|on\w+)=/);
    expect(markup).not.toMatch(/<(?:link|img|iframe|object|embed|base|form)\b/);
  });

  it('says of a period that is over that its roll is of its end', () => {
    const past = composePage(aHistory(), { ...about, since: night(2), isPast: true }).html;

    expect(past).toContain('The roll at the end of the period');
    expect(past).toContain('From 2026-08-02 02:00:00 UTC to 2026-08-10 02:00:00 UTC.');
    expect(html).toContain('The roll now');
  });

  it('is the same for the same history', () => {
    expect(composePage(aHistory({ intervals: hostile }), about).html).toBe(html);
  });
});
