import { describe, expect, it } from 'vitest';
import { browseOrganizations } from '../../src/cloudflare/browse.ts';
import { readCompleteListing } from '../../src/cloudflare/complete-listing.ts';
import { type ClientOptions } from '../../src/cloudflare/http/client.ts';
import { type ListingProof } from '../../src/domain/run.ts';
import { connected, type Connected, lineOf } from './connected.ts';

const remedy = 'See whether CLOUDFLARE_BASE_URL, if it is set, leads to Cloudflare.';

/** Sixty organizations on two pages, read once. */
async function sixty(options: Partial<ClientOptions> = {}): Promise<Connected> {
  return connected({ rereadPausesMs: [], ...options }, { organizations: 60 });
}

function read({ client }: Connected): Promise<unknown> {
  return readCompleteListing(client, () => undefined);
}

describe('a listing that would exhaust the memory', () => {
  it('is not begun when its total says so', async () => {
    const server = await sixty();
    server.fail({ kind: 'total-count', add: 5_000_000_000 - 60 });
    const line = await lineOf(read(server));
    expect(line).toMatch(/^incomplete \| ops-bot: the listing is too large .* 5000000000 organizations/);
    expect(line).toContain(remedy);
    expect(server.simulator.requests).toHaveLength(1);
  });

  it('ends as incomplete when its pages grow beyond the bound together', async () => {
    const server = await sixty({ bounds: { organizations: 1_000, bytes: 3 * 1024 ** 2 } });
    server.fail(pagesOfMegabytes(2));
    expect(await lineOf(read(server))).toMatch(/^incomplete \| ops-bot: .* with page 2 .* more than 3 MiB/);
  });

  it('ends as incomplete when no page says how many there are, and they do not end', async () => {
    const server = await sixty({ bounds: { organizations: 59, bytes: 1024 ** 2 } });
    server.fail({ kind: 'no-result-info' });
    expect(await lineOf(read(server))).toMatch(
      /^incomplete \| ops-bot: .* by page 2 there are 60 organizations, 59/,
    );
  });

  it('is counted anew at each reading, so that one of the right size is read after it', async () => {
    const server = await sixty({ bounds: { organizations: 60, bytes: 3 * 1024 ** 2 }, rereadPausesMs: [0] });
    server.fail(pagesOfMegabytes(2), { times: 2 });
    const proof: ListingProof[] = [];
    await readCompleteListing(server.client, (reading) => proof.push(reading));
    expect(proof).toMatchObject([
      { problem: expect.stringContaining('too large') as unknown },
      { organizations: 60 },
    ]);
  });

  it('is not shown either', async () => {
    const few = await sixty({ bounds: { organizations: 59, bytes: 1024 ** 2 } });
    expect(await lineOf(browseOrganizations(few.client, {}))).toContain('60 organizations');
    const large = await sixty({ bounds: { organizations: 60, bytes: 3 * 1024 ** 2 } });
    large.fail(pagesOfMegabytes(2));
    expect(await lineOf(browseOrganizations(large.client, {}))).toContain('more than 3 MiB');
  });
});

/** The same organizations, with something large beside them. */
function pagesOfMegabytes(size: number) {
  const rewrite = (json: unknown) => ({ ...(json as object), padding: 'x'.repeat(size * 1024 ** 2) });
  return { kind: 'rewrite', rewrite } as const;
}
