import { describe, expect, test } from 'vitest';
import { type Change, type ChangeKind, changeKinds } from '../../src/domain/change.ts';
import { composeReport, type Report } from '../../src/report/report.ts';
import { type ReportedRun } from '../../src/report/told.ts';
import { wordings } from '../../src/report/wording.ts';
import { aChange, aFirstRun, aRun, changesOf, voice } from './builders.ts';

function reportOn(changes: readonly Change[], run: Partial<ReportedRun> = {}): Report {
  const report = composeReport(aRun(run), { changes }, voice);
  if (report === null) throw new Error('expected a report');
  return report;
}

/** What a reader sees of the HTML, one element to a line. */
function readHtml(html: string): string {
  return html
    .replace(/<style>[^]*?<\/style>/, '')
    .replaceAll(/<(?:br|\/p|\/h\d|\/tr)>/g, '\n')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&nbsp;', ' ')
    .replaceAll('&middot;', '·')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

/** The text and the HTML as read: whatever one says, the other says too. */
function bodiesOf(report: Report): [string, string][] {
  return [
    ['text', report.text],
    ['HTML', readHtml(report.html)],
  ];
}

describe('when there is nothing to say', () => {
  test('a quiet night has no report', () => {
    expect(composeReport(aRun(), { changes: [] }, voice)).toBeNull();
  });
});

describe('the first night', () => {
  const report = composeReport(aFirstRun({ members: 124, invited: 3, other: 1 }), { changes: [] }, voice);

  test('is one notice of the baseline, without a CSV', () => {
    expect(report).toMatchObject({
      kind: 'baseline',
      subject: '[rollcall] ops-bot: baseline of 128 organizations',
      csv: null,
    });
  });

  test('says where the principal stands', () => {
    expect(report?.text).toContain(
      'ops-bot is now a member of 124 organizations, invited to 3, and with another status in 1.',
    );
  });

  test('of a principal without organizations is a baseline too', () => {
    const empty = composeReport(aFirstRun({ members: 0, invited: 0, other: 0 }), { changes: [] }, voice);
    expect(empty?.subject).toBe('[rollcall] ops-bot: baseline of 0 organizations');
  });
});

describe('the subject', () => {
  test('counts by kind, lost access first', () => {
    const changes = [...changesOf('joined', 1), ...changesOf('roles_changed', 3), ...changesOf('left', 2)];
    expect(reportOn(changes).subject).toBe('[rollcall] ops-bot: 2 left, 3 role changes, 1 joined');
  });

  test.each(changeKinds)('has words for one and for many: %s', (kind) => {
    expect(reportOn(changesOf(kind, 1)).subject).toBe(`[rollcall] ops-bot: 1 ${wordings[kind].one}`);
    expect(reportOn(changesOf(kind, 2)).subject).toBe(`[rollcall] ops-bot: 2 ${wordings[kind].many}`);
  });

  test('is one line, whatever the principal is called', () => {
    const { subject } = reportOn(changesOf('left', 1), { principal: 'ops\r\nBcc: thief@example.com' });
    expect(subject).toBe('[rollcall] ops<U+000D><U+000A>Bcc: thief@example.com: 1 left');
  });
});

describe('text and HTML both', () => {
  test.each(
    bodiesOf(reportOn([...changesOf('joined', 1), ...changesOf('left', 1), ...changesOf('renamed', 1)])),
  )('tell lost access first: %s', (_form, body) => {
    const places = ['left', 'joined', 'renamed'].map((kind) =>
      body.toLowerCase().lastIndexOf(`\n${wordings[kind as ChangeKind].title.toLowerCase()} `),
    );
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((left, right) => left - right));
  });

  test.each(bodiesOf(reportOn(changesOf('joined', 20))))('tell twenty of a kind: %s', (_form, body) => {
    expect(body).toContain('Organization 020');
    expect(body).not.toContain('more in the CSV');
  });

  test.each(bodiesOf(reportOn(changesOf('joined', 23))))(
    'leave the rest to the CSV, counted: %s',
    (_form, body) => {
      expect(body).toContain('Organization 020');
      expect(body).not.toContain('Organization 021');
      expect(body).toContain('and 3 more in the CSV');
    },
  );

  test.each(
    bodiesOf(reportOn([aChange('roles_changed', { added: ['Billing'], removed: ['DNS', 'Analytics'] })])),
  )('say which role went and which came: %s', (_form, body) => {
    expect(body).toMatch(/Acme.*\n\s+− DNS\n\s+− Analytics\n\s+\+ Billing\n/);
  });

  test.each(
    bodiesOf(
      reportOn([
        aChange('permissions_changed', {
          added: Array.from({ length: 14 }, (_, index) => `#zone_${index}:edit`),
        }),
      ]),
    ),
  )('do not drown in permissions: %s', (_form, body) => {
    expect(body).toContain('#zone_9:edit');
    expect(body).not.toContain('#zone_10:edit');
    expect(body).toContain('and 4 more in the CSV');
  });

  test.each(
    bodiesOf(
      reportOn([
        aChange('left', { byUs: true }),
        aChange('joined', { returning: true }),
        aChange('renamed', { before: 'Acme Old' }),
        aChange('status_changed', { before: 'member', after: 'suspended' }),
      ]),
    ),
  )('say what is particular about a change: %s', (_form, body) => {
    expect(body).toContain('we left it');
    expect(body).toContain('was here before');
    expect(body).toContain('formerly Acme Old');
    expect(body).toContain('member → suspended');
    expect(body).not.toContain('does not say which');
  });

  test.each(
    bodiesOf(
      reportOn([aChange('left', { organizationName: null }), aChange('joined', { organizationName: ' ' })]),
    ),
  )('name an organization without a name by its id: %s', (_form, body) => {
    expect(body.match(/023e105f4ecef8ad9ca31a8372d0c353/g)).toHaveLength(2);
  });

  test.each(bodiesOf(reportOn(changesOf('left', 1))))(
    'carry the window, the run, the CSV and the chain: %s',
    (_form, body) => {
      const { csv } = reportOn(changesOf('left', 1));
      expect(body).toContain('between 2026-08-13 02:00:04 and 2026-08-14 02:00:05 (UTC)');
      expect(body).toContain('812, compared with run 811');
      expect(body).toContain('rollcall-ops-bot-2026-08-14.csv');
      expect(body).toContain(csv?.sha256);
      expect(body).toContain(aRun().chain);
    },
  );
});

