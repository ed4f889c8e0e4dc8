import { describe, expect, test } from 'vitest';
import { type Change, type ChangeKind } from '../../src/domain/change.ts';
import { readCsv } from '../../src/domain/csv-reading.ts';
import { composeHeldReport, composeReport, type Report } from '../../src/report/report.ts';
import { type Membership } from '../../src/domain/membership.ts';
import { rollColumns } from '../../src/report/roll.ts';
import { scopeOf } from '../../src/report/scope.ts';
import { type ReportedRun } from '../../src/report/told.ts';
import { wordings } from '../../src/report/wording.ts';
import { aChange, aFirstRun, aMembership, aRun, changesOf, tonight, voice } from './builders.ts';

const administrator = 'Super Administrator - All Privileges';

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
  const roll: Membership[] = [
    aMembership({ organizationId: '2', organizationName: 'Beta', roles: [administrator] }),
    aMembership({ organizationId: '1', organizationName: 'Acme', roles: [administrator] }),
    aMembership({
      organizationId: '3',
      organizationName: 'Gamma',
      status: 'invited',
      roles: [administrator],
    }),
    aMembership({ organizationId: '4', organizationName: '=1+1', roles: ['Billing'] }),
  ];
  const report = composeReport(aFirstRun({ members: 3, invited: 1, other: 0 }), { changes: [], roll }, voice);

  test('is one notice of the baseline', () => {
    expect(report).toMatchObject({
      kind: 'baseline',
      subject: '[rollcall] ops-bot: baseline of 4 organizations, Super Administrator of 2',
    });
  });

  test('says where the principal stands, and of whom it is Super Administrator: an offer is none', () => {
    expect(report?.text).toContain('ops-bot is now a member of 3 organizations and invited to 1.');
    expect(report?.text).toContain('ops-bot is Super Administrator of 2: Acme and Beta.');
  });

  test('counts and names those too of whom a policy alone makes it Super Administrator', () => {
    const policies = ['allow Super Administrator - All Privileges on com.cloudflare.api.account.9'];
    const by = (organizationName: string, given: Partial<Membership>) =>
      aMembership({ organizationId: organizationName, organizationName, policies, ...given });
    const some = [
      by('Delta', { roles: ['Billing'] }),
      by('Epsilon', { roles: [administrator] }),
      by('Zeta', { status: 'invited' }),
      by('Eta', { policies: ['deny Super Administrator on com.cloudflare.api.account.9'] }),
    ];
    const told = composeReport(aFirstRun(), { changes: [], roll: [...roll, ...some] }, voice);
    expect(told?.subject).toContain('Super Administrator of 4');
    expect(told?.text).toContain(
      'Super Administrator of 4: Acme, Beta, Delta, and Epsilon. Of 1 it is so by',
    );
    expect(told?.text).toContain('by a policy, and by no role: Delta.');
    expect(report?.text).not.toContain('policy');
    const alone = composeReport(aFirstRun(), { changes: [], roll: some.slice(0, 1) }, voice);
    expect(alone?.text).toContain('Super Administrator of 1: Delta. That is by a policy, and by no role.');
  });

  test('carries the roll, by name, with the columns of the command that lists it', () => {
    const [header, ...rows] = (report?.csv?.content ?? '').replace('\uFEFF', '').trim().split('\r\n');
    expect(header).toBe(rollColumns.join());
    expect(rows.map((row) => row.split(',').slice(0, 3))).toEqual([
      ['ops-bot', "'4", "'=1+1"],
      ['ops-bot', "'1", 'Acme'],
      ['ops-bot', "'2", 'Beta'],
      ['ops-bot', "'3", 'Gamma'],
    ]);
  });

  test('has what was added to the roll at the right, where it moves nothing that scripts read by place', () => {
    const known = aMembership({
      membershipId: '4536bcfad5faccb111b47003c79917fa',
      twoFactorEnforced: false,
      apiAccess: true,
      policies: ['allow DNS on com.cloudflare.api.account.1', 'deny Billing on com.cloudflare.api.account.1'],
      parentOrganization: 'Acme Group (8d3f)',
    });
    const roll = [known, aMembership({ organizationId: '2', organizationName: 'Beta' })];
    const { csv } = composeReport(aFirstRun(), { changes: [], roll }, voice) ?? {};
    const [header, ...rows] = readCsv(csv?.content.slice(1) ?? '');
    expect(header?.join()).toBe(
      'principal,organization_id,organization_name,status,roles,permissions,since,seen_at,membership_id,two_factor_enforced,api_access,policies,parent_organization',
    );
    expect(rows.map((row) => row.slice(8))).toEqual([
      [
        '4536bcfad5faccb111b47003c79917fa',
        'false',
        'true',
        'allow DNS on com.cloudflare.api.account.1; deny Billing on com.cloudflare.api.account.1',
        'Acme Group (8d3f)',
      ],
      ['', '', '', '', ''],
    ]);
  });

  test.each(['permissions', 'policies'] as const)(
    'goes without its file where that is too large for a mail for its %s, and says what prints it',
    (field) => {
      const set = Array.from({ length: 100 }, (_, index) => `#permission_${index}:edit`);
      const many = Array.from({ length: 8_000 }, (_, index) =>
        aMembership({ organizationId: String(index), [field]: set }),
      );
      const large = composeReport(aFirstRun(), { changes: [], roll: many }, voice);
      expect(large?.csv).toBeNull();
      expect(large?.text).toContain('too large for a mail');
      expect(large?.text).toContain('npx --no rollcall members --principal ops-bot');
      expect(report?.text).not.toContain('too large');
    },
  );

  test('says of how many organizations nobody knows the roles', () => {
    const unknown = [aMembership(), aMembership({ organizationId: '2', roles: null })];
    const told = composeReport(aFirstRun(), { changes: [], roll: unknown }, voice);
    expect(told?.text).toContain('Of 1 organization Cloudflare told no roles.');
    expect(report?.text).not.toContain('told no roles');
  });

  test('of a principal without organizations is a baseline too', () => {
    const empty = composeReport(aFirstRun({ members: 0, invited: 0, other: 0 }), { changes: [] }, voice);
    expect(empty?.subject).toContain('[rollcall] ops-bot: baseline of 0 organizations');
    expect(empty?.text).toContain('ops-bot is Super Administrator of none of them.');
  });
});

