import { spellingsOf } from './access.ts';
import { foldCase } from './nearest.ts';

/**
 * What tells whether a role is meant by any of these patterns, in which `*` stands for any characters, or none, and `?`
 * for one. Upper and lower case are the same. Super Administrator is meant when any of its spellings is.
 */
export function createRoleMatcher(patterns: readonly string[]): (role: string) => boolean {
  const folded = patterns.map((pattern) => Array.from(foldCase(pattern)));
  const known = new Map<string, boolean>();
  return (role) => {
    const isKnown = known.get(role);
    if (isKnown !== undefined) return isKnown;
    const spellings = spellingsOf(role).map((spelling) => Array.from(foldCase(spelling)));
    const isMeant = folded.some((pattern) => spellings.some((spelling) => matchesPattern(spelling, pattern)));
    known.set(role, isMeant);
    return isMeant;
  };
}

/** Takes time of the product of the lengths at most, whatever the stars: only the last star is ever gone back to. */
function matchesPattern(text: readonly string[], pattern: readonly string[]): boolean {
  let [at, to] = [0, 0];
  let star: { at: number; to: number } | null = null;
  while (at < text.length) {
    if (pattern[to] === '*') {
      star = { at, to };
      to += 1;
    } else if (to < pattern.length && (pattern[to] === '?' || pattern[to] === text[at])) {
      at += 1;
      to += 1;
    } else if (star !== null) {
      star = { at: star.at + 1, to: star.to };
      at = star.at;
      to = star.to + 1;
    } else {
      return false;
    }
  }
  return pattern.slice(to).every((sign) => sign === '*');
}
