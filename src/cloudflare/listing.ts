import { RollcallError } from '../domain/errors.ts';
import { byOrganizationId, type Membership } from '../domain/membership.ts';
import { type Client } from './client.ts';
import { listOrganizations, type ListPage } from './organizations.ts';

/** The largest page the API serves. */
const largestPage = 50;

/** One complete reading of all pages, by organization id, with what proves it complete. */
export interface Listing {
  memberships: readonly Membership[];
  pages: number;
  perPage: number;
  /** What every page said there are; `null` when no page said, and two readings of equal ids stand in for it. */
  totalCount: number | null;
}

/**
 * Reads every page and proves that the parts make a whole: page and page size echoed as asked, one `total_count` on
 * all pages, no id twice, and as many ids as `total_count` says. Throws `incomplete` with what does not add up.
 *
 * A server that caps the page size without a word is met by its own: later pages are asked for with the size that the
 * first one echoed. One that gives no totals is read page after page until a page is short, twice, and both must agree.
 */
export async function readListing(client: Client): Promise<Listing> {
  const first = await readPage(client, { page: 1, perPage: largestPage });
  const perPage = checkFirstPage(client.principal, first);
  if (first.totalCount === null) return readWithoutTotals(client, first, perPage);
  const pageCount = Math.max(1, Math.ceil(first.totalCount / perPage));
  const rest = await readSideBySide(client, { from: 2, to: pageCount, perPage });
  return proveWhole(client.principal, [first, ...rest], { perPage, totalCount: first.totalCount });
}

interface Asked {
  page: number;
  perPage: number;
  signal?: AbortSignal;
}

async function readPage(client: Client, { page, perPage, signal }: Asked): Promise<ListPage> {
  const parameters = { order: 'id', direction: 'asc', page, perPage } as const;
  return listOrganizations(client, parameters, signal === undefined ? {} : { signal });
}

/** The page size that the listing goes on with. */
function checkFirstPage(principal: string, first: ListPage): number {
  const perPage = first.perPage ?? largestPage;
  if (perPage < 1 || perPage > largestPage) {
    throw incomplete(principal, `asked for pages of ${largestPage}, was given pages of ${perPage}`);
  }
  checkEcho(principal, first, { page: 1, perPage });
  return perPage;
}

function checkEcho(principal: string, answer: ListPage, { page, perPage }: Asked): void {
  if (answer.totalCount !== null && (answer.page === null || answer.perPage === null)) {
    throw incomplete(principal, `page ${page} does not say which page it is, or of what size`);
  }
  if (answer.page !== null && answer.page !== page) {
    throw incomplete(principal, `asked for page ${page}, was given page ${answer.page}`);
  }
  if (answer.perPage !== null && answer.perPage !== perPage) {
    throw incomplete(principal, `asked for ${perPage} on page ${page}, was given pages of ${answer.perPage}`);
  }
  if (answer.memberships.length > perPage) {
    throw incomplete(
      principal,
      `page ${page} has ${answer.memberships.length} organizations where ${perPage} were asked for`,
    );
  }
}

/** Pages side by side, as far as the client lets them; the first that fails ends the others. */
async function readSideBySide(
  client: Client,
  { from, to, perPage }: { from: number; to: number; perPage: number },
): Promise<ListPage[]> {
  const stop = new AbortController();
  const numbers = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
  return Promise.all(
    numbers.map(async (page) => {
      try {
        const asked = { page, perPage, signal: stop.signal };
        const answer = await readPage(client, asked);
        checkEcho(client.principal, answer, asked);
        return answer;
      } catch (error) {
        stop.abort(error);
        throw error;
      }
    }),
  );
}

function proveWhole(
  principal: string,
  pages: readonly ListPage[],
  { perPage, totalCount }: { perPage: number; totalCount: number },
): Listing {
  const moved = pages.find((page) => page.totalCount !== totalCount);
  if (moved !== undefined) {
    const says = moved.totalCount === null ? 'does not say' : `says ${moved.totalCount}`;
    throw incomplete(principal, `page 1 says ${totalCount} in all, page ${moved.page} ${says}`);
  }
  const memberships = joinDistinct(principal, pages);
  if (memberships.length !== totalCount) {
    throw incomplete(
      principal,
      `${memberships.length} organizations were listed where total_count says ${totalCount}`,
    );
  }
  return { memberships, pages: pages.length, perPage, totalCount };
}

function joinDistinct(principal: string, pages: readonly ListPage[]): Membership[] {
  const distinct = new Map<string, Membership>();
  for (const membership of pages.flatMap((page) => page.memberships)) {
    if (distinct.has(membership.organizationId)) {
      throw incomplete(principal, `organization ${membership.organizationId} is listed twice`);
    }
    distinct.set(membership.organizationId, membership);
  }
  return [...distinct.values()].sort(byOrganizationId);
}

async function readWithoutTotals(client: Client, first: ListPage, perPage: number): Promise<Listing> {
  const once = await readUntilShort(client, [first], perPage);
  const again = await readUntilShort(client, [], perPage);
  const memberships = joinDistinct(client.principal, again);
  const before = joinDistinct(client.principal, once);
  const isSame =
    before.length === memberships.length &&
    before.every((one, index) => one.organizationId === memberships[index]?.organizationId);
  if (!isSame) {
    const numbers = `${before.length} organizations in one reading, ${memberships.length} in the next`;
    throw incomplete(
      client.principal,
      `no page says how many there are, and two readings differ: ${numbers}`,
    );
  }
  return { memberships, pages: once.length + again.length, perPage, totalCount: null };
}

async function readUntilShort(
  client: Client,
  read: readonly ListPage[],
  perPage: number,
): Promise<ListPage[]> {
  const pages = [...read];
  for (
    let last = pages.at(-1);
    last === undefined || last.memberships.length === perPage;
    last = pages.at(-1)
  ) {
    const asked = { page: pages.length + 1, perPage };
    const answer = await readPage(client, asked);
    checkEcho(client.principal, answer, asked);
    if (answer.totalCount !== null) {
      throw incomplete(
        client.principal,
        `page ${asked.page} says ${answer.totalCount} in all, another page does not say`,
      );
    }
    pages.push(answer);
    // A server that ignores `page` repeats itself for ever; a repeated id says so at once.
    joinDistinct(client.principal, pages);
  }
  return pages;
}

function incomplete(principal: string, what: string): RollcallError {
  return new RollcallError(
    'incomplete',
    `${principal}: the listing does not add up: ${what}. Nothing was stored.`,
  );
}
