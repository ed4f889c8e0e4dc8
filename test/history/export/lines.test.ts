import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../../src/domain/digest.ts';
import { exportedColumns, writeLine } from '../../../src/history/export/lines.ts';
import { exportedTables } from '../../../src/history/export/manifest.ts';

const value = fc.oneof(
  fc.constant(null),
  fc.string({ unit: 'binary' }),
  fc.array(fc.string({ unit: 'grapheme' })),
  fc.maxSafeInteger(),
  fc.boolean(),
);
const json = fc.jsonValue();

test.each(exportedTables)('the line of a row of %s is canonical JSON of all its columns', (table) => {
  const columns = exportedColumns(table);
  const rowOf = fc.record(
    Object.fromEntries(columns.map((column) => [column, column === 'proof' ? json : value])),
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(rowOf, (row) => {
      expect(writeLine(table, row)).toBe(canonicalJson(row));
    }),
  );
});
