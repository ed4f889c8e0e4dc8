import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { mailedCsv, storedCsv } from '../../src/domain/csv-file.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

test('a file is given back to the byte, byte order mark and all', () => {
  const file = '\uFEFFchange_id\r\n1\r\n';
  expect(storedCsv(file)).toBe('change_id\r\n1\r\n');
  expect(mailedCsv(storedCsv(file), sha256(file))).toBe(file);
});

test('a file that was mailed without a byte order mark is given back without', () => {
  const file = 'change_id\r\n1\r\n';
  expect(mailedCsv(storedCsv(file), sha256(file))).toBe(file);
});
