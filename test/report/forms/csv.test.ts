import { createHash } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { type Change } from '../../../src/domain/change.ts';
import { longestCell, writeCsv } from '../../../src/report/forms/csv.ts';
import { aChange, lastNight, tonight, csvFileOf } from '../builders.ts';

function readBack(...changes: Change[]): Record<string, string>[] {
  return parse(writeCsv(changes), { columns: true });
}

function nameReadBack(organizationName: string): string | undefined {
  return readBack(aChange('left', { organizationName }))[0]?.['organization_name'];
}

test('a change is one row under the header that scripts rely on', () => {
  const change = aChange('roles_changed', {
    id: 17,
    before: 'Administrator',
    after: 'Billing; DNS',
    added: ['DNS', 'Billing'],
    removed: ['Administrator'],
  });
  expect(writeCsv([change])).toBe(
    'change_id,run_id,principal,category,kind,organization_id,organization_name,before,after,added,removed,not_before,not_after,returning,by_us,invited_by,invited_on,expires_on,gone_because,offered,super_administrator\r\n' +
      '17,812,ops-bot,membership,roles_changed,023e105f4ecef8ad9ca31a8372d0c353,Acme,Administrator,"Billing; DNS","Billing; DNS",Administrator,2026-08-13T02:00:04.000Z,2026-08-14T02:00:05.000Z,false,false,,,,,,\r\n',
  );
});

test('the header is there without changes', () => {
  expect(writeCsv([])).toMatch(/^change_id,run_id,[a-z_,]+,not_after,[a-z_,]+\r\n$/);
});

test('what is unknown is an empty cell', () => {
  const [row] = readBack(aChange('left', { organizationName: null, before: null, after: null }));
  expect(row).toMatchObject({ organization_name: '', before: '', after: '', added: '', removed: '' });
});

test.each([
  ['quotes', 'The "Good" Company'],
  ['a comma', 'Acme, Inc.'],
  ['a semicolon', 'Acme; Sons'],
  ['CRLF', 'two\r\nlines'],
  ['a bare LF', 'two\nlines'],
  ['a bare CR', 'two\rlines'],
  ['a tab inside', 'a\tb'],
  ['emoji', '👩‍💻 Studio 🐦'],
  ['right-to-left letters', 'שלום עולם'],
  ['a right-to-left override', 'Acme \u202Egnp.exe'],
  ['a hyphen inside', 'A-Z Hosting + DNS @ Home = Fun'],
])('a name with %s comes back as it was', (_what, name) => {
  expect(nameReadBack(name)).toBe(name);
});

test.each(['two\nlines', 'two\rlines', 'two\r\nlines'])('%j is quoted, so that it stays one cell', (name) => {
  expect(writeCsv([aChange('left', { organizationName: name })])).toContain(`,"${name}",`);
});

test('a change is the same row in every file that it is in, whatever stands beside it', () => {
  const changes = ['Acme, Inc.', '007', 'two\r\nlines'].map((organizationName) =>
    aChange('left', { organizationName }),
  );
  const [comma, digits, lines] = changes;
  const files = [changes, changes, [lines, comma, aChange('left'), digits, comma]];
  for (const file of files) {
    const asOften = file.flatMap((change) => change ?? []);
    const anew = asOften.map((change) => ({ ...change }));
    expect(csvFileOf('ops-bot', tonight, asOften)).toEqual(csvFileOf('ops-bot', tonight, anew));
  }
});

