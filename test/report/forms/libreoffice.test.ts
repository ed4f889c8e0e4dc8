import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { expect, it } from 'vitest';
import { readCsv } from '../../../src/domain/csv-reading.ts';
import { longestCell } from '../../../src/report/forms/csv.ts';
import { scratchFolder } from '../../support/command-line.ts';
import { ask, hasProgram } from '../../support/programs.ts';
import { aChange, tonight, csvFileOf } from '../builders.ts';

/** Names and ids that spreadsheets like to make something else of. */
const texts = [
  'Café Zürich – Łódź',
  '株式会社東京',
  '👩‍💻 Studio 🐦',
  'שלום עולם',
  '=1+1',
  '=HYPERLINK("http://phish.example","Acme")',
  '+1',
  '-1+1',
  '@SUM(A1)',
  'Acme;=1+1',
  '\t=1+1',
  'The "Good", Company',
  'two\nlines',
  '00123',
  '12345678901234567890123456789012',
  '1E5',
  '1e999',
  '0x10',
  '1/2',
  '2026-08-14',
  '12:30',
  '50 %',
  '1.234,56',
  '$1,000.00',
  '(5)',
  '12:30 PM',
  '2026-08-14T02:00',
  '9'.repeat(300),
  ' 007 ',
  'x'.repeat(longestCell),
  'x'.repeat(longestCell + 1),
  '🐦'.repeat(longestCell),
];

const missing = hasProgram('soffice') ? '' : ' (skipped: soffice is not installed)';

it.skipIf(missing !== '')(
  `LibreOffice shows every cell as it is written, whatever is in it${missing}`,
  { timeout: 120_000 },
  () => {
    const folder = scratchFolder();
    const changes = texts.map((text, index) =>
      aChange('left', { id: index + 1, organizationId: text, organizationName: text, removed: [text] }),
    );
    const { content } = csvFileOf('ops-bot', tonight, changes);
    writeFileSync(path.join(folder, 'report.csv'), content);
    const { status, said } = ask('soffice', [
      `-env:UserInstallation=file://${folder}/profile`,
      '--headless',
      // What its dialog proposes of a file with a byte order mark: UTF-8. Nobody is asked here.
      '--infilter=Text - txt - csv (StarCalc):44,34,76,1',
      '--convert-to',
      'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false',
      '--outdir',
      path.join(folder, 'shown'),
      path.join(folder, 'report.csv'),
    ]);
    expect(status, said).toBe(0);
    const shown: string[][] = parse(readFileSync(path.join(folder, 'shown', 'report.csv'), 'utf8'), {
      bom: true,
    });
    const written = [...readCsv(content.slice(1))];
    const [header = []] = written;
    expect(shown).toHaveLength(written.length);
    for (const column of ['change_id', 'organization_id', 'organization_name', 'removed']) {
      const at = header.indexOf(column);
      expect(shown.map((row) => row[at]?.replaceAll('\r\n', '\n'))).toEqual(written.map((row) => row[at]));
    }
  },
);
