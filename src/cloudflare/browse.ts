import { RollcallError } from '../domain/errors.ts';
import { createInterning } from '../domain/interning.ts';
import { type Membership } from '../domain/membership.ts';
import { createAllowance } from './allowance.ts';
import { type Client } from './http/client.ts';
import { listOrganizations, type ListParameters } from './organizations.ts';
import { largestPage } from './page.ts';

/**
 * Every page of a list with any filters and order, one after the other, until a page is short. For looking, not for
 * history: the API's `total_count` knows no filters, so nothing proves such a list complete.
 *
 * Throws `incomplete` when an organization comes a second time, which is how a server that ignores `page` shows, and
 * when the list grows beyond the client's bounds.
 */
export async function browseOrganizations(
  client: Client,
  parameters: Omit<ListParameters, 'page'>,
): Promise<Membership[]> {
  const seen = new Map<string, Membership>();
  const allowance = createAllowance(client.principal, client.bounds);
  const interning = createInterning();
  for (let page = 1; ; page += 1) {
    const asked = { perPage: largestPage, ...parameters, page };
    const answer = await listOrganizations(client, asked, { interning });
    allowance.addBytes(page, answer.bytes);
    for (const membership of answer.memberships) {
      if (seen.has(membership.organizationId)) {
        throw new RollcallError(
          'incomplete',
          `${client.principal}: page ${page} lists organization ${membership.organizationId} again: the list changed while it was read, or the server repeats itself. Try again.`,
        );
      }
      seen.set(membership.organizationId, membership);
    }
    allowance.checkNumber(page, seen.size);
    if (answer.memberships.length < (answer.perPage ?? parameters.perPage ?? largestPage))
      return [...seen.values()];
  }
}
