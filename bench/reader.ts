import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readAgreedRoll } from '../src/cloudflare/agreement.ts';
import { type Client, createClient } from '../src/cloudflare/http/client.ts';
import { readUserId } from '../src/cloudflare/identity.ts';
import { readInvitations } from '../src/cloudflare/invitations.ts';
import { type KnownRoll } from '../src/domain/known-roll.ts';
import { type Membership } from '../src/domain/membership.ts';
import { Secret } from '../src/domain/secret.ts';
import { sdkPackageFolder } from '../test/simulator/vendor-sdk.ts';
import { knownRollOf } from '../test/support/rolls.ts';

/** Who reads the listing in `bench/listing.ts`: one process for each measurement, so that no two share a heap. */
export type Reader = 'sdk' | 'quiet' | 'changes';

export interface Reading {
  ms: number;
  organizations: number;
  /** Of the whole process, from its start to the end of the reading. */
  peakMegabytes: number;
}

interface Address {
  url: string;
  token: string;
}

/** The part of the SDK that is used here. */
interface Sdk {
  user: {
    organizations: { list(query: { order: 'id'; per_page: number }): AsyncIterable<{ id?: string }> };
  };
}
type SdkClass = new (options: { baseURL: string; apiToken: string; apiEmail: null; apiKey: null }) => Sdk;

/** All pages by the vendor's SDK, kept as it gives them. */
async function prepareSdk({ url, token }: Address): Promise<() => Promise<number>> {
  const entry = pathToFileURL(join(sdkPackageFolder, 'index.mjs')).href;
  const { Cloudflare } = (await import(entry)) as { Cloudflare: SdkClass };
  const sdk = new Cloudflare({ baseURL: url, apiToken: token, apiEmail: null, apiKey: null });
  return async () => {
    const all: unknown[] = [];
    for await (const organization of sdk.user.organizations.list({ order: 'id', per_page: 50 }))
      all.push(organization);
    return all.length;
  };
}

/** What `observe` asks Cloudflare for, against this baseline, without what it asks the database for. */
async function prepareNight({ url, token }: Address, baselineFile: string): Promise<() => Promise<number>> {
  const baseline = JSON.parse(await readFile(baselineFile, 'utf8')) as Membership[];
  const client = createClient({
    principal: 'default',
    credentials: { kind: 'token', token: new Secret(token) },
    baseUrl: url,
  });
  // A night knows its baseline by the digest, and looks into it only where something was left out.
  const { digest } = knownRollOf(baseline);
  return () => takeNight(client, { digest, fields: [], fill: (seen) => Promise.resolve(seen) });
}

async function takeNight(client: Client, known: KnownRoll): Promise<number> {
  await readUserId(client);
  const { memberships, digest } = await readAgreedRoll(client, known, () => undefined);
  if (digest !== known.digest) await readInvitations(client);
  return memberships.length;
}

/** One request to another server: to load fetch, by which the SDK asks, takes Node.js 0.1 s. */
async function loadFetch(): Promise<void> {
  const server = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await (await fetch(`http://127.0.0.1:${port}`)).json();
  server.closeAllConnections();
  server.close();
}

const [reader, url = '', token = '', baselineFile = ''] = process.argv.slice(2);
const read = await (reader === 'sdk'
  ? prepareSdk({ url, token })
  : prepareNight({ url, token }, baselineFile));
if (reader === 'sdk') await loadFetch();
const startedAt = performance.now();
const organizations = await read();
const reading: Reading = {
  ms: performance.now() - startedAt,
  organizations,
  peakMegabytes: process.resourceUsage().maxRSS / 1024,
};
process.stdout.write(JSON.stringify(reading));