test('the subject is one line, whatever the principal is called', () => {
  const { subject } = reportOn(changesOf('left', 1), { principal: 'ops\r\nBcc: thief@example.com' });
  expect(subject).toBe('[rollcall] ops<U+000D><U+000A>Bcc: thief@example.com: left Organization 001');
});

test('changes too large for a mail go without a file, and say what prints them', () => {
  const before = 'x'.repeat(40_000);
  const changes = changesOf('permissions_changed', 400).map((change) => ({ ...change, before }));
  const { csv, text } = reportOn(changes);
  expect(csv).toBeNull();
  expect(text).toContain('`npx --no rollcall changes --csv` prints them');
  expect(text).not.toContain('CSV SHA-256');
  expect(reportOn(changes.slice(0, 300)).csv).not.toBeNull();
  const held = composeHeldReport({ ...aRun(), reason: 'much is gone', firstRunId: 812 }, changes, voice);
  expect(held.csv).toBeNull();
  expect(held.text).toContain('too large for a mail');
});

test('times are in the zone of the configuration, with its name', () => {
  const report = composeReport(
    aRun(),
    { changes: [aChange('invited', { expiresOn: tonight }), aChange('left')] },
    { ...voice, timezone: 'Europe/Madrid' },
  );
  expect(report?.text).toContain('between 13 Aug 2026, 04:00 and 14 Aug 2026, 04:00 (Europe/Madrid)');
  expect(report?.text).toContain('expiry 14 Aug 2026, 04:00');
});

