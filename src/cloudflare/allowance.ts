import { RollcallError } from '../domain/errors.ts';

/** What one listing may come to; beyond it a server is broken or hostile, and this machine's memory is not its to take. */
export interface ListingBounds {
  /** Organizations, and with them pages. */
  organizations: number;
  /** Bytes of all pages together, decompressed. */
  bytes: number;
}

/** Organizations of one user: an hour and a half of requests at Cloudflare's limit, and far more than anybody has. */
export const mostOrganizations = 1_000_000;

/**
 * Bytes of all pages of one listing: for 100,000 organizations, 5 KiB of each. In memory, text of a server that means harm
 * takes one to two times as much, and a run holds at most two listings.
 */
export const mostBytes = 512 * 1024 ** 2;

/** The bounds of a client that is given none. */
export const defaultBounds: ListingBounds = { organizations: mostOrganizations, bytes: mostBytes };

/** Counts what a listing comes to. Both throw `incomplete` beyond the bounds. */
export interface Allowance {
  /** Adds the answer for a page to the bytes. */
  addBytes(page: number, bytes: number): void;
  /** Looks at how many organizations there are so far, or are said to be. */
  checkNumber(page: number, organizations: number): void;
}

/** Begins to count one listing, from nothing. The principal is named in errors. */
export function createAllowance(principal: string, bounds: ListingBounds): Allowance {
  let total = 0;
  const exceeded = (what: string) =>
    new RollcallError(
      'incomplete',
      `${principal}: the listing is too large to be believed: ${what}. Nothing was stored. See whether CLOUDFLARE_BASE_URL, if it is set, leads to Cloudflare.`,
    );
  return {
    addBytes(page, bytes) {
      total += bytes;
      if (total <= bounds.bytes) return;
      const most = `${bounds.bytes / 1024 ** 2} MiB`;
      throw exceeded(`with page ${page} its pages have more than ${most}, which is the most that is read`);
    },
    checkNumber(page, organizations) {
      if (organizations <= bounds.organizations) return;
      throw exceeded(
        `by page ${page} there are ${organizations} organizations, ${bounds.organizations} are the most that are read`,
      );
    },
  };
}
