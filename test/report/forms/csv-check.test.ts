import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Change, changeKinds } from '../../../src/domain/change.ts';
import { type CsvFile, writeRollFile } from '../../../src/report/forms/csv.ts';
import { type Counted, requireWholeCsv, requireWholeRoll } from '../../../src/report/forms/csv-check.ts';
import { composeHeldReport, composeReport } from '../../../src/report/report.ts';
import { aChange, aMembership, aRun, changesOf, tonight, voice, csvFileOf } from '../builders.ts';

const changes = [...changesOf('left', 2), ...changesOf('joined', 1)];
const counted: Counted[] = [
  { kind: 'left', count: 2 },
  { kind: 'joined', count: 1 },
];

function check(change: (file: CsvFile) => Partial<CsvFile>, told = changes, counts = counted): void {
  const file = csvFileOf('ops-bot', tonight, changes);
  requireWholeCsv({ ...file, ...change(file) }, told, counts);
}

function rewritten(rewrite: (content: string) => string): (file: CsvFile) => Partial<CsvFile> {
  return ({ content }) => {
    const made = rewrite(content);
    return { content: made, sha256: createHash('sha256').update(made, 'utf8').digest('hex') };
  };
}

test('a file that holds what the report tells passes', () => {
  expect(() => check(() => ({}))).not.toThrow();
});

describe('a file is found out that', () => {
  const faults: [what: string, change: (file: CsvFile) => Partial<CsvFile>, told: RegExp][] = [
    ['lacks a row', rewritten((text) => text.replace(/2,812.*\r\n/, '')), /change in row 2/],
    ['has a row twice', rewritten((text) => text.replace(/(2,812.*\r\n)/, '$1$1')), /change in row 3/],
    [
      'has another id',
      rewritten((text) => text.replace('\r\n2,812', '\r\n7,812')),
      /row 2: expected 2 812 left/,
    ],
    ['has another organization', rewritten((text) => text.replace('023e', '123e')), /row 1: .* 023e/],
    [
      'has another kind',
      rewritten((text) => text.replace(',left,', ',joined,')),
      /row 1: expected 1 812 left/,
    ],
    [
      'has columns in another order',
      rewritten((text) => text.replace('change_id,run_id', 'run_id,change_id')),
      /columns/,
    ],
    ['is no CSV', rewritten((text) => text.replace('812,', '81"2,')), /row 2 /],
    ['is not what its hash is of', () => ({ sha256: '0'.repeat(64) }), /SHA-256/],
  ];
  test.each(faults)('%s', (_what, change, told) => {
    expect(() => check(change)).toThrow(told);
  });

  test('holds other changes than the mail counts', () => {
    const short = [{ kind: 'left' as const, count: 3 }];
    expect(() => check(() => ({}), changes, short)).toThrow(
      /each kind: expected 3 left, got 1 joined, 2 left/,
    );
  });

  test('was written for another report', () => {
    expect(() => check(() => ({}), changes.toReversed())).toThrow(/row 1/);
  });
});

test('ids that look like formulas or numbers, and cells of any length, are the same changes', () => {
  const hostile: Change[] = ['=1+1', '00123', '1e5', "'quoted'", 'a;=b', ''].map((organizationId, index) =>
    aChange('left', { id: index + 1, organizationId, organizationName: '"\r\n,'.repeat(20_000) }),
  );
  const suspects = changeKinds.map((kind) => aChange(kind, { id: null }));
  for (const told of [hostile, suspects]) {
    const counts = [...Map.groupBy(told, ({ kind }) => kind)].map(([kind, all]) => ({
      kind,
      count: all.length,
    }));
    expect(() => requireWholeCsv(csvFileOf('ops-bot', tonight, told), told, counts)).not.toThrow();
  }
});

describe('the file of a roll', () => {
  const roll = ['=1', '23', 'ab'].map((organizationId) => aMembership({ organizationId }));
  const file = writeRollFile('ops-bot', tonight, roll);
  if (file === null) throw new Error('expected a file');

  test('passes where it has every membership', () => {
    expect(() => requireWholeRoll(file, roll)).not.toThrow();
  });

  test.each([
    ['one is missing', [...roll, aMembership({ organizationId: 'more' })]],
    ['it has one more', roll.slice(1)],
    ['one is another', [...roll.slice(1), aMembership({ organizationId: 'other' })]],
  ])('is found out where %s', (_, told) => {
    expect(() => requireWholeRoll(file, told)).toThrow('memberships');
  });
});

describe('no report comes of changes of which its file says something else', () => {
  /** Another organization each time that it is asked for, as a fault in between might make of it. */
  const fickle = (): Change => {
    let times = 0;
    return Object.defineProperty(aChange('left'), 'organizationId', { get: () => `id${(times += 1)}` });
  };

  test('of a night', () => {
    expect(() => composeReport(aRun(), { changes: [fickle()] }, voice)).toThrow(/CSV .* row 1: expected/);
  });

  test('of a run that is held', () => {
    const held = { ...aRun(), reason: 'it lost too much', firstRunId: 812 };
    expect(() => composeHeldReport(held, [fickle()], voice)).toThrow(/CSV .* row 1: expected/);
  });
});
