import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { type Category } from '../../src/domain/change.ts';
import { type InnerMatters, type PrincipalNights } from '../../src/domain/nights.ts';
import { composeDigests } from '../../src/report/addressed.ts';
import { type Audience } from '../../src/report/audience.ts';
import { narrowNights, planDigestSubject } from '../../src/report/kinds/digest.ts';
import { scopeOf } from '../../src/report/scope.ts';
import { type MatterKind, matterKinds } from '../../src/report/kinds/digest-matters.ts';
import { composeDigestReport, type Report } from '../../src/report/report.ts';
import { nightsOf, quietNights, tonight, voice } from './builders.ts';

const period = { from: new Date('2026-08-10T08:00:00Z'), to: new Date('2026-08-17T08:00:00Z') };

const nothing: InnerMatters = { unsent: { mail: 0, webhook: 0, states: [] }, forgotten: [], unheard: [] };

function digestOf(principals: readonly PrincipalNights[], inner: InnerMatters | null = nothing): Report {
  return composeDigestReport({ ...period, principals, inner }, voice);
}

/** A principal that has every matter that one can have. */
const everyMatter = quietNights({
  principal: 'legacy',
  failed: 2,
  missed: 1,
  lastComplete: null,
  heldRun: { runId: 812, at: tonight },
  isMismatched: true,
  oldInvitations: 3,
  oldestInvitation: new Date('2026-07-01T00:00:00Z'),
});

/** A change of that category, and of the night of that day. */
const counted = (category: Category, day: number) => ({
  kind: category === 'invitation' ? ('invited' as const) : ('joined' as const),
  category,
  added: [],
  removed: [],
  offered: [],
  superAdministrator: null,
  count: 1,
  due: new Date(Date.UTC(2026, 7, day, 2)),
});
interface Case {
  nights?: Partial<PrincipalNights>;
  inner?: Partial<InnerMatters>;
  subject: string;
  told: string[];
}

const matters: Record<string, Case> = {
  'an altered history': {
    nights: { isMismatched: true },
    subject: '1 history altered',
    told: ['verify --principal ops-bot'],
  },
  'a held run': {
    nights: { heldRun: { runId: 812, at: tonight } },
    subject: '1 run held',
    told: ['approve 812', 'reject 812', '2026, 02:00'],
  },
  'a principal without a complete run': {
    nights: { lastComplete: null },
    subject: '1 principal never complete',
    told: ['check --principal ops-bot'],
  },
  'one that nobody has heard of': {
    inner: { unheard: ['new'] },
    subject: '1 principal never complete',
    told: ['check --principal new'],
  },
  'failed nights': {
    nights: { failed: 2 },
    subject: '2 nights failed',
    told: ['runs --principal ops-bot --since 2026-08-10'],
  },
  'a missed night': {
    nights: { missed: 1 },
    subject: '1 night missed',
    told: ['without any run', 'check --principal ops-bot'],
  },
  'a clock ahead': {
    nights: { aheadUntil: new Date('2027-08-17T08:00:00Z') },
    subject: '1 clock ahead',
    told: ['365 days', 'NTP'],
  },
  'unsent mail': {
    inner: { unsent: { mail: 2, webhook: 1, states: ['failed', 'unknown'] } },
    subject: '3 reports not sent',
    told: ['2 by mail, 1 by webhook', 'reports --state failed', 'reports --state unknown'],
  },
  'one that nobody looks at': {
    inner: { forgotten: [{ principal: 'old bot', memberships: 12, lastComplete: tonight }] },
    subject: '1 principal not configured',
    told: ["principals retire 'old bot'", '12 memberships'],
  },
  'old invitations': {
    nights: { invited: 4, oldInvitations: 3, oldestInvitation: new Date('2026-08-07T08:00:00Z') },
    subject: '3 old invitations',
    told: ['oldest 10 days', 'members --principal ops-bot --status invited'],
  },
};

