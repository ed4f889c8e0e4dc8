/** How many letters may be wrong for a word to be taken for another. */
const mostWrong = 3;

/** Of how many letters a word that stands in another must be to be taken for it. */
const leastWithin = 3;

/**
 * `Did you mean ops-bot?`, behind a blank, of a word that is none of those known; empty when none is near. Near is what
 * differs in few letters, whatever their case, or else what the word is a part of.
 */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = findNearest(word, known);
  return near.length === 0 ? '' : ` Did you mean ${near.slice(0, 3).join(' or ')}?`;
}

/** Those of the known words that are nearest to a word, all as near; none when none is near. */
export function findNearest(word: string, known: readonly string[]): string[] {
  const wanted = foldCase(word);
  const distances = known.map((name) => ({ name, distance: countSlips(wanted, foldCase(name)) }));
  const close = distances.filter(({ name, distance }) =>
    isNear(distance, Math.max(word.length, name.length)),
  );
  const least = close.reduce((most, { distance }) => Math.min(most, distance), Infinity);
  const found =
    close.length > 0
      ? close.filter(({ distance }) => distance === least).map(({ name }) => name)
      : known.filter((name) => wanted.length >= leastWithin && foldCase(name).includes(wanted));
  return [...new Set(found)].sort();
}

/** A name as it is compared with what a person types: whatever the case, and however accents are encoded. */
export function foldCase(text: string): string {
  return text.trim().normalize('NFC').toUpperCase().toLowerCase();
}

function isNear(distance: number, length: number): boolean {
  return distance <= mostWrong && distance < length * 0.6;
}

/**
 * The letters to add, to leave out, to replace or to swap with the next to make one word of the other: optimal string
 * alignment (Damerau–Levenshtein). `Infinity` where their lengths alone are too far apart.
 */
export function countSlips(left: string, right: string): number {
  if (Math.abs(left.length - right.length) > mostWrong) return Infinity;
  let [beforeLast, last]: [number[], number[]] = [
    [],
    Array.from({ length: right.length + 1 }, (_, index) => index),
  ];
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const replaced = (last[column - 1] ?? 0) + (left[row - 1] === right[column - 1] ? 0 : 1);
      const isSwapped =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      current.push(
        Math.min(
          replaced,
          (last[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          isSwapped ? (beforeLast[column - 2] ?? 0) + 1 : Infinity,
        ),
      );
    }
    [beforeLast, last] = [last, current];
  }
  return last[right.length] ?? 0;
}
