/** A reproducible source of randomness: the same seed gives the same numbers on every machine. */
export interface Random {
  /** A number from 0 up to but not including 1. */
  next(): number;
  /** A whole number from 0 up to but not including `bound`. */
  below(bound: number): number;
  /** One of the values; an empty list is a mistake of the caller, and throws. */
  pick<T>(values: readonly T[]): T;
  /** As many different values as asked, or all there are, in an order of their own. */
  sample<T>(values: readonly T[], size: number): T[];
  /** So many characters of the alphabet, lowercase hex digits unless told. */
  text(length: number, alphabet?: string): string;
}

/** Seeds by FNV-1a and generates by sfc32, both in the public domain: good spread, and fast in JavaScript. */
export function createRandom(seed: string): Random {
  const hash = fnv1a(seed);
  const next = sfc32(hash, fnv1a('/b', hash), fnv1a('/c', hash));
  const below = (bound: number): number => Math.floor(next() * bound);
  return {
    next,
    below,
    pick: (values) => {
      if (values.length === 0) throw new Error('expected values to pick from, got none');
      return values[below(values.length)] as (typeof values)[number];
    },
    sample: (values, size) => shuffle(values, below).slice(0, size),
    text: (length, alphabet = '0123456789abcdef') =>
      Array.from({ length }, () => alphabet.charAt(below(alphabet.length))).join(''),
  };
}

function shuffle<T>(values: readonly T[], below: (bound: number) => number): T[] {
  const shuffled = [...values];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = below(last + 1);
    [shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T];
  }
  return shuffled;
}

/** The hash of a text, or, from the hash of another, that of both in a row. */
function fnv1a(text: string, from = 0x811c9dc5): number {
  let hash = from;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash | 0;
}

function sfc32(a: number, b: number, c: number): () => number {
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter++) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  };
  for (let round = 0; round < 12; round++) next();
  return next;
}
