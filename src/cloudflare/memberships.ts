import { RollcallError } from '../domain/errors.ts';
import { type Client } from './http/client.ts';
import { askToLeave, readDetails } from './one.ts';
import { type BrowsedPage, listPage, type PageOptions } from './page.ts';
import { type ListedRow } from './sources/source.ts';

/** What the parameters of the API's list take that do not take any text or number. */
export const membershipsWords = {
  status: ['accepted', 'pending', 'rejected'],
  order: ['id', 'account.name', 'status'],
  direction: ['asc', 'desc'],
} as const;

type Word<Name extends keyof typeof membershipsWords> = (typeof membershipsWords)[Name][number];

/** The parameters of the API's list, by its names; bounds are the API's own. */
export interface MembershipParameters {
  /** Of the account, at most 100 characters. `account.name` is the API's other word for it. */
  name?: string;
  status?: Word<'status'>;
  /** Pages have no common order unless one is asked for. Default here: id, which is the membership's. */
  order?: Word<'order'>;
  direction?: Word<'direction'>;
  /** From 1. */
  page?: number;
  /** From 5 to 50. */
  perPage?: number;
}

/** One page of `GET /memberships`, with the invitations that were declined, whose status is `rejected`. */
export async function listMemberships(
  client: Client,
  parameters: MembershipParameters,
  options: Omit<PageOptions, 'source'> = {},
): Promise<BrowsedPage> {
  return listPage(client, parameters, { ...options, source: 'memberships' });
}

/**
 * What the API says of one membership. Throws as {@link readDetails} does, and `incomplete` where that is of another
 * organization than its list said.
 */
export async function getMembership(
  client: Client,
  { id, membership: { organizationId } }: ListedRow,
): Promise<Record<string, unknown>> {
  const details = await readDetails(client, { source: 'memberships', id });
  const { account } = details as { account?: { id?: unknown } | null };
  if (account?.id === organizationId) return details;
  throw new RollcallError(
    'incomplete',
    `${client.principal}: the membership ${id} was listed as of organization ${organizationId}, and is told as of another or none. Try again.`,
  );
}

/** Leaves the organization of a membership, or declines its invitation. Throws as {@link askToLeave} does. */
export async function leaveMembership(
  client: Client,
  { id, membership: { organizationId } }: ListedRow,
): Promise<void> {
  await askToLeave(client, { source: 'memberships', id }, organizationId);
}