describe('what wants attention', () => {
  test.each(Object.entries(matters))(
    '%s is in the subject and in the list, with what to type',
    (_, { nights, inner, subject, told }) => {
      const report = digestOf([quietNights(nights)], { ...nothing, ...inner });
      expect(report.subject).toBe(`[rollcall] digest: ${subject}`);
      for (const body of [report.text, report.html.replaceAll('&#39;', "'")]) {
        for (const one of told) expect(body).toContain(one);
        expect(body).toMatch(/needs you/i);
      }
      expect(report.text).toContain(`    ${voice.command} `);
      expect(report.text + report.html).not.toMatch(
        /(?<!--no )rollcall (?:approve|check|runs|verify|members|reports|principals) /,
      );
    },
  );

  test('is nothing when nothing does, and that is the subject', () => {
    const { subject, text } = digestOf([quietNights(), quietNights({ principal: 'legacy' })]);
    expect(subject).toBe('[rollcall] digest: nothing needs you');
    expect(text).not.toContain('NEEDS YOU');
    expect(text).toContain('14 of 14 nights complete; no changes.');
  });

  test('is the gravest first, in the list as in the subject', () => {
    const { text } = digestOf([quietNights({ missed: 1 }), everyMatter], {
      ...nothing,
      unsent: { mail: 1, webhook: 0, states: ['failed'] },
    });
    const places = [
      'does not match',
      'is held',
      'no complete run',
      'nights failed',
      'night missed',
      'by mail',
      'older than a week',
    ].map((fact) => text.indexOf(fact));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((left, right) => left - right));
  });

  test('is counted where there is too much of it to be told', () => {
    const { text, html } = digestOf(
      Array.from({ length: 30 }, (_, index) => quietNights({ principal: `bot-${index}`, failed: 1 })),
    );
    for (const body of [text, html]) expect(body).toContain('and 10 more');
    expect(text).toContain('NEEDS YOU (30)');
  });
});

describe('the subject', () => {
  const of = (...counts: [MatterKind, number][]) =>
    planDigestSubject(counts.map(([kind, count]) => ({ kind, count })));

  test.each([
    ['nothing', of(), 'digest: nothing needs you'],
    ['one and many', of(['held', 1], ['failed', 2]), 'digest: 1 run held, 2 nights failed'],
    [
      'the gravest first, however they come',
      of(['failed', 2], ['held', 1]),
      'digest: 1 run held, 2 nights failed',
    ],
    ['several principals together', of(['failed', 2], ['failed', 3]), 'digest: 5 nights failed'],
    [
      'as much as there is room for',
      of(['mismatch', 1], ['held', 1], ['unseen', 1], ['failed', 2]),
      'digest: 1 history altered, 1 run held, and more',
    ],
  ])('tells %s', (_, headline, told) => expect(headline).toBe(told));

  test('has at most 78 characters, whatever comes together', () => {
    for (const [index, kind] of matterKinds.entries()) {
      for (const count of [1, 500, 1_000_000]) {
        const headline = of(...matterKinds.slice(index).map((one): [MatterKind, number] => [one, count]));
        expect(`[rollcall] ${headline}`.length).toBeLessThanOrEqual(78);
        expect(headline).toContain(`${count} `);
        expect(planDigestSubject([{ kind, count }])).not.toContain('more');
      }
    }
  });
});

describe('the table', () => {
  const rowsIn = (text: string) => text.match(/^\S.*[.CHFM]{5}.*$/gm) ?? [];

  test('has a row for each principal: nights, members, invitations, Super Administrators, age and last night', () => {
    const { text, html } = digestOf([
      quietNights({
        nights: nightsOf(`${'.'.repeat(28)}CF`),
        invited: 4,
        oldestInvitation: new Date('2026-08-05T00:00:00Z'),
      }),
    ]);
    expect(rowsIn(text)).toEqual([`ops-bot    ${'.'.repeat(28)}CF 124   4  2 12 d   14 Aug`]);
    const cells = [...html.matchAll(/<td [^>]*font-size:14px[^>]*>([^<]*)<\/td>/g)].map(([, cell]) => cell);
    expect(cells).toEqual(['124', '4', '2', '12 d', '14 Aug']);
    expect(html).toMatch(/class="lost"[^>]*>14 Aug/);
  });

  test('is of columns under each other and no wider than a line, whatever the names and counts are', () => {
    const { text } = digestOf([
      quietNights(),
      quietNights({
        principal: '👩‍💻 ボット '.repeat(9),
        members: 100_000,
        invited: 20_000,
        superAdministrators: 1234,
      }),
      quietNights({ principal: 'x'.repeat(100), oldestInvitation: new Date(0), lastComplete: null }),
      quietNights({
        principal: 'new',
        nights: nightsOf('.F'),
        lastComplete: new Date('2025-12-31T23:00:00Z'),
      }),
    ]);
    const table = text.split('\n').filter((line) => /^(?:principal|ops-bot|👩|xxx|new)/.test(line));
    expect(table).toHaveLength(5);
    expect(Math.max(...table.map((line) => stringWidth(line)))).toBeLessThanOrEqual(78);
    expect(new Set(table.map((line) => stringWidth(line))).size).toBe(1);
  });

  test('tells fifty, the worst off, and how many more there are', () => {
    const quiet = Array.from({ length: 57 }, (_, index) => quietNights({ principal: `bot-${index}` }));
    const { text } = digestOf([
      ...quiet,
      quietNights({ principal: 'changed', changes: [counted('invitation', 11)] }),
      quietNights({ principal: 'once', failed: 1 }),
      quietNights({ principal: 'often', failed: 7 }),
      quietNights({ principal: 'held', heldRun: { runId: 812, at: tonight } }),
    ]);
    const names = rowsIn(text).map((row) => row.split(' ')[0]);
    expect(names.slice(0, 5)).toEqual(['held', 'often', 'once', 'changed', 'bot-0']);
    expect(text).toContain(`And ${61 - names.length} more principals, none of them worse off.`);
    expect(names.length).toBeGreaterThan(30);
  });

  test('shows what a stranger to it may have called it, and no more', () => {
    const name = '<b>bot</b>\r\n\u202Etob';
    const { text, html, subject } = digestOf([quietNights({ principal: name, failed: 1 })]);
    expect(html).not.toContain('<b>bot');
    expect(html).toContain('&lt;b&gt;bot');
    for (const body of [text, html, subject]) expect(body).not.toMatch(/[\r\u202E]/);
  });
});

