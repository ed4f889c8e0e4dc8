/**
 * Everything that moves, hides or reorders what surrounds it: controls, line and paragraph separators, halves of
 * surrogate pairs, and format characters (bidirectional overrides among them). The two joiners are let through, for
 * emoji and whole scripts are written with them.
 */
const unseen = /(?![\u200C\u200D])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Text from outside as it may stand in a mail or on a terminal: on one line, a character that a reader could not see spelled out as
 * in `<U+202E>`, and no longer than `longest` characters. A stranger chooses an organization's name; it must not be able to forge a line.
 */
export function visible(text: string, longest = 200): string {
  const characters = Array.from(text);
  const clipped = characters.length > longest ? `${characters.slice(0, longest).join('')}…` : text;
  return clipped.replaceAll(unseen, spellOut);
}

function spellOut(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}
