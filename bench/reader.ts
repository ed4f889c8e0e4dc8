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
import { type RunSource } from '../src/domain/run.ts';
import { Secret } from '../src/domain/secret.ts';
import { sdkPackageFolder } from '../test/simulator/vendor-sdk.ts';
import { knownRollOf } from '../test/support/rolls.ts';

/** Who reads the listing in `bench/listing.ts`: one process for each measurement, so that no two share a heap. */
export type Reader = 'sdk' | 'quiet' | 'changes';

export interface Reading {
  ms: number;
  /** Seconds of processor that the reading took, in all threads. */
  cpuSeconds: number;
  organizations: number;
  /** Of the whole process, from its start to the end of the reading. */
  peakMegabytes: number;
}

interface Roll {
  url: string;
  token: string;
  source: RunSource;
}

interface SdkList {
  list(query: { order: 'id'; per_page: number }): AsyncIterable<{ id?: string }>;
}

/** The part of the SDK that is used here. */
interface Sdk {
  user: { organizations: SdkList };
  memberships: SdkList;
}
type SdkClass = new (options: { baseURL: string; apiToken: string; apiEmail: null; apiKey: null }) => Sdk;

/** All pages by the vendor's SDK, kept as it gives them. */
async function prepareSdk({ url, token, source }: Roll): Promise<() => Promise<number>> {
  const entry = pathToFileURL(join(sdkPackageFolder, 'index.mjs')).href;
  const { Cloudflare } = (await import(entry)) as { Cloudflare: SdkClass };
  const sdk = new Cloudflare({ baseURL: url, apiToken: token, apiEmail: null, apiKey: null });
  return async () => {
    const all: unknown[] = [];
    const lists: Readonly<Record<RunSource, SdkList>> = {
      organizations: sdk.user.organizations,
      memberships: sdk.memberships,
    };
    for await (const item of lists[source].list({ order: 'id', per_page: 50 })) all.push(item);
    return all.length;
  };
}

/** What `observe` asks Cloudflare for, against this baseline, without what it asks the database for. */
async function prepareNight(
  { url, token, source }: Roll,
  baselineFile: string,
): Promise<() => Promise<number>> {
  const baseline = JSON.parse(await readFile(baselineFile, 'utf8')) as Membership[];
  const client = createClient({
    principal: 'default',
    credentials: { kind: 'token', token: new Secret(token) },
    baseUrl: url,
    source,
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

const [reader, source, url = '', token = '', baselineFile = ''] = process.argv.slice(2);
const roll: Roll = { url, token, source: source === 'memberships' ? source : 'organizations' };
const read = await (reader === 'sdk' ? prepareSdk(roll) : prepareNight(roll, baselineFile));
if (reader === 'sdk') await loadFetch();
const startedAt = performance.now();
const cpuBefore = process.cpuUsage();
const organizations = await read();
const cpu = process.cpuUsage(cpuBefore);
const reading: Reading = {
  ms: performance.now() - startedAt,
  cpuSeconds: (cpu.user + cpu.system) / 1_000_000,
  organizations,
  peakMegabytes: process.resourceUsage().maxRSS / 1024,
};
process.stdout.write(JSON.stringify(reading));
