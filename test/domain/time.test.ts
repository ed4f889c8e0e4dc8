import { describe, expect, it } from 'vitest';
import { RollcallError } from '../../src/domain/errors.ts';
import { parseTime, readInstant } from '../../src/domain/time.ts';

const now = new Date('2026-03-01T12:00:00Z');

describe('what a program writes as a time', () => {
  it.each([
    ['2026-08-14T02:00:00Z', '2026-08-14T02:00:00.000Z'],
    ['2026-08-14T02:00:00.123456Z', '2026-08-14T02:00:00.123Z'],
    ['2026-08-14T02:00:00+02:00', '2026-08-14T00:00:00.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ])('is read: %s', (text, instant) => {
    expect(readInstant(text)?.toISOString()).toBe(instant);
  });

  it.each([
    ...[
      '+099999-01-01T00:00:00Z',
      '0000-01-01T00:00:00Z',
      '-000001-01-01T00:00:00Z',
      'infinity',
      '-infinity',
    ],
    ...[
      '9999-12-31T23:59:59-01:00',
      '0001-01-01T00:00:00+01:00',
      '2026-02-30T00:00:00Z',
      '2026-13-01T00:00:00Z',
    ],
    ...[
      '2026-08-14T25:00:00Z',
      '2026-08-14T02:00:60Z',
      '2026-00-00T00:00:00Z',
      '2026-08-14',
      'tomorrow',
      '7',
      '',
    ],
    ...['1'.repeat(1_000_000), `2026-08-14T02:00:00.${'0'.repeat(1_000_000)}Z`, '2026-08-14T02:00:00Z\0'],
    ...[null, undefined, 7, 1e9, true, {}, [], ['2026-08-14T02:00:00Z'], Number.NaN],
  ])('is not known where it is none, or none that can be stored: %j', (stamped) => {
    expect(readInstant(stamped)).toBeNull();
  });
});

describe('what a person writes as a time', () => {
  it.each([
    ['30d', '2026-01-30T12:00:00.000Z'],
    ['2026-03-01', '2026-03-01T00:00:00.000Z'],
    ['2026-03-01T02:00+01:00', '2026-03-01T01:00:00.000Z'],
  ])('is read: %s', (text, instant) => {
    expect(parseTime(text, now).toISOString()).toBe(instant);
  });

  it.each([
    ...['2026-02-30', '2026-13-01', '0000-01-01', '999999w', `${'9'.repeat(400)}d`, '-1d', '30', 'yesterday'],
    ...['+099999-01-01', '2026-03-01T02:00', '\u202E2026-03-01', 'd'.repeat(1_000_000)],
  ])('is wrong usage where it is none: %.30s', (text) => {
    const read = () => parseTime(text, now);
    expect(read).toThrow(RollcallError);
    expect(read).toThrow(/^Expected a time such as .{0,200}$/);
  });
});
