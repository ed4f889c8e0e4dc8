import { RollcallError } from '../domain/errors.ts';
import { isNestedDeeper } from '../domain/nesting.ts';
import { type RunSource, sourcePaths } from '../domain/run.ts';
import { visible } from '../domain/visible.ts';
import { type Client } from './http/client.ts';
import { nameQuestion } from './http/question.ts';
import { requireParsed } from './page.ts';
import { detailsSchema, leaveSchema } from './schema.ts';

/** One of a source's list, by the id that it has there. */
export interface One {
  source: RunSource;
  /** Of the organization, or of the membership, as its source has it. */
  id: string;
}

/**
 * What the API says of one; the schema leaves its shape open. Throws `not_found` and the like, and `incomplete` for an
 * answer that is not what the API describes.
 */
export async function readDetails(client: Client, one: One): Promise<Record<string, unknown>> {
  const question = { method: 'GET', ...placeOf(one) } as const;
  const { body } = await client.ask(question);
  const parsed = detailsSchema.safeParse(body);
  const { result } = requireParsed(client, question, parsed.data ?? parsed.error);
  if (isNestedDeeper(result, deepestDetails)) {
    throw new RollcallError(
      'incomplete',
      `${client.principal}: the answer to ${nameQuestion(question)} is nested more than ${deepestDetails} deep, which the API's is not.`,
    );
  }
  return result;
}

/** Objects and lists within each other; a hundred thousand of them, which parse, could not be printed. */
const deepestDetails = 100;

/**
 * Leaves the organization of one. Asked once: a retry after a lost answer could only tell that the principal is not in the
 * organization, not whether it just left. Throws `unavailable` when the outcome is not known.
 */
export async function askToLeave(client: Client, one: One, organizationId: string): Promise<void> {
  const { body } = await client.ask({ method: 'DELETE', ...placeOf(one) }, { retries: 0 });
  const left = leaveSchema.safeParse(body).data;
  if (left === one.id) return;
  const answered =
    left === undefined ? 'does not say which one was left' : `says that ${visible(left)} was left`;
  throw new RollcallError(
    'unavailable',
    `${client.principal}: asked to leave ${organizationId}, and the answer ${answered}: look whether it is still listed.`,
  );
}

function placeOf({ source, id }: One) {
  return { path: `${sourcePaths[source]}/${requireId(id)}`, roll: { source, part: 'one' } } as const;
}

/** The same id. Throws `usage` for what can be none: `..` would lead to another endpoint, for a path is put in order before it is sent. */
export function requireId(id: string): string {
  if (isId(id)) return id;
  throw new RollcallError(
    'usage',
    `Expected an organization id such as 023e105f4ecef8ad9ca31a8372d0c353, got ${JSON.stringify(id)}.`,
  );
}

/** Whether this can be the id of an organization or a membership. */
export function isId(id: string): boolean {
  return /^[\w-]{1,64}$/.test(id);
}