describe('a reader with a filter', () => {
  const nights = quietNights({
    ...everyMatter,
    nights: nightsOf('CC.CHFM'),
    nightChanges: [
      counted('membership', 8),
      counted('invitation', 9),
      counted('membership', 9),
      counted('membership', 11),
    ],
    changes: [counted('membership', 11), counted('invitation', 9)],
    invited: 4,
  });
  const lettersFor = (categories: Category[]) =>
    narrowNights(nights, scopeOf([{ categories }])).nights.map(({ state }) => state);

  test.each([
    ['invitations', ['invitation'], ['quiet', 'changes', 'quiet', 'quiet', 'held', 'failed', 'missed']],
    ['memberships', ['membership'], ['changes', 'changes', 'quiet', 'changes', 'held', 'failed', 'missed']],
    [
      'both',
      ['membership', 'invitation'],
      ['changes', 'changes', 'quiet', 'changes', 'held', 'failed', 'missed'],
    ],
  ] as [string, Category[], string[]][])(
    'of %s sees a night of other changes as quiet',
    (_, categories, letters) => {
      expect(lettersFor(categories)).toEqual(letters);
    },
  );

  const telling = (audiences: Audience[]) => ({ audiences, voice });
  const inner: InnerMatters = {
    unsent: { mail: 2, webhook: 0, states: ['failed'] },
    forgotten: [{ principal: 'secret-bot', memberships: 9, lastComplete: tonight }],
    unheard: ['other-bot'],
  };
  const digestFor = (audience: Omit<Audience, 'to'>) => {
    const [report] = composeDigests(
      { ...period, principals: [nights, quietNights({ principal: 'third' })], inner },
      telling([{ to: ['a@example.com'], ...audience }]),
    );
    if (report === undefined) throw new Error('expected a digest');
    return report;
  };

  test('of a category hears of nights and of that category alone', () => {
    const { subject, text, html } = digestFor({
      principals: ['legacy'],
      categories: ['invitation'],
      about: ['digest'],
    });
    expect(subject).toBe('[rollcall] digest: 1 principal never complete, 2 nights failed, 1 night missed');
    for (const body of [text, html]) {
      expect(body).not.toMatch(/held and waits|does not match|by mail|secret-bot|other-bot|third|joined|124/);
      expect(body).toContain('1 invited');
      expect(body).toContain('—');
    }
    expect(digestFor({ categories: ['membership'], about: ['digest'] }).text).not.toContain(
      'older than a week',
    );
  });

  test('of principals hears all of these, and nothing of others or of what is nobody’s', () => {
    const { text } = digestFor({ principals: ['legacy'] });
    expect(text).toMatch(/held and waits[^]*1 joined, 1 invited|1 joined, 1 invited[^]*held and waits/);
    expect(text).not.toMatch(/by mail|secret-bot|other-bot|third/);
  });

  test('is another than one without, who hears of everything', () => {
    const { text } = digestFor({});
    for (const fact of ['by mail', 'secret-bot', 'other-bot', 'third']) expect(text).toContain(fact);
    const reports = composeDigests(
      { ...period, principals: [nights], inner },
      telling([
        { to: ['all@example.com'] },
        { to: ['one@example.com', 'ALL@example.com'], principals: ['legacy'] },
      ]),
    );
    expect(
      reports.map(({ recipients, text: told }) => [
        recipients.map(({ name }) => name),
        told.includes('by mail'),
      ]),
    ).toEqual([
      [['all@example.com'], true],
      [['one@example.com'], false],
    ]);
  });
});
