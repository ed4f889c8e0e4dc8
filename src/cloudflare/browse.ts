import { RollcallError } from '../domain/errors.ts';
import { createInterning } from '../domain/interning.ts';
import { type Membership } from '../domain/membership.ts';
import { createAllowance } from './allowance.ts';
import { type Client } from './http/client.ts';
import { listMemberships, type MembershipParameters } from './memberships.ts';
import { listOrganizations, type ListParameters } from './organizations.ts';
import { type BrowsedPage, largestPage, type PageOptions } from './page.ts';
import { nameRow } from './sources/source.ts';

/** All that `/user/organizations` lists, with any filters and order. Throws as {@link browse} does. */
export async function browseOrganizations(
  client: Client,
  parameters: Omit<ListParameters, 'page'>,
): Promise<Membership[]> {
  return gather(browse(client, listOrganizations, parameters));
}

/** All that `/memberships` lists, with any filters and order. Throws as {@link browse} does. */
export async function browseMemberships(
  client: Client,
  parameters: Omit<MembershipParameters, 'page'>,
): Promise<Membership[]> {
  return gather(browse(client, listMemberships, parameters));
}

async function gather(pages: AsyncIterable<BrowsedPage>): Promise<Membership[]> {
  const all: Membership[] = [];
  for await (const { memberships } of pages) all.push(...memberships);
  return all;
}

/** Asks for one page. */
type ListOne<Parameters> = (
  client: Client,
  parameters: Parameters & { page: number },
  options: Omit<PageOptions, 'source'>,
) => Promise<BrowsedPage>;

/**
 * Every page of a list with any filters and order, one after the other, until a page is short. For looking, not for
 * history: the API's `total_count` knows no filters, so nothing proves such a list complete.
 *
 * Throws `incomplete` when a row comes a second time, which is how a server that ignores `page` shows, and when the list
 * grows beyond the client's bounds.
 */
export async function* browse<Parameters extends { perPage?: number }>(
  client: Client,
  list: ListOne<Parameters>,
  parameters: Parameters,
): AsyncGenerator<BrowsedPage, void> {
  const seen = new Set<string>();
  const allowance = createAllowance(client.principal, client.bounds);
  const interning = createInterning();
  for (let page = 1; ; page += 1) {
    const answer = await list(client, { perPage: largestPage, ...parameters, page }, { interning });
    allowance.addBytes(page, answer.bytes);
    for (const row of answer.rows) {
      if (seen.has(row.id)) {
        throw new RollcallError(
          'incomplete',
          `${client.principal}: page ${page} lists ${nameRow(row)} again: the list changed while it was read, or the server repeats itself. Try again.`,
        );
      }
      seen.add(row.id);
    }
    allowance.checkNumber(page, seen.size);
    yield answer;
    // One that says it served pages of none would have no end.
    const full = Math.max(1, answer.perPage ?? parameters.perPage ?? largestPage);
    if (answer.rows.length < full) return;
  }
}
