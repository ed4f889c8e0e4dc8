import { RollcallError } from '../domain/errors.ts';
import { createInterning, type Interning } from '../domain/interning.ts';
import { type DeclinedInvitation } from '../domain/invitation.ts';
import { byOrganizationId, type Membership } from '../domain/membership.ts';
import { visible } from '../domain/visible.ts';
import { type Allowance, createAllowance } from './allowance.ts';
import { type Client } from './http/client.ts';
import { largestPage, type ListPage, readPage } from './page.ts';
import { type ListedRow, nameRow } from './sources/source.ts';

/** One complete reading of all pages, by organization id, with what proves it complete. */
export interface Listing {
  memberships: readonly Membership[];
  /** Invitations that were declined: listed as such, and not on the roll. */
  declined: readonly DeclinedInvitation[];
  pages: number;
  perPage: number;
  /** What every page said there are; `null` when no page said, and two readings of equal ids stand in for it. */
  totalCount: number | null;
}

/**
 * Reads every page and proves that the parts make a whole: page and page size echoed as asked, one `total_count` on
 * all pages, on each page as many organizations as that leaves for it, no id twice, and none after the last. Throws
 * `incomplete` with what does not add up, as soon as it shows: a server that tells nonsense is asked little more.
 *
 * A server that caps the page size without a word is met by its own: later pages are asked for with the size that the
 * first one echoed. One that gives no totals is read page after page until a page is empty, twice, and both must agree.
 */
export async function readListing(
  client: Client,
  interning: Interning = createInterning(),
): Promise<Listing> {
  const allowance = createAllowance(client.principal, client.bounds);
  const reading: Reading = { client, interning, allowance };
  const first = await askForPage(reading, { page: 1, perPage: largestPage });
  const perPage = first.perPage ?? largestPage;
  if (perPage < 1 || perPage > largestPage) {
    throw incomplete(client.principal, `asked for pages of ${largestPage}, was given pages of ${perPage}`);
  }
  checkEcho(client.principal, first, { page: 1, perPage });
  return first.totalCount === null
    ? readWithoutTotals(reading, first, perPage)
    : readByTotal(reading, first, { perPage, totalCount: first.totalCount });
}

/** What the pages of one listing have in common. */
interface Reading {
  client: Client;
  interning: Interning;
  allowance: Allowance;
}

interface Asked {
  page: number;
  perPage: number;
  signal?: AbortSignal;
}

async function askForPage(reading: Reading, { page, perPage, signal }: Asked): Promise<ListPage> {
  const { client, interning, allowance } = reading;
  const query = { order: 'id', direction: 'asc', page, per_page: perPage };
  const options = { interning, ...(signal === undefined ? {} : { signal }) };
  const answer = await readPage(client, query, options);
  allowance.addBytes(page, answer.bytes);
  return answer;
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
  if (answer.rows.length > perPage) {
    throw incomplete(
      principal,
      `page ${page} has ${answer.rows.length} organizations where ${perPage} were asked for`,
    );
  }
}

/** What page one says of the whole listing. */
interface Whole {
  perPage: number;
  totalCount: number;
}

async function readByTotal(reading: Reading, first: ListPage, whole: Whole): Promise<Listing> {
  const { client, allowance } = reading;
  const { perPage, totalCount } = whole;
  allowance.checkNumber(1, totalCount);
  // The page on which the end shows. When the last page is full that is the empty one after it: a total that lags
  // behind by whole pages would otherwise agree with all that was asked for.
  const pages = Math.floor(totalCount / perPage) + 1;
  const distinct = new Map<string, ListedRow>();
  const take = (page: number, answer: ListPage) => {
    checkShare(client.principal, answer, { ...whole, page });
    addDistinct(client.principal, distinct, answer);
  };
  take(1, first);
  await sideBySide(client, { from: 2, to: pages }, async (page, signal) => {
    const answer = await askForPage(reading, { page, perPage, signal });
    checkEcho(client.principal, answer, { page, perPage });
    take(page, answer);
  });
  return { ...rollOf(client.principal, distinct.values()), pages, perPage, totalCount };
}