describe('a text that a spreadsheet would read as a formula is guarded', () => {
  test.each([
    ["=cmd|'/C calc'!A0", "'=cmd|'/C calc'!A0"],
    ['+1', "'+1"],
    ['-1+1', "'-1+1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1+1', "'\t'=1+1"],
    ['\r=1+1', "'\r'=1+1"],
    ['\n=1+1', "\n'=1+1"],
    ['  =1+1', "  '=1+1"],
    ['＝1+1', "'＝1+1"],
    ['＋1', "'＋1"],
    ['－1', "'－1"],
    ['＠SUM(A1)', "'＠SUM(A1)"],
    ['Acme;=1+1', "Acme;'=1+1"],
    ['Acme; \t=1+1', "Acme; \t'=1+1"],
    ['Acme\n@SUM(A1)', "Acme\n'@SUM(A1)"],
  ])('%j', (name, guarded) => {
    expect(nameReadBack(name)).toBe(guarded);
  });

  test('in every column of text from outside, each member of a set by itself', () => {
    const [row] = readBack(
      aChange('roles_changed', {
        principal: '=p',
        organizationId: '=i',
        organizationName: '=n',
        before: '=b',
        after: '=a',
        added: ['=x', 'y', '=z'],
        removed: ['=x'],
      }),
    );
    expect(row).toMatchObject({
      principal: "'=p",
      organization_id: "'=i",
      organization_name: "'=n",
      before: "'=b",
      after: "'=a",
      added: "'=x; '=z; y",
      removed: "'=x",
    });
  });

  test('a cell with another separator in it is quoted, so that it stays one cell', () => {
    expect(writeCsv([aChange('left', { organizationName: 'a;b' })])).toContain(',"a;b",');
  });
});

test('our own numbers and times are left alone', () => {
  const [row] = readBack(aChange('left', { id: 17 }));
  expect(row).toMatchObject({
    change_id: '17',
    run_id: '812',
    not_before: lastNight.toISOString(),
    not_after: tonight.toISOString(),
  });
});

test('the hash is over the bytes of the file, which begins with a byte order mark', () => {
  const file = csvFileOf('ops-bot', tonight, [aChange('left', { organizationName: 'Ünïcode 🐦' })]);
  const bytes = Buffer.from(file.content, 'utf8');
  expect(file.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
  expect(bytes.subarray(0, 3).toString('hex')).toBe('efbbbf');
  expect(bytes.subarray(3, 12).toString('latin1')).toBe('change_id');
  expect(writeCsv([])).toMatch(/^change_id/);
});

test.each([
  ['ops-bot', 'rollcall-ops-bot-2026-08-14.csv'],
  ['équipe sécurité', 'rollcall-équipe-sécurité-2026-08-14.csv'],
  ['../../etc/passwd', 'rollcall-etc-passwd-2026-08-14.csv'],
  ['a\r\nb"c', 'rollcall-a-b-c-2026-08-14.csv'],
  ['???', 'rollcall-principal-2026-08-14.csv'],
])('the file of %j is %s', (principal, filename) => {
  expect(csvFileOf(principal, tonight, []).filename).toBe(filename);
});

describe('the file of a mail is for spreadsheets', () => {
  const nameIn = (organizationName: string) => {
    const { content } = csvFileOf('ops-bot', tonight, [aChange('left', { organizationName })]);
    return parse<Record<string, string>>(content, { columns: true, bom: true })[0]?.['organization_name'];
  };

  test.each(['007', '12345678901234567890123456789012', '1E5', '1/2', '12:30', '$5', '(5)', '9'.repeat(400)])(
    '%s would be read as a number, and is guarded',
    (name) => {
      expect(nameIn(name)).toBe(`'${name}`);
      expect(nameReadBack(name)).toBe(name);
    },
  );

  test.each(['023e105f4ecef8ad9ca31a8372d0c353', '1E5E', '3M', 'Studio 54', '', '24/7 Hosting'])(
    '%j is none, and is left alone',
    (name) => {
      expect(nameIn(name)).toBe(name);
    },
  );

  test('what is longer than a cell is cut with a mark that says so, and nothing shorter is', () => {
    expect(nameIn('x'.repeat(longestCell))).toBe('x'.repeat(longestCell));
    for (const long of ['x'.repeat(longestCell + 1), '🐦'.repeat(longestCell), '1'.repeat(longestCell)]) {
      const cut = nameIn(long) ?? '';
      expect(cut.length).toBeGreaterThan(longestCell - 3);
      expect(cut.length).toBeLessThanOrEqual(longestCell);
      expect(cut).toMatch(/ … \[cut: \d+ characters, more than a cell holds; the database has all\]$/);
      expect(cut.isWellFormed()).toBe(true);
    }
    expect(nameReadBack('x'.repeat(longestCell + 1))).toHaveLength(longestCell + 1);
  });
});
