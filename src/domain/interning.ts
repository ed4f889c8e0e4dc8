import { compareCodePoints, normalizeSet, storableText } from './membership.ts';

/** Makes sets of roles or permissions, equal ones once: a roll of 100,000 memberships has a few dozen of them. */
export interface Interning {
  /**
   * The set of these values as {@link normalizeSet} gives it: the very object that an equal set was before, in whatever
   * order it came and with whatever repeats. Beyond {@link InterningBounds} an object of its own.
   */
  setOf(values: readonly string[]): readonly string[];
}

/** How much is kept: a server whose sets all differ must not be able to fill the memory with them. */
export interface InterningBounds {
  /** Different values. Default 10,000. */
  values?: number;
  /** Characters of one value. Default 200. */
  characters?: number;
  /** Values of all sets together. Default 1,000,000. */
  members?: number;
}

/** Nothing is sorted, and no key is made, for a set that is known: its values find it by the sum of their weights. */
export function createInterning({
  members: mostMembers = 1_000_000,
  ...bounds
}: InterningBounds = {}): Interning {
  const know = createVocabulary(bounds);
  const kept = new Map<number, readonly string[]>();
  // Used over and over, so that to find a set again costs no memory.
  const asked: string[] = [];
  let members = 0;
  let question = 0;
  const isAsked = (text: string) => know(text)?.askedBy === question;

  return {
    setOf(values) {
      question += 1;
      let distinct = 0;
      let sum = 0;
      for (const text of values) {
        const value = know(text);
        if (value === null) return normalizeSet(values);
        if (value.askedBy === question) continue;
        value.askedBy = question;
        asked[distinct++] = value.text;
        sum = (sum + value.weight) | 0;
      }
      let place = sum;
      for (; place < sum + mostPlaces; place += 1) {
        const set = kept.get(place);
        if (set === undefined) break;
        if (set.length === distinct && set.every(isAsked)) return set;
      }
      const set = asked.slice(0, distinct).sort(compareCodePoints);
      if (place < sum + mostPlaces && members + distinct < mostMembers) {
        kept.set(place, set);
        members += distinct + 1;
      }
      return set;
    },
  };
}

/** Where a set may be: at its sum, or at one of the next when others are there. More would be slow to look through. */
const mostPlaces = 8;

interface Value {
  /** As it can be stored. */
  readonly text: string;
  /** Thirty-two bits without a pattern. */
  readonly weight: number;
  /** The number of the last question that it was in. */
  askedBy: number;
}

/** Finds or makes the value of a text; gives `null` for one that is not to be kept. */
function createVocabulary({
  values = 10_000,
  characters = 200,
}: InterningBounds): (text: string) => Value | null {
  const known = new Map<string, Value>();
  const know = (text: string): Value | null => {
    const found = known.get(text);
    if (found !== undefined) return found;
    if (known.size >= values || text.length > characters) return null;
    const storable = storableText(text);
    const value = storable === text ? { text, weight: scatter(known.size + 1), askedBy: 0 } : know(storable);
    if (value !== null) known.set(text, value);
    return value;
  };
  return know;
}

/** Spreads a counter over 32 bits, so that sums of few are unlike: the finalizer of MurmurHash3. */
function scatter(count: number): number {
  let bits = count;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
