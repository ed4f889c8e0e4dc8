import { describeError, RollcallError } from '../domain/errors.ts';
import { createInterning, type Interning } from '../domain/interning.ts';
import { type ListingProof } from '../domain/run.ts';
import { type Client } from './http/client.ts';
import { type Listing, readListing } from './listing.ts';

/** Told of every reading, complete or not. */
export type RecordProof = (proof: ListingProof) => void;

/**
 * A listing that adds up: read again, up to as often as the client has patience for, with a pause before each further
 * reading. Throws the last `incomplete`, with the number of readings; anything else ends it at once.
 */
export async function readCompleteListing(
  client: Client,
  record: RecordProof,
  interning: Interning = createInterning(),
): Promise<Listing> {
  for (let reading = 1; ; reading += 1) {
    try {
      const listing = await readListing(client, interning);
      record({ ...proofOf(listing), problem: null });
      return listing;
    } catch (error) {
      record({
        pages: null,
        perPage: null,
        totalCount: null,
        organizations: null,
        problem: describeError(error),
      });
      if (!(error instanceof RollcallError) || error.code !== 'incomplete') throw error;
      const pauseMs = client.rereadPausesMs[reading - 1];
      if (pauseMs === undefined) throw afterReadings(error, reading);
      await client.pause(pauseMs);
    }
  }
}

function proofOf({ pages, perPage, totalCount, memberships }: Listing) {
  return { pages, perPage, totalCount, organizations: memberships.length };
}

function afterReadings(error: RollcallError, readings: number): RollcallError {
  return new RollcallError('incomplete', `${describeError(error)} It was read ${readings} times.`, {
    cause: error,
  });
}
