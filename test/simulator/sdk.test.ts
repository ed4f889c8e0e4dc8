import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Simulator } from '../../src/simulator/server.ts';
import { startedSimulator } from './calls.ts';
import { isSdkInstalled, sdkPackageFolder, sdkVersion } from './vendor-sdk.ts';

/** The part of the SDK that is used here. */
interface Sdk {
  user: {
    organizations: {
      list(query: { order: 'id' }): AsyncIterable<{ id?: string; name?: string; status?: string }>;
      get(id: string): Promise<unknown>;
      delete(id: string): Promise<{ id?: string }>;
    };
  };
}
type Credentials =
  { apiToken: string; apiEmail: null; apiKey: null } | { apiToken: null; apiEmail: string; apiKey: string };
type SdkClass = new (options: { baseURL: string; maxRetries: number } & Credentials) => Sdk;

async function connectSdk(simulator: Simulator, credentials: Credentials): Promise<Sdk> {
  const entry = pathToFileURL(join(sdkPackageFolder, 'index.mjs')).href;
  const { Cloudflare } = (await import(entry)) as { Cloudflare: SdkClass };
  return new Cloudflare({ baseURL: simulator.url, maxRetries: 0, ...credentials });
}

/** Says what it does not use, so that the SDK reads no credentials from the environment. */
function byToken(apiToken: string): Credentials {
  return { apiToken, apiEmail: null, apiKey: null };
}

async function listedIds(sdk: Sdk): Promise<unknown[]> {
  const ids: unknown[] = [];
  for await (const { id } of sdk.user.organizations.list({ order: 'id' })) ids.push(id);
  return ids;
}

// `npm run test:sdk` installs the SDK first; other runs do without.
describe.skipIf(!isSdkInstalled())(`Cloudflare's own SDK, cloudflare@${sdkVersion}`, () => {
  it('lists every organization over all pages, by token and by key', async () => {
    const simulator = await startedSimulator({ organizations: 130 });
    const { memberships, apiToken, email, apiKey } = simulator.world.principal();
    const expected = memberships.map(({ id }) => id).sort();
    expect(await listedIds(await connectSdk(simulator, byToken(apiToken)))).toEqual(expected);
    const byKey = await connectSdk(simulator, { apiToken: null, apiEmail: email, apiKey });
    expect(await listedIds(byKey)).toEqual(expected);
  });

  it('gets the details of an organization, and leaves it', async () => {
    const simulator = await startedSimulator({ organizations: 3 });
    const principal = simulator.world.principal();
    const [{ id, name } = { id: '', name: '' }] = principal.memberships;
    const sdk = await connectSdk(simulator, byToken(principal.apiToken));
    expect(await sdk.user.organizations.get(id)).toMatchObject({ id, name, status: 'member' });
    expect(await sdk.user.organizations.delete(id)).toEqual({ id });
    expect(principal.membership(id)).toBeUndefined();
  });

  it('understands a refusal', async () => {
    const simulator = await startedSimulator({ organizations: 3 });
    const { apiToken } = simulator.world.principal();
    const sdk = await connectSdk(simulator, byToken(apiToken));
    await expect(sdk.user.organizations.get('0'.repeat(32))).rejects.toMatchObject({
      status: 404,
      errors: [{ code: 1003 }],
    });
  });
});
