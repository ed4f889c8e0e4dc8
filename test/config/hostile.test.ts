import { describe, expect, it } from 'vitest';
import { faultsOf, faultsOfFile } from './folder.ts';

/** Nine levels of nine aliases each: a billion texts. */
const laughs = Array.from({ length: 10 }, (_, level) => {
  const inner =
    level === 0
      ? '"lol"'
      : Array(9)
          .fill(`*a${level - 1}`)
          .join(', ');
  return `a${level}: &a${level} [${inner}]`;
}).join('\n');

describe('a configuration file that is written to harm', () => {
  it.each([
    ['aliases of aliases', laughs],
    ['thousands of brackets', '['.repeat(50_000)],
    ['thousands of braces', '{a: '.repeat(50_000)],
    ['an alias of itself', 'a: &a [*a]'],
    ['a key twice', 'timezone: UTC\ntimezone: UTC'],
    ['the prototype of everything', '__proto__: {timezone: UTC}\nconstructor: {prototype: {x: 1}}'],
    ['the prototype in a section', 'hold: {__proto__: {removals: 1}, toString: 1}'],
    ['a tag of its own', 'principals: !!js/function "function () {}"'],
    ['binary', '\u0000\u0001\uFFFE'],
    ['errors without end', '"\n'.repeat(5_000) + '- : :\n'.repeat(5_000)],
  ])('is a fault of the configuration and nothing else: %s', (_, text) => {
    const faults = faultsOfFile(text);
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.length).toBeLessThan(30);
    for (const fault of faults) {
      expect(fault).toMatch(/^rollcall\.yaml/);
      expect(fault.length).toBeLessThan(1_000);
      expect(fault).not.toMatch(/\p{Cc}/u);
    }
    expect(({} as Record<string, unknown>)['timezone']).toBeUndefined();
  });

  it('names what cannot be seen in what it quotes', () => {
    expect(faultsOfFile('"\u202Etimezone": UTC').join()).toContain('<U+202E>timezone');
    expect(faultsOf({ variables: { LOG_LEVEL: '\u001B[2J' } }).join()).not.toMatch(/\p{Cc}/u);
  });
});
