import fc from 'fast-check';
import { expect, test } from 'vitest';
import { visible, visibleJson, visibleLines } from '../../src/domain/visible.ts';

test.each([
  ['two\r\nlines', 'two<U+000D><U+000A>lines'],
  ['a tab\tinside', 'a tab<U+0009>inside'],
  ['nul\0', 'nul<U+0000>'],
  ['an \u001B[31mescape', 'an <U+001B>[31mescape'],
  ['Acme \u202Egnp.exe', 'Acme <U+202E>gnp.exe'],
  ['isolate \u2066x\u2069', 'isolate <U+2066>x<U+2069>'],
  ['line\u2028separator', 'line<U+2028>separator'],
  ['zero\u200Bwidth', 'zero<U+200B>width'],
  ['half \uD83D', 'half <U+D83D>'],
  ['C1 \u009B31m', 'C1 <U+009B>31m'],
  ['Hangul filler \u3164', 'Hangul filler <U+3164>'],
  ['blank Braille \u2800', 'blank Braille <U+2800>'],
  ['a tag \u{E0041}', 'a tag <U+E0041>'],
])('%j shows what it hides', (text, shown) => {
  expect(visible(text)).toBe(shown);
});

test.each([
  '☎️ Acme',
  '葛󠄀城',
  'Acme',
  'Ünïcode & Söhne <GmbH>',
  '👩‍💻 Studio 🐦',
  'שלום עולם',
  'می‌خواهم',
  '株式会社',
])('%s is shown as it is', (name) => {
  expect(visible(name)).toBe(name);
});

test('a text of any length ends after 200 characters, never within one', () => {
  expect(visible('🐦'.repeat(1000))).toBe(`${'🐦'.repeat(200)}…`);
  expect(visible('🐦'.repeat(200))).toBe('🐦'.repeat(200));
});

test('lines stay lines, and JSON says the same', () => {
  expect(visibleLines('one\ntwo \u202E\r\nthree\rfour')).toBe('one\ntwo <U+202E>\r\nthree<U+000D>four');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const json = visibleJson(JSON.stringify([text], null, 2));

      expect(json.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u);
      expect(JSON.parse(json)).toEqual([text]);
    }),
  );
});

test('whatever comes in, one line without controls comes out', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(visible(text)).not.toMatch(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u);
    }),
  );
});
