import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { type Column, layOutTable } from '../../src/terminal/table.ts';

const column = (heading: string, more: Partial<Column> = {}): Column => ({
  heading,
  isWhole: false,
  ...more,
});

const rowOf = (...cells: string[]) => ({ cells, note: '' });

/** Names that are drawn wider or narrower than they are long. */
const names = {
  CJK: '株式会社東京ホールディングス国際事業本部',
  emoji: '👩‍💻 Studio 🐦🐦🐦🐦🐦🐦🐦🐦🐦🐦🐦🐦🐦🐦🐦🐦🐦🐦',
  'combining marks': 'Z̃ä́l̃g̈ó Ö̂̃rganizàtion ö̂̃f the Ünïted Ḱíngdöm and beyond it',
  'what is hidden': 'Acme \u202Egnp.exe \u009B31m and a \u200B blank',
};

describe.each(Object.entries(names))('a table of names with %s', (_, name) => {
  test.each([20, 40, 60, 80, 120])('fits %i columns', (width) => {
    const columns = [column('id', { isWhole: true }), column('name'), column('other name')];
    const table = layOutTable(columns, [rowOf('7', name, name), { ...rowOf('8', 'x', 'y'), note: name }], {
      width,
    });

    expect(Math.max(...table.split('\n').map((line) => stringWidth(line)))).toBeLessThanOrEqual(width);
    expect(table).not.toMatch(/[\u009B\u202E\u200B]/);
  });

  test('has its columns one below the other', () => {
    const table = layOutTable([column('name'), column('mark')], [rowOf(name, '*'), rowOf('x', '*')], {
      width: 30,
    });

    const [, first = '', second = ''] = table.split('\n');
    expect(stringWidth(first)).toBe(stringWidth(second));
  });
});

test('columns that it can do without go one after the other, and only where they have to', () => {
  const columns = [
    column('run', { isWhole: true }),
    column('slot', { isWhole: true, dispensable: 1 }),
    column('requests', { isWhole: true, dispensable: 0 }),
  ];
  const headingsAt = (width: number) =>
    layOutTable(columns, [rowOf('1', '2026-08-01', '3')], { width }).split('\n')[0];

  expect(headingsAt(25)).toBe('run  slot        requests');
  expect(headingsAt(24)).toBe('run  slot');
  expect(headingsAt(14)).toBe('run');
});

test('where no column is left to go, each row is a block, of which nothing is cut', () => {
  const id = '023e105f4ecef8ad9ca31a8372d0c353';
  const columns = [column('organization id', { isWhole: true }), column('state', { isWhole: true })];
  const rows = [{ cells: [id, 'complete'], note: 'a note' }, rowOf('7', 'held')];

  expect(layOutTable(columns, rows, { width: 36 })).toBe(
    [
      'organization id',
      `  ${id}`,
      'state            complete',
      '    a note',
      '',
      'organization id  7',
      'state            held',
    ].join('\n'),
  );
});

test('a cell that is wider than any terminal is in its block whole, in several lines', () => {
  const word = 'x'.repeat(100);
  const block = layOutTable([column('a', { isWhole: true })], [rowOf(word)], { width: 40 });

  expect(block.split('\n').every((line) => line.length <= 40)).toBe(true);
  expect(block.replaceAll(/[^x]/g, '')).toBe(word);
});

describe('one cell of a megabyte', () => {
  const huge = 'x'.repeat(1_000_000);
  const columns = [column('name'), column('note')];
  const rows = [
    rowOf(huge, 'first'),
    ...Array.from({ length: 20 }, (_, index) => rowOf(`n${index}`, 'other')),
  ];

  test('pads no other where the table goes into a file, and is there whole', () => {
    const table = layOutTable(columns, rows, { width: null });

    expect(table).toContain(`${huge}  first\n`);
    expect(table.length - huge.length).toBeLessThan(5_000);
  });

  test.each([40, 120])('is cut on a terminal of %i columns', (width) => {
    const lines = layOutTable(columns, rows, { width }).split('\n');

    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(lines[1]).toMatch(/^x+… +first$/);
  });

  test.each([40, 120])('as a note it is cut on a terminal of %i columns too', (width) => {
    const table = layOutTable(columns, [{ cells: ['a', 'b'], note: huge }], { width });

    expect(table.length).toBeLessThan(2_000);
    expect(table.split('\n').every((line) => stringWidth(line) <= width)).toBe(true);
  });
});

test('a column that holds nothing is left out, unless it was asked for', () => {
  const columns = [column('a'), column('b')];

  expect(layOutTable(columns, [rowOf('1', '')], { width: 80 })).toBe('a\n1');
  expect(layOutTable(columns, [rowOf('1', '')], { width: 80, keepsEmpty: true })).toBe('a  b\n1');
  expect(layOutTable(columns, [], { width: 80, keepsEmpty: true })).toBe('a  b');
});
