import { expect, test } from 'vitest';
import { didYouMean, findNearest, foldCase } from '../../src/domain/nearest.ts';

const known = ['ops-bot', 'ops-bat', 'legacy', 'Super Administrator - All Privileges', 'Straße', 'İstanbul'];

test.each([
  ['legcy', ['legacy']],
  ['LEGACY', ['legacy']],
  ['lgeacy', ['legacy']],
  ['legacyy', ['legacy']],
  ['ops-bt', ['ops-bat', 'ops-bot']],
  ['strasse', ['Straße']],
  ['super administrator', ['Super Administrator - All Privileges']],
  ['nobody', []],
  ['x', []],
  ['', []],
])('of %j the nearest are %j', (word, nearest) => {
  expect(findNearest(word, known)).toEqual(nearest);
});

test('at most three are named, and none where none is near', () => {
  expect(didYouMean('bot-0', ['bot-1', 'bot-2', 'bot-3', 'bot-4'])).toBe(
    ' Did you mean bot-1 or bot-2 or bot-3?',
  );
  expect(didYouMean('nobody', known)).toBe('');
});

test('case and the encoding of accents make no difference', () => {
  expect(foldCase(' ÉCLAIR ')).toBe(foldCase('e\u0301clair'));
  expect(foldCase('STRASSE')).toBe(foldCase('straße'));
});
