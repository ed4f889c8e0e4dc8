import pLimit from 'p-limit';
import { readCompleteListing } from '../cloudflare/complete-listing.ts';
import { createClient } from '../cloudflare/http/client.ts';
import { leaveOutWayOn } from '../cloudflare/http/ended.ts';
import { createPace } from '../cloudflare/http/pace.ts';
import { type Listing } from '../cloudflare/listing.ts';
import { type Config } from '../config.ts';
import { type PrincipalConfig } from '../config/principals.ts';
import { RollcallError } from '../domain/errors.ts';
import { createInterning } from '../domain/interning.ts';
import { otherSource, type RunSource } from '../domain/run.ts';
import { clientOptionsOf } from '../context/client-options.ts';

/** What came of reading one endpoint. That it may not be read is worth knowing, and no failure. */
export type SourceReading = { outcome: 'read'; listing: Listing } | { outcome: 'unread'; error: unknown };

/** What both endpoints list of a principal. */
export interface SourcesRead {
  principal: string;
  /** The one that its roll is read from. */
  source: RunSource;
  readings: Readonly<Record<RunSource, SourceReading>>;
}

/** Whom to look at, and how. */
export interface SourcesOrder {
  config: Pick<Config, 'cloudflareBaseUrl' | 'proxies'>;
  principals: readonly PrincipalConfig[];
  signal: AbortSignal;
  /** Told how far a principal's requests are. */
  onRequest: (principal: string, requests: number) => void;
}

/** How many principals are read side by side. */
const principalsAtOnce = 4;

/**
 * Reads both endpoints for each principal, the one that its roll is read from first, and stores nothing. Each listing is
 * proven complete. What keeps one from being read is told, and keeps nothing else. Throws the signal's reason when that ends it.
 */
export async function readSources(order: SourcesOrder): Promise<SourcesRead[]> {
  const limit = pLimit(principalsAtOnce);
  return Promise.all(order.principals.map((principal) => limit(readBoth, principal, order)));
}

async function readBoth(principal: PrincipalConfig, order: SourcesOrder): Promise<SourcesRead> {
  const { name, source } = principal;
  const read = createReader(principal, order);
  const one = await read(source);
  const other = await read(otherSource(source));
  const readings =
    source === 'organizations'
      ? { organizations: one, memberships: other }
      : { organizations: other, memberships: one };
  return { principal: name, source, readings };
}

/** Reads either endpoint, at one pace and with one count of requests: Cloudflare's limit is the user's. */
function createReader(
  principal: PrincipalConfig,
  { config, signal, onRequest }: SourcesOrder,
): (source: RunSource) => Promise<SourceReading> {
  const pace = createPace();
  const interning = createInterning();
  let requests = 0;
  return async (source) => {
    const client = createClient({
      ...clientOptionsOf({ ...principal, source }, config),
      signal,
      pace,
      onRequest: () => onRequest(principal.name, (requests += 1)),
    });
    try {
      return { outcome: 'read', listing: await readCompleteListing(client, () => undefined, interning) };
    } catch (error) {
      signal.throwIfAborted();
      return { outcome: 'unread', error: withoutWayOn(error, source) };
    }
  };
}

/** Both are read, and what changing over would come to is told below: an end that names the other endpoint would contradict that. */
function withoutWayOn(error: unknown, source: RunSource): unknown {
  if (!(error instanceof RollcallError) || error.code !== 'ended') return error;
  return new RollcallError(error.code, leaveOutWayOn(error.message, source), { cause: error });
}
