/**
 * Everything that moves, hides or reorders what surrounds it: controls, line and paragraph separators, halves of
 * surrogate pairs, format characters (bidirectional overrides among them), and the letters that are blank. The two joiners
 * are let through, for emoji and whole scripts are written with them.
 */
const unseen = /(?![\u200C\u200D])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115F\u1160\u2800\u3164\uFFA0]/gu;

/**
 * Text from outside as it may stand in a mail or on a terminal: on one line, a character that a reader could not see spelled out as
 * in `<U+202E>`, and no longer than `longest` characters. A stranger chooses an organization's name; it must not be able to forge a line.
 */
export function visible(text: string, longest = 200): string {
  return clip(text, longest).replaceAll(unseen, spellOut);
}

/** Looks at no more of a text than it may keep. */
function clip(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const characters = Array.from(text.slice(0, 2 * longest + 2));
  return characters.length > longest ? `${characters.slice(0, longest).join('')}…` : text;
}

function spellOut(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}
