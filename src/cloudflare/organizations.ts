import { type Client } from './http/client.ts';
import { askToLeave, readDetails } from './one.ts';
import { type BrowsedPage, listPage, type PageOptions } from './page.ts';

/** What the parameters of the API's list take that do not take any text or number. */
export const organizationsWords = {
  status: ['member', 'invited'],
  match: ['all', 'any'],
  order: ['id', 'name', 'status'],
  direction: ['asc', 'desc'],
} as const;

type Word<Name extends keyof typeof organizationsWords> = (typeof organizationsWords)[Name][number];

/** The parameters of the API's list, by its names; bounds are the API's own. */
export interface ListParameters {
  /** At most 100 characters. */
  name?: string;
  status?: Word<'status'>;
  /** Whether all of `name` and `status` must match, or any. The API's default: all. */
  match?: Word<'match'>;
  /** Pages have no common order unless one is asked for. Default here: id. */
  order?: Word<'order'>;
  direction?: Word<'direction'>;
  /** From 1. */
  page?: number;
  /** From 5 to 50. */
  perPage?: number;
}

/** One page of `GET /user/organizations`. */
export async function listOrganizations(
  client: Client,
  parameters: ListParameters,
  options: Omit<PageOptions, 'source'> = {},
): Promise<BrowsedPage> {
  return listPage(client, parameters, { ...options, source: 'organizations' });
}

/** What the API says of one organization. Throws as {@link readDetails} does, and `usage` for what can be no id. */
export async function getOrganization(
  client: Client,
  organizationId: string,
): Promise<Record<string, unknown>> {
  return readDetails(client, { source: 'organizations', id: organizationId });
}

/** Leaves the organization. Throws as {@link askToLeave} does, and `usage` for what can be no id. */
export async function leaveOrganization(client: Client, organizationId: string): Promise<void> {
  await askToLeave(client, { source: 'organizations', id: organizationId }, organizationId);
}