describe('Super Administrator', () => {
  const spellings = ['All Privileges - Super Administrator', 'Super Administrator - All Privileges'];

  test.each(spellings)('stands out when gained, spelled %s', (role) => {
    for (const [, body] of bodiesOf(reportOn([aChange('roles_changed', { added: [role] })]))) {
      expect(body).toContain('Super Administrator gained in 1 organization.');
      expect(body).toMatch(/Acme.*Super Administrator gained/i);
    }
  });

  test.each(spellings)('stands out when lost, spelled %s', (role) => {
    for (const [, body] of bodiesOf(reportOn([aChange('roles_changed', { removed: [role] })]))) {
      expect(body).toContain('Super Administrator lost in 1 organization.');
      expect(body).toMatch(/Acme.*Super Administrator lost/i);
    }
  });

  test('is neither gained nor lost when only its spelling changes', () => {
    const [one = '', other = ''] = spellings;
    const { text } = reportOn([aChange('roles_changed', { added: [one], removed: [other] })]);
    expect(text).not.toMatch(/gained|lost/i);
  });

  test('is never hidden behind the limit of twenty lines', () => {
    const gained = aChange('roles_changed', { organizationName: 'Zebra', added: [spellings[0] ?? ''] });
    for (const [, body] of bodiesOf(reportOn([...changesOf('roles_changed', 40), gained]))) {
      expect(body).toContain('Zebra');
    }
  });
});

describe('a name from outside', () => {
  test('cannot forge a line', () => {
    const { text, html } = reportOn([
      aChange('joined', { organizationName: 'Acme\r\n\r\nLEFT (9)\n  Bank \u202Eknab' }),
    ]);
    expect(text).toContain('  Acme<U+000D><U+000A><U+000D><U+000A>LEFT (9)<U+000A>  Bank <U+202E>knab (');
    expect(text).not.toMatch(/^LEFT/m);
    expect(html).not.toMatch(/[\r\u202E]/);
  });

  test('cannot become HTML', () => {
    const attack = `<img src="https://example.com/x.png" onerror='alert(1)'>&lt;`;
    const { html } = reportOn(
      [
        aChange('renamed', { organizationName: attack, before: attack, organizationId: attack }),
        aChange('roles_changed', { added: [attack], removed: [attack] }),
      ],
      { principal: attack, chain: attack },
    );
    expect(html).not.toContain('<img');
    expect(readHtml(html)).toContain(attack);
  });
});

test('the HTML loads nothing from anywhere', () => {
  expect(reportOn(changesOf('left', 1)).html).not.toMatch(
    /https?:|<(?:img|link|script|iframe)|url\(|@import/i,
  );
});

test('a report that was narrowed to some categories says so', () => {
  const narrowed = composeReport(
    aRun(),
    { changes: changesOf('invited', 1), categories: ['invitation'] },
    voice,
  );
  expect(narrowed?.text).toContain('You get changes of these categories only: invitation.');
  expect(reportOn(changesOf('invited', 1)).text).not.toContain('categories');
});
