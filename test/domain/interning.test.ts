import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createInterning } from '../../src/domain/interning.ts';
import { normalizeSet } from '../../src/domain/membership.ts';

// NUL and halves of surrogate pairs included: two texts may be stored as one.
const name = fc.string({
  unit: fc.constantFrom('a', 'b', 'é', '\uFFFD', '\uD800', '🚀', '\0', '␀'),
  maxLength: 3,
});
const lists = fc.array(fc.array(name, { maxLength: 6 }), { maxLength: 40 });

describe('sets of roles or permissions', () => {
  it('are sorted, without repeats and storable, whether seen before or not', () => {
    fc.assert(
      fc.property(lists, (some) => {
        const interning = createInterning();
        for (const list of [...some, ...some]) expect(interning.setOf(list)).toEqual(normalizeSet(list));
      }),
    );
  });

  it('are one object when they are equal, in any order and with any repeats, and two when they are not', () => {
    fc.assert(
      fc.property(lists, (some) => {
        const interning = createInterning();
        const sets = some.map((list) => interning.setOf(list));
        const disordered = some.map((list) => interning.setOf([...list.toReversed(), ...list]));
        expect(disordered.every((set, index) => set === sets[index])).toBe(true);
        const spellings = some.map((list) => JSON.stringify(normalizeSet(list)));
        expect(new Set(sets).size).toBe(new Set(spellings).size);
      }),
    );
  });

  it('are never taken for one another, not even among so many that some have the same sum', () => {
    const interning = createInterning({ members: Infinity });
    const names = Array.from({ length: 120 }, (_, index) => `#area${String(index).padStart(3, '0')}:read`);
    const triples = names.flatMap((one, index) =>
      names.slice(0, index).flatMap((two, next) => names.slice(0, next).map((three) => [three, two, one])),
    );
    const wrong = triples.filter((triple) => interning.setOf(triple.toReversed()).join() !== triple.join());
    expect(wrong).toEqual([]);
    const sets = new Set(triples.map((triple) => interning.setOf(triple)));
    expect(sets.size).toBe(triples.length);
  });

  it('are not changed by what is asked after them', () => {
    const interning = createInterning();
    const set = interning.setOf(['b', 'a']);
    interning.setOf(['c', 'd', 'e']);
    interning.setOf([]);
    expect(set).toEqual(['a', 'b']);
  });

  it.each([
    ['values', { values: 3 }, ['c', 'd']],
    ['characters', { characters: 1 }, ['c', 'dd']],
    ['members', { members: 5 }, ['c', 'd']],
  ])('are kept within the bound on %s, and right beyond it', (_, bounds, beyond) => {
    const interning = createInterning(bounds);
    const within = interning.setOf(['b', 'a']);
    expect(interning.setOf([...beyond].reverse())).toEqual(beyond);
    expect(interning.setOf(beyond)).not.toBe(interning.setOf(beyond));
    expect(interning.setOf(['a', 'b'])).toBe(within);
  });
});
