import type * as z from 'zod';
import { RollcallError } from '../domain/errors.ts';
import { createInterning, type Interning } from '../domain/interning.ts';
import { type Membership, storableText } from '../domain/membership.ts';
import { isNestedDeeper } from '../domain/nesting.ts';
import { visible } from '../domain/visible.ts';
import { type AskOptions, type Client } from './http/client.ts';
import { nameQuestion, type Question } from './http/question.ts';
import { detailsSchema, leaveSchema, listPageSchema, type Organization } from './schema.ts';

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

/** One page, with what the API says of it; `null` where it does not say. */
export interface ListPage {
  memberships: Membership[];
  page: number | null;
  perPage: number | null;
  /** All of the user's organizations, whatever the filters. */
  totalCount: number | null;
  /** Of the answer. */
  bytes: number;
}

/** How a page is asked for, and where its roles and permissions are kept. */
export interface ListOptions extends AskOptions {
  /** Where equal roles and permissions are one object. Default: within the page alone. */
  interning?: Interning;
}

const listPath = '/user/organizations';

/** One page of `GET /user/organizations`. */
export async function listOrganizations(
  client: Client,
  parameters: ListParameters,
  { interning = createInterning(), ...asking }: ListOptions = {},
): Promise<ListPage> {
  const { perPage, order = 'id', ...rest } = parameters;
  const query = { ...rest, order, ...(perPage === undefined ? {} : { per_page: perPage }) };
  const question = { method: 'GET', path: listPath, query } as const;
  const { body, bytes } = await client.ask(question, asking);
  const page = parse(client, question, listPageSchema.safeParse(body));
  return {
    memberships: page.result.map((organization) => toMembership(organization, interning)),
    page: page.result_info?.page ?? null,
    perPage: page.result_info?.per_page ?? null,
    totalCount: page.result_info?.total_count ?? null,
    bytes,
  };
}

/**
 * What the API says of one organization; the schema leaves its shape open. Throws `not_found` and the like, and
 * `usage` for what can be no id.
 */
export async function getOrganization(
  client: Client,
  organizationId: string,
): Promise<Record<string, unknown>> {
  const question = { method: 'GET', path: pathOf(organizationId) } as const;
  const { body } = await client.ask(question);
  const { result } = parse(client, question, detailsSchema.safeParse(body));
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
  const { body } = await client.ask({ method: 'DELETE', path: pathOf(organizationId) }, { retries: 0 });
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

function parse<T>(client: Client, question: Omit<Question, 'principal'>, parsed: z.ZodSafeParseResult<T>): T {
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? 'the body' : issue.path.join('.');
  const what = issue?.message.replace(/^Invalid input: /, '') ?? 'malformed';
  throw new RollcallError(
    'incomplete',
    `${client.principal}: the answer to ${nameQuestion(question)} is not what the API describes: ${where}: ${what}.`,
    { cause: parsed.error },
  );
}

function toMembership(organization: Organization, interning: Interning): Membership {
  return {
    organizationId: organization.id,
    organizationName: organization.name == null ? null : storableText(organization.name),
    status: organization.status == null ? null : storableText(organization.status),
    roles: organization.roles === null ? null : interning.setOf(organization.roles),
    permissions: organization.permissions === null ? null : interning.setOf(organization.permissions),
  };
}