describe('what to do next stands first', () => {
  const id = '023e105f4ecef8ad9ca31a8372d0c353';

  test.each(bodiesOf(reportOn([aChange('left'), ...changesOf('renamed', 1)])))(
    'as commands that can be typed: %s',
    (_form, body) => {
      expect(body).toContain(`npx --no rollcall history ${id}`);
      expect(body.indexOf('history')).toBeLessThan(body.toLowerCase().lastIndexOf('\nrenamed'));
    },
  );

  test('and as a link to the members of an organization that lost or gained much', () => {
    expect(reportOn([aChange('left')]).html).toContain(`href="https://dash.cloudflare.com/${id}/members"`);
    expect(reportOn([aChange('left')]).text).toContain(`https://dash.cloudflare.com/${id}/members`);
    expect(reportOn([aChange('renamed')]).html).not.toContain('href');
  });

  test.each(['" onclick="alert(1)', '../../profile', 'https://phish.example', `${id}/x`, id.toUpperCase()])(
    'what is no id leads nowhere: %s',
    (organizationId) => {
      const { html, text } = reportOn([aChange('left', { organizationId })]);
      expect(html).not.toContain('href');
      expect(text).not.toContain('dash.cloudflare.com');
    },
  );
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

  const different = (count: number) =>
    changesOf('joined', count).map((change, index) => ({ ...change, added: [`Role ${index}`] }));

  test.each(bodiesOf(reportOn(different(20))))('tell twenty of a kind: %s', (_form, body) => {
    expect(body).toContain('Organization 020');
    expect(body).not.toContain('more in the CSV');
  });

  test.each(bodiesOf(reportOn(different(23))))('leave the rest to the CSV, counted: %s', (_form, body) => {
    expect(body).toContain('Organization 020');
    expect(body).not.toContain('Organization 021');
    expect(body).toContain('and 3 more in the CSV');
  });

  const alike = { added: ['Administrator', 'Billing'] };

  test.each(bodiesOf(reportOn(changesOf('joined', 51).map((change) => ({ ...change, ...alike })))))(
    'tell equal changes once, with twenty names: %s',
    (_form, body) => {
      expect(body).toMatch(
        /Joined as Administrator, Billing \(51\): Organization 001, Organization 002, .*Organization 020, … and 31 more in the CSV/,
      );
      expect(body).not.toContain('Organization 021');
      expect(body.match(/Administrator, Billing/g)).toHaveLength(1);
    },
  );

  test.each(
    bodiesOf(
      reportOn([
        ...changesOf('roles_changed', 30).map((change) => ({
          ...change,
          added: ['Billing'],
          removed: ['DNS'],
        })),
        aChange('roles_changed', {
          organizationName: 'Zeta',
          added: ['Billing', administrator],
          removed: ['DNS'],
        }),
      ]),
    ),
  )('never fold Super Administrator away: %s', (_form, body) => {
    expect(body).toMatch(/Zeta.*SUPER ADMINISTRATOR GAINED/i);
    expect(body.indexOf('Zeta')).toBeLessThan(body.indexOf('Organization 001'));
    expect(body).toMatch(/Roles changed \(30\): /);
  });

  test.each([
    ['roles', { added: ['DNS'] }],
    ['who invited', { invitedBy: 'eve@example.com' }],
    ['what an invitation offers', { offered: ['DNS'] }],
    ['that it is back', { returning: true }],
    ['that it was ours', { byUs: true }],
    ['why it is gone', { goneBecause: 'expired' }],
    ['the status', { before: 'member', after: 'suspended' }],
  ] as const)('tell what differs by itself: %s', (_what, given) => {
    const [first, second, third] = changesOf('status_changed', 3);
    if (first === undefined || second === undefined || third === undefined) throw new Error('expected three');
    const { text } = reportOn([first, second, { ...third, ...given }]);
    expect(text).toMatch(/Status changed \(2\): Organization 001, Organization 002/);
    expect(text).toMatch(/^ {2}Organization 003 \(/m);
  });

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
    expect(body).toMatch(/\n *023e105f4ecef8ad9ca31a8372d0c353(?! *\n.*Acme)/);
    expect(body).toContain('no access any more to 023e105f4ecef8ad9ca31a8372d0c353.');
    expect(body).not.toMatch(/null| \(\)/);
  });

  test.each(bodiesOf(reportOn(changesOf('left', 1))))(
    'carry the window, the run, the CSV and the chain: %s',
    (_form, body) => {
      const { csv } = reportOn(changesOf('left', 1));
      expect(body).toContain('between 13 Aug 2026, 02:00 and 14 Aug 2026, 02:00 (UTC)');
      expect(body).toContain('2026-08-13 02:00:04 to 2026-08-14 02:00:05 UTC');
      expect(body).toContain('812, compared with run 811');
      expect(body).toContain('rollcall-ops-bot-2026-08-14.csv');
      expect(body).toContain(csv?.sha256);
      expect(body).toContain(aRun().chain);
    },
  );
});

