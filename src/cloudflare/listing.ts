import { RollcallError } from '../domain/errors.ts';
import { byOrganizationId, type Membership } from '../domain/membership.ts';
import { type Client } from './client.ts';
import { listOrganizations, type ListPage } from './organizations.ts';

/** The largest page the API serves. */
const largestPage = 50;

/** One complete reading of all pages, by organization id. */
export interface Listing {
  memberships: readonly Membership[];
  pages: number;
}

/**
 * Reads every page and proves that the parts make a whole: page and page size as asked, one `total_count` for all
 * pages, no id twice, and as many ids as `total_count` says. Throws `incomplete` with what does not add up.
 */
export async function readListing(client: Client): Promise<Listing> {
  const first = await readPage(client, 1, largestPage);
  const { totalCount } = first;
  const pageCount = Math.max(1, Math.ceil(totalCount / largestPage));
  const rest = await Promise.all(
    Array.from({ length: pageCount - 1 }, (_, index) => readPage(client, index + 2, largestPage)),
  );
  const pages = [first, ...rest];
  proveWhole(client.principal, pages, totalCount);
  return { memberships: pages.flatMap((page) => page.memberships).sort(byOrganizationId), pages: pageCount };
}

type CheckedPage = ListPage & { totalCount: number };

async function readPage(client: Client, page: number, perPage: number): Promise<CheckedPage> {
  const answer = await listOrganizations(client, { order: 'id', direction: 'asc', page, perPage });
  if (answer.totalCount === null)
    throw incomplete(client.principal, `page ${page} does not say how many there are`);
  if (answer.page !== page)
    throw incomplete(client.principal, `asked for page ${page}, was given page ${answer.page}`);
  if (answer.perPage !== perPage) {
    throw incomplete(
      client.principal,
      `asked for ${perPage} on page ${page}, was given pages of ${answer.perPage}`,
    );
  }
  return { ...answer, totalCount: answer.totalCount };
}

function proveWhole(principal: string, pages: readonly CheckedPage[], totalCount: number): void {
  const moved = pages.find((page) => page.totalCount !== totalCount);
  if (moved !== undefined) {
    throw incomplete(
      principal,
      `page 1 says ${totalCount} in all, page ${moved.page} says ${moved.totalCount}`,
    );
  }
  const ids = pages.flatMap((page) => page.memberships.map(({ organizationId }) => organizationId));
  const distinct = new Set(ids);
  if (distinct.size < ids.length) {
    const repeated = ids.find((id, index) => ids.indexOf(id) !== index);
    throw incomplete(principal, `organization ${repeated} is listed twice`);
  }
  if (distinct.size !== totalCount) {
    throw incomplete(
      principal,
      `${distinct.size} organizations were listed where total_count says ${totalCount}`,
    );
  }
}

function incomplete(principal: string, what: string): RollcallError {
  return new RollcallError(
    'incomplete',
    `${principal}: the listing does not add up: ${what}. Nothing was stored.`,
  );
}
