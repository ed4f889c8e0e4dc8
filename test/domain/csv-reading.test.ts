import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCsv } from '../../src/domain/csv-reading.ts';
import { writeCsvRows } from '../../src/report/forms/csv.ts';

const rowsOf = (text: string) => [...readCsv(text)];

test('rows of bare and quoted cells are read as they were written', () => {
  expect(rowsOf('a,b\r\n1,"x, ""y""\r\nz"\r\n,\r\n')).toEqual([
    ['a', 'b'],
    ['1', 'x, "y"\r\nz'],
    ['', ''],
  ]);
  expect(rowsOf('')).toEqual([]);
});

test.each([
  ['a row that does not end', 'a,b\r\n1,2', 2],
  ['a row that ends with LF', 'a,b\n1,2\r\n', 1],
  ['a row that ends with CR', 'a,b\r1,2\r\n', 1],
  ['a quote within a bare cell', 'a,b\r\n1,x"y\r\n', 2],
  ['a quote that does not end', 'a,b\r\n1,"2\r\n', 2],
  ['something after a quoted cell', 'a,b\r\n1,"2"3\r\n', 2],
  ['a cell too few', 'a,b\r\n1,2\r\n1\r\n', 3],
  ['a cell too many', 'a,b\r\n1,2,3\r\n', 2],
  ['a comma at the very end', 'a,b\r\n1,', 2],
])('%s is a fault, and its row is named', (_what, text, row) => {
  expect(() => rowsOf(text)).toThrow(`row ${row} `);
});

test('it reads what we write as another reader does, whatever is in the cells', () => {
  const piece = fc.oneof(fc.constantFrom('"', ',', '\r', '\n', '\r\n', ';', '=', ''), fc.string());
  const cell = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
  const rows = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(rows, (written) => {
      const text = writeCsvRows(written);
      expect(rowsOf(text)).toEqual(parse(text, { record_delimiter: '\r\n' }));
    }),
  );
});
