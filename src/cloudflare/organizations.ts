import { RollcallError } from '../domain/errors.ts';
import { type Membership } from '../domain/membership.ts';
import { isNestedDeeper } from '../domain/nesting.ts';
import { visible } from '../domain/visible.ts';
import { type Client } from './http/client.ts';
import { nameQuestion } from './http/question.ts';
import { type ListPage, type PageOptions, readPage, requireParsed } from './page.ts';
import { detailsSchema, leaveSchema } from './schema.ts';
import { organizationsSource } from './sources/organizations.ts';

/** The parameters of the API's list, by its names; bounds are the API's own. */
export interface ListParameters {
  /** At most 100 characters. */
  name?: string;
  status?: 'member' | 'invited';
  /** Whether all of `name` and `status` must match, or any. The API's default: all. */
  match?: 'any' | 'all';
  /** Pages have no common order unless one is asked for. Default here: id. */
  order?: 'id' | 'name' | 'status';
  direction?: 'asc' | 'desc';
  /** From 1. */
  page?: number;
  /** From 5 to 50. */
  perPage?: number;
}

/** One page of the list: its memberships, and what the API says of the page. */
export interface OrganizationsPage extends Omit<ListPage, 'rows'> {
  memberships: Membership[];
}

const listPath = organizationsSource.path;
const ofOne = { source: 'organizations', part: 'one' } as const;

/** One page of `GET /user/organizations`. */
export async function listOrganizations(
  client: Client,
  parameters: ListParameters,
  options: Omit<PageOptions, 'source'> = {},
): Promise<OrganizationsPage> {
  const { perPage, order = 'id', ...rest } = parameters;
  const query = { ...rest, order, ...(perPage === undefined ? {} : { per_page: perPage }) };
  const { rows, ...page } = await readPage(client, query, { ...options, source: 'organizations' });
  return { ...page, memberships: rows.flatMap(({ membership }) => membership ?? []) };
}

/**
 * What the API says of one organization; the schema leaves its shape open. Throws `not_found` and the like, and
 * `usage` for what can be no id.
 */
export async function getOrganization(
  client: Client,
  organizationId: string,
): Promise<Record<string, unknown>> {
  const question = { method: 'GET', path: pathOf(organizationId), roll: ofOne } as const;
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
 * Leaves the organization. Asked once: a retry after a lost answer could only tell that the principal is not in the
 * organization, not whether it just left. Throws `unavailable` when the outcome is not known.
 */
export async function leaveOrganization(client: Client, organizationId: string): Promise<void> {
  const { body } = await client.ask(
    { method: 'DELETE', path: pathOf(organizationId), roll: ofOne },
    { retries: 0 },
  );
  const left = leaveSchema.safeParse(body).data;
  if (left === organizationId) return;
  const answered =
    left === undefined ? 'does not say which one was left' : `says that ${visible(left)} was left`;
  throw new RollcallError(
    'unavailable',
    `${client.principal}: asked to leave ${organizationId}, and the answer ${answered}: look whether it is still listed.`,
  );
}

/** An id such as `..` would lead to another endpoint, for a path is put in order before it is sent. */
function pathOf(organizationId: string): string {
  if (!/^[\w-]{1,64}$/.test(organizationId)) {
    throw new RollcallError(
      'usage',
      `Expected an organization id such as 023e105f4ecef8ad9ca31a8372d0c353, got ${JSON.stringify(organizationId)}.`,
    );
  }
  return `${listPath}/${organizationId}`;
}
