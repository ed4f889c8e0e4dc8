import { defaultBounds } from '../../src/cloudflare/allowance.ts';
import { type Client } from '../../src/cloudflare/http/client.ts';
import { createPages, type Night, type Roll } from './roll.ts';

export interface MemoryClient extends Client {
  /** How many listings were begun. */
  listings(): number;
}

/**
 * A client whose answers come from memory: what a night costs beside the network. Each is parsed from text, as a body
 * is: no two share a string that the real ones would not share.
 */
export function createMemoryClient(roll: Roll, night: Night): MemoryClient {
  const pageOf = createPages(roll, night);
  const sent = { requests: 0, retries: 0 };
  const headers = new Headers();
  let listings = 0;
  const answerTo = (path: string, query: Readonly<Record<string, string | number>>) => {
    if (path === '/user') return '{"success":true,"result":{"id":"7c5dae5552338874e5053f2534d2767a"}}';
    if (path === '/user/invites') return '{"success":true,"result":[]}';
    if (path !== '/user/organizations') throw new Error(`expected no question about ${path}`);
    const page = Number(query['page'] ?? 1);
    if (page === 1) listings += 1;
    return pageOf(page, Number(query['per_page'] ?? 20));
  };
  return {
    principal: 'default',
    source: 'organizations',
    sent,
    concurrency: 4,
    rereadPausesMs: [],
    bounds: defaultBounds,
    listings: () => listings,
    pause: () => Promise.resolve(),
    ask({ path, query = {} }) {
      sent.requests += 1;
      const text = answerTo(path, query);
      return Promise.resolve({ body: JSON.parse(text) as unknown, bytes: text.length, headers });
    },
  };
}
