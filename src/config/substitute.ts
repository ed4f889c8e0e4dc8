/** A place within a value: keys and indexes, from the outermost inwards. */
export type Place = readonly PropertyKey[];

/** Where values come from, and who is told where one is missing. */
export interface Substitution {
  lookUp: (name: string) => string | undefined;
  /** Whether this text is to be read later: `undefined` stands in its place. Default: none is. */
  isForLater?: (text: string, place: Place) => boolean;
  /** Called for each text in which something is missing, with what was expected there. */
  onMissing: (place: Place, expectation: string) => void;
}

/** The same value with variables in place of every `${NAME}` in its texts. */
export function substitute(value: unknown, substitution: Substitution, place: Place = []): unknown {
  if (typeof value === 'string') {
    if (substitution.isForLater?.(value, place) === true) return undefined;
    return substituteText(value, substitution, place);
  }
  const within = (inner: unknown, key: PropertyKey) => substitute(inner, substitution, [...place, key]);
  if (Array.isArray(value)) return value.map(within);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, within(inner, key)]));
}

/** Stands where a value is missing: a text, so that nothing else is found wrong with it. */
const unknown = '${NAME}';

/** The names of the variables in a text. */
export function namesIn(text: string): string[] {
  return [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name);
}

/** The same text with variables in place of every `${NAME}`. */
export function substituteText(text: string, { lookUp, onMissing }: Substitution, place: Place): string {
  return text.replaceAll(/\$\{([^}]*)\}?/g, (whole, name: string) => {
    if (!/^\w+$/.test(name) || !whole.endsWith('}')) {
      onMissing(place, 'expected ${NAME} to hold the name of a variable, of letters, digits and _');
      return unknown;
    }
    const found = lookUp(name);
    if (found === undefined) onMissing(place, `expected the variable ${name} or ${name}_FILE to be set`);
    return found ?? unknown;
  });
}
