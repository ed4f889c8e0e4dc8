import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { wrapLine, wrapLines } from '../../src/terminal/wrap.ts';

test('no line is wider than it may be, and nothing is lost but blanks', () => {
  const words = fc.array(fc.constantFrom('a', 'organization', '株式会社', '👩‍💻', 'x'.repeat(70), ''));
  fc.assert(
    fc.property(words, fc.integer({ min: 4, max: 60 }), (given, width) => {
      const lines = wrapLine(given.join(' '), width);

      expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(width);
      expect(lines.join('').replaceAll(' ', '')).toBe(given.join(''));
    }),
  );
});

test('what goes on goes on further in than its line began', () => {
  expect(wrapLines('one two three\n  four five six', 10)).toBe('one two\n  three\n  four\n    five\n    six');
});

test('what fits, and what goes into a file, is as it was', () => {
  expect(wrapLines('Window       2026\n\n--', 20)).toBe('Window       2026\n\n--');
  expect(wrapLines('x'.repeat(500), null)).toBe('x'.repeat(500));
});
