/**
 * Everything that moves, hides or reorders what surrounds it: controls, line and paragraph separators, halves of
 * surrogate pairs, format characters (bidirectional overrides among them), and letters that are blank. The two joiners and
 * the variation selectors are let through, for emoji and whole scripts are written with them.
 */
const unseen =
  /(?![\u200C\u200D\uFE00-\uFE0F\u{E0100}-\u{E01EF}])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** {@link unseen}, and ends of lines as one. */
const unseenOrLineEnd = new RegExp(String.raw`\r?\n|${unseen.source}`, 'gu');

/**
 * Text from outside as it may stand in a mail or on a terminal: on one line, a character that a reader could not see spelled out as
 * in `<U+202E>`, and no longer than `longest` characters. A stranger chooses an organization's name; it must not be able to forge a line.
 */
export function visible(text: string, longest = 200): string {
  return clip(text, longest).replaceAll(unseen, spellOut);
}

/** A text of several lines as it may stand on a terminal: as {@link visible}, whole, and with its lines. */
export function visibleLines(text: string): string {
  return text.replaceAll(unseenOrLineEnd, (found) => (found.endsWith('\n') ? found : spellOut(found)));
}

/** JSON that says the same and may stand on a terminal: what could not be seen is escaped, as in `\u009b`. */
export function visibleJson(json: string): string {
  return json.replaceAll(unseenOrLineEnd, (found) => (found.endsWith('\n') ? found : escape(found)));
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

function escape(character: string): string {
  return character.replaceAll(/./gsu, (point) =>
    Array.from(
      { length: point.length },
      (_, unit) => `\\u${point.charCodeAt(unit).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}