describe('what /memberships alone tells', () => {
  const own = '023e105f4ecef8ad9ca31a8372d0c353';
  const account = 'com.cloudflare.api.account';
  const flags = (kind: ChangeKind, count: number, after: boolean) =>
    changesOf(kind, count).map((change, index) => ({
      ...change,
      organizationId: `${kind}${after}${index}`,
      organizationName: `${after ? 'Safe' : 'Bare'} ${String(index + 1).padStart(3, '0')}`,
      before: String(!after),
      after: String(after),
    }));

  test.each(
    bodiesOf(reportOn([...flags('two_factor_changed', 80, true), ...flags('two_factor_changed', 51, false)])),
  )('who enforces two factors no longer is one fold, who does now another, behind it: %s', (_form, body) => {
    expect(body).toMatch(/Two factors no longer enforced \(51\): Bare 001, Bare 002, .*, … and 31 more/);
    expect(body).toMatch(/Two factors enforced now \(80\): Safe 001, Safe 002, /);
    expect(body.indexOf('no longer enforced (51)')).toBeLessThan(body.indexOf('enforced now (80)'));
  });

  test.each(
    bodiesOf(
      reportOn([
        ...Array.from({ length: 30 }, (_, index) =>
          flags('two_factor_changed', 1, true).map((one) => ({ ...one, invitedBy: `${index}` })),
        ).flat(),
        ...flags('two_factor_changed', 2, true),
        ...flags('two_factor_changed', 1, false),
      ]),
    ),
  )('one that enforces them no longer stands first, and out: %s', (_form, body) => {
    expect(body).toMatch(/Bare 001.*TWO FACTORS NO LONGER ENFORCED/i);
    expect(body.search(/Bare 001.*no longer/i)).toBeLessThan(body.search(/enforced now \(\d+\): Safe 001/));
  });

  test('it is worth a look where it is, after what happened to Super Administrator and to access', () => {
    const bare = aChange('two_factor_changed', { before: 'true', after: 'false' });
    const gone = aChange('left', { organizationId: 'a'.repeat(32), organizationName: 'Gone' });
    const { text } = reportOn([bare, gone]);
    const pages = text.match(/dash\.cloudflare\.com\/\w+/g) ?? [];
    expect(pages).toEqual([`dash.cloudflare.com/${'a'.repeat(32)}`, `dash.cloudflare.com/${own}`]);
    expect(reportOn([{ ...bare, before: 'false', after: 'true' }]).text).not.toContain('dash.cloudflare');
  });

  test.each(
    bodiesOf(
      reportOn([
        ...flags('api_access_changed', 2, true),
        ...flags('api_access_changed', 3, false),
        ...changesOf('parent_changed', 2).map((one) => ({ ...one, before: 'none', after: 'Group (8d3f)' })),
        aChange('parent_changed', { organizationName: 'Sub', before: 'Old (4536)', after: 'Group (8d3f)' }),
        aChange('parent_changed', { organizationName: 'Free', before: 'Old (4536)', after: 'none' }),
      ]),
    ),
  )('flags are words, and parents names with their ids as small print: %s', (_form, body) => {
    expect(body).toMatch(/Access by API turned off \(3\): Bare 001/);
    expect(body).toMatch(/Access by API turned on \(2\): Safe 001/);
    expect(body).toMatch(/Parent Group, before none \(2\): Organization 001, Organization 002 \(?8d3f\)?$/m);
    expect(body).toMatch(/Sub .*parent Group, before Old \(?8d3f, before 4536\)?$/m);
    expect(body).toMatch(/Free .*parent none, before Old \(?before 4536\)?$/m);
    expect(body).not.toMatch(/\b(?:true|false)\b/);
  });

  test.each(
    bodiesOf(
      reportOn([
        ...['a', 'b'].map((letter) => {
          const organizationId = letter.repeat(32);
          return aChange('policies_changed', {
            organizationId,
            organizationName: `Company ${letter}`,
            added: [`allow DNS on Shops {${account}.${organizationId}: ${account}.zone.*}`],
            removed: [`allow Billing on ${account}.${organizationId}`],
          });
        }),
        aChange('policies_changed', {
          added: [`allow DNS on ${account}.${'c'.repeat(32)}`, `allow Zone on ${'x'.repeat(500)}`],
        }),
      ]),
    ),
  )('policies are lines in words, folded where they say the same of each own account: %s', (_form, body) => {
    expect(body).toMatch(/Policies changed \(2\): Company a, Company b/);
    expect(body.match(/− allow Billing on the account$/gm)).toHaveLength(1);
    expect(body).toContain('+ allow DNS on Shops {the account: all zones}');
    expect(body).toContain(`+ allow DNS on account ${'c'.repeat(32)}`);
    expect(body).toMatch(/\+ allow Zone on x{150,190}…$/m);
  });

  test('that which gives Super Administrator is told first of twenty, and that it came by a policy', () => {
    const line = `allow ${administrator} on ${account}.${own}`;
    const lines = Array.from({ length: 20 }, (_, index) => `allow A${index} on ${account}.${own}`);
    const change = aChange('policies_changed', { added: [...lines, line], superAdministrator: 'gained' });
    for (const [, body] of bodiesOf(reportOn([...changesOf('policies_changed', 30), change]))) {
      expect(body).toMatch(
        /Acme.*SUPER ADMINISTRATOR GAINED BY A POLICY.*\n\s+\+ allow Super Administrator/i,
      );
      expect(body).toContain('and 11 more in the CSV');
      expect(body.lastIndexOf('Acme')).toBeLessThan(body.indexOf('Organization 001'));
    }
    const byRole = reportOn([aChange('roles_changed', { added: [administrator] })]);
    expect(byRole.text).not.toContain('policy');
    const offer = { before: `Billing; ${administrator}`, after: 'Billing', offered: ['Billing'] };
    const gone = aChange('invitation_changed', { ...offer, superAdministrator: 'offer_gone' });
    expect(reportOn([gone]).text).not.toContain('policy');
  });

  test('the file has the lines and the flags as they are', () => {
    const line = `allow DNS on Shops {${account}.${own}: ${account}.zone.*}`;
    const { csv } = reportOn([
      aChange('policies_changed', { before: '', after: line, added: [line] }),
      aChange('two_factor_changed', { before: 'true', after: 'false' }),
    ]);
    const [header = [], ...rows] = readCsv(csv?.content.slice(1) ?? '');
    const cells = (column: string) => rows.map((row) => row[header.indexOf(column)]);
    expect(cells('added')).toEqual([line, '']);
    expect(cells('before')).toEqual(['', 'true']);
    expect(cells('after')).toEqual([line, 'false']);
  });
});

