import { membershipsWords } from '../cloudflare/memberships.ts';
import { organizationsWords } from '../cloudflare/organizations.ts';
import { RollcallError } from '../domain/errors.ts';
import { type RunSource, sourcePaths } from '../domain/run.ts';

/** A parameter of a list, as its option is called. */
export type ListParameter = 'name' | 'status' | 'match' | 'order' | 'direction' | 'page' | 'perPage';

/** What each endpoint takes; `null` is any text or number. */
const taken: Readonly<Record<RunSource, Partial<Record<ListParameter, readonly string[] | null>>>> = {
  organizations: { name: null, ...organizationsWords, page: null, perPage: null },
  memberships: { name: null, ...membershipsWords, page: null, perPage: null },
};

/** What either endpoint takes for a parameter. */
export function wordsOf(parameter: keyof typeof organizationsWords): readonly string[] {
  return [...new Set(Object.values(taken).flatMap((words) => words[parameter] ?? []))];
}

/** What one endpoint calls what the other calls by another word. */
const sameWords = [
  ['member', 'accepted'],
  ['invited', 'pending'],
  ['name', 'account.name'],
];

/** Throws `usage` for a parameter that this source's endpoint does not have, or a value that it does not take. */
export function requireTaken(
  source: RunSource,
  given: Readonly<Partial<Record<ListParameter, unknown>>>,
): void {
  const endpoint = sourcePaths[source];
  for (const [parameter, value] of Object.entries(given) as [ListParameter, unknown][]) {
    const words = taken[source][parameter];
    if (words === undefined) {
      const options = (Object.keys(taken[source]) as ListParameter[]).map(optionOf).join(', ');
      throw new RollcallError('usage', `${endpoint} has no ${optionOf(parameter)}: it takes ${options}.`);
    }
    if (words === null || words.includes(String(value))) continue;
    const same = sameWords.find((pair) => pair.includes(String(value)))?.find((word) => words.includes(word));
    const hint = same === undefined ? '' : ` Did you mean ${same}?`;
    throw new RollcallError(
      'usage',
      `${endpoint} takes no ${optionOf(parameter)} ${String(value)}.${hint} Allowed are ${words.join(', ')}.`,
    );
  }
}

function optionOf(parameter: ListParameter): string {
  return parameter === 'perPage' ? '--per-page' : `--${parameter}`;
}
