import { describeError } from '../domain/errors.ts';
import { type Check, fail, type Subject } from './check.ts';

/** Up to a full stop outside of brackets, and what follows it: our errors say what failed, then the remedy. */
const inSentences = /^(?<found>(?:\([^)]*\)|[^(])*?)\. (?<remedy>\p{Lu}.*)$/u;

/** Some say it in a last clause. */
const inClauses = /^(?<found>.+); (?<remedy>(?:check|correct|create|make|move) .+)$/u;

/** A look that failed with an error: what it says, and the remedy that it names, or else the one that is given. */
export function failure(subject: Subject, error: unknown, remedy: string): Check {
  const { found, ...named } = partError(describeError(error));
  return fail(subject, withoutPrincipal(found, subject), named.remedy ?? remedy);
}

/** An error's text, parted where its remedy begins; `null` where it names none. */
export function partError(text: string): { found: string; remedy: string | null } {
  const { found, remedy } = (inClauses.exec(text) ?? inSentences.exec(text))?.groups ?? {};
  if (found === undefined || remedy === undefined) return { found: text.replace(/\.$/, ''), remedy: null };
  return { found, remedy: asSentence(remedy) };
}

function asSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`;
}

/** The principal stands before the line already. */
function withoutPrincipal(found: string, { principal }: Subject): string {
  const prefix = `${principal}: `;
  return found.startsWith(prefix) ? found.slice(prefix.length) : found;
}
