import { expect, test } from 'vitest';
import { parseJsonRow, readJsonRow } from '../../src/database/json-rows.ts';

test.each([
  ['2026-08-14T02:00:05+00:00', '2026-08-14T02:00:05.000Z'],
  ['2026-08-14T02:00:05.1+00:00', '2026-08-14T02:00:05.100Z'],
  ['2026-08-14T02:00:05.123456+00:00', '2026-08-14T02:00:05.123456Z'],
  ['12026-08-14T02:00:05.12+00:00', '12026-08-14T02:00:05.120Z'],
  ['2026-08-14T02:00:05+05:45', '2026-08-14T02:00:05+05:45'],
  ['0044-03-15T00:00:00+00:00 BC', '0044-03-15T00:00:00+00:00 BC'],
  ['infinity', 'infinity'],
  [null, null],
])('the time %j is read as %j, and all else as it is', (time, read) => {
  const row = { at: time, name: '2026-08-14T02:00:05+00:00', roles: ['DNS'] };
  const expected = { ...row, at: read };
  expect(readJsonRow(row, ['at', 'ended_at'])).toEqual(expected);
  expect(parseJsonRow(JSON.stringify(row), ['at', 'ended_at'])).toEqual(expected);
});