describe('Super Administrator', () => {
  const spellings = ['All Privileges - Super Administrator', 'Super Administrator - All Privileges'];

  test.each(spellings)('stands out when gained, spelled %s', (role) => {
    for (const [, body] of bodiesOf(reportOn([aChange('roles_changed', { added: [role] })]))) {
      expect(body).toContain('ops-bot is now Super Administrator of Acme.');
      expect(body).toMatch(/Acme.*Super Administrator gained/i);
    }
  });

  test.each(spellings)('stands out when lost, spelled %s', (role) => {
    for (const [, body] of bodiesOf(reportOn([aChange('roles_changed', { removed: [role] })]))) {
      expect(body).toContain('ops-bot is no longer Super Administrator of Acme.');
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
  test('cannot pass for something to type', () => {
    const name = '`rollcall reject 5`';
    const { text, html } = reportOn([
      aChange('left', { organizationName: name }),
      aChange('left', { organizationName: 'Acme', organizationId: '2' }),
      aChange('roles_changed', { added: [administrator], organizationId: '3' }),
    ]);
    expect(text).toContain("'rollcall reject 5'");
    expect(text).not.toContain('npx --no rollcall reject');
    expect(html).not.toMatch(/<code[^>]*>[^<]*reject/);
  });

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

test('the HTML loads nothing from anywhere, and links to the dashboard alone', () => {
  const { html } = reportOn(changesOf('left', 1));
  expect(html).not.toMatch(/<(?:img|link|script|iframe)|url\(|@import/i);
  expect(html.replaceAll(/https:\/\/dash\.cloudflare\.com\//g, '')).not.toMatch(/https?:/i);
});

test('a report that was narrowed says to what, and not where the principal stands elsewhere', () => {
  const scope = scopeOf([{ categories: ['invitation'] }, { kinds: ['left'], roles: ['*Admin*'] }]);
  const narrowed = composeReport(aRun(), { changes: changesOf('invited', 1), scope }, voice);
  expect(narrowed?.text).toContain('these changes only: invitation; left of the role *Admin*.');
  expect(narrowed?.text).not.toContain('124');
  const whole = reportOn(changesOf('invited', 1)).text;
  expect(whole).not.toContain('only:');
  expect(whole).toContain('a member of 124 organizations');
});