/** Reads every page, as many at once as the client lets through; the first that fails ends the others. */
async function sideBySide(
  client: Client,
  { from, to }: { from: number; to: number },
  read: (page: number, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  let next = from;
  const readNext = async () => {
    while (next <= to && !stop.signal.aborted) await read(next++, stop.signal);
  };
  // Twice as many as requests may be under way: while one reader looks at its page, another's request takes the place.
  const readers = Array.from({ length: 2 * client.concurrency }, () =>
    readNext().catch((error: unknown) => {
      stop.abort(error);
      throw error;
    }),
  );
  await Promise.all(readers);
}

/** Whether a page says the same total as page one, and has all of its share. */
function checkShare(principal: string, answer: ListPage, whole: Whole & { page: number }): void {
  const { page, perPage, totalCount } = whole;
  if (answer.totalCount !== totalCount) {
    const says = answer.totalCount === null ? 'does not say' : `says ${answer.totalCount}`;
    throw incomplete(principal, `page 1 says ${totalCount} in all, page ${page} ${says}`);
  }
  const share = Math.min(perPage, totalCount - (page - 1) * perPage);
  if (answer.rows.length !== share) {
    throw incomplete(
      principal,
      `page ${page} has ${answer.rows.length} organizations where total_count ${totalCount} leaves ${share} for it`,
    );
  }
}

function addDistinct(principal: string, distinct: Map<string, ListedRow>, answer: ListPage): void {
  for (const row of answer.rows) {
    if (distinct.has(row.id)) throw incomplete(principal, `${nameRow(row)} is listed twice`);
    distinct.set(row.id, row);
  }
}

/**
 * Who is on the roll, and which invitations were declined. Of an organization that invited again, the one that was declined
 * before says nothing. Two memberships in one organization are no roll.
 */
function rollOf(principal: string, rows: Iterable<ListedRow>): Pick<Listing, 'memberships' | 'declined'> {
  const roll = new Map<string, Membership>();
  const declined: DeclinedInvitation[] = [];
  for (const { id, membership, isDeclined } of rows) {
    const { organizationId } = membership;
    const other = roll.get(organizationId);
    if (isDeclined) declined.push({ membershipId: id, organizationId });
    else if (other !== undefined) throw listedTwice(principal, other, membership);
    else roll.set(organizationId, membership);
  }
  return {
    memberships: [...roll.values()].sort(byOrganizationId),
    declined: declined.filter(({ organizationId }) => !roll.has(organizationId)),
  };
}

function listedTwice(principal: string, one: Membership, other: Membership): RollcallError {
  const rows = [one, other].map(
    ({ membershipId, status }) => `${membershipId} (${visible(status ?? 'unknown', 30)})`,
  );
  return incomplete(
    principal,
    `organization ${one.organizationId} is listed twice, by the memberships ${rows.join(' and ')}`,
  );
}

async function readWithoutTotals(reading: Reading, first: ListPage, perPage: number): Promise<Listing> {
  const { client } = reading;
  const once = await readUntilEmpty(reading, perPage, first);
  const again = await readUntilEmpty(reading, perPage);
  const isSame =
    once.distinct.size === again.distinct.size &&
    [...once.distinct.keys()].every((id) => again.distinct.has(id));
  if (!isSame) {
    const numbers = `${once.distinct.size} organizations in one reading, ${again.distinct.size} in the next`;
    throw incomplete(
      client.principal,
      `no page says how many there are, and two readings differ: ${numbers}`,
    );
  }
  return {
    ...rollOf(client.principal, again.distinct.values()),
    pages: once.pages + again.pages,
    perPage,
    totalCount: null,
  };
}

/** Until a page is empty: a short one may be a full one of a server that caps the page size and does not say so. */
async function readUntilEmpty(
  reading: Reading,
  perPage: number,
  first?: ListPage,
): Promise<{ distinct: ReadonlyMap<string, ListedRow>; pages: number }> {
  const { client, allowance } = reading;
  const distinct = new Map<string, ListedRow>();
  for (let page = 1; ; page += 1) {
    const answer = page === 1 && first !== undefined ? first : await askForPage(reading, { page, perPage });
    checkEcho(client.principal, answer, { page, perPage });
    if (answer.totalCount !== null) {
      throw incomplete(
        client.principal,
        `page ${page} says ${answer.totalCount} in all, another page does not say`,
      );
    }
    if (answer.rows.length === 0) return { distinct, pages: page };
    // A server that ignores `page` repeats itself for ever; a repeated id says so at once.
    addDistinct(client.principal, distinct, answer);
    allowance.checkNumber(page, distinct.size);
  }
}

function incomplete(principal: string, what: string): RollcallError {
  return new RollcallError(
    'incomplete',
    `${principal}: the listing does not add up: ${what}. Nothing was stored.`,
  );
}
