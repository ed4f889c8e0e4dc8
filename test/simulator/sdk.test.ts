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
  memberships: {
    list(query: {
      order: 'id' | 'account.name';
      account?: { name: string };
      status?: 'pending' | 'rejected';
    }): AsyncIterable<{ id?: string }>;
    get(id: string): Promise<unknown>;
    update(id: string, answer: { status: 'accepted' | 'rejected' }): Promise<unknown>;
    delete(id: string): Promise<unknown>;
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

async function idsOf(listing: AsyncIterable<{ id?: string }>): Promise<unknown[]> {
  const ids: unknown[] = [];
  for await (const { id } of listing) ids.push(id);
  return ids;
}

function listedIds(sdk: Sdk): Promise<unknown[]> {
  return idsOf(sdk.user.organizations.list({ order: 'id' }));
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

  it('lists every membership over all pages, and those of a name or a status', async () => {
    const simulator = await startedSimulator({ organizations: 130 });
    const principal = simulator.world.principal();
    const [first, second] = [1, 2].map(() => principal.put({ name: 'Sought', status: 'invited' }));
    principal.reject(second?.id ?? '');
    const { memberships } = await connectSdk(simulator, byToken(principal.apiToken));
    const expected = [...principal.memberships, ...principal.rejected].map(
      ({ membershipId }) => membershipId,
    );
    expect(await idsOf(memberships.list({ order: 'id' }))).toEqual(expected.sort());
    const rejected = memberships.list({ order: 'account.name', status: 'rejected' });
    expect(await idsOf(rejected)).toEqual([second?.membershipId]);
    const sought = { order: 'id', account: { name: 'Sought' }, status: 'pending' } as const;
    expect(await idsOf(memberships.list(sought))).toEqual([first?.membershipId]);
  });

  it('gets a membership, accepts or rejects an invitation, and deletes what it does not want', async () => {
    const simulator = await startedSimulator({ organizations: 0 });
    const principal = simulator.world.principal();
    const [wanted, unwanted] = [1, 2].map(() => principal.put({ status: 'invited' }));
    const [accept, reject] = [wanted?.membershipId ?? '', unwanted?.membershipId ?? ''];
    const { memberships } = await connectSdk(simulator, byToken(principal.apiToken));
    expect(await memberships.get(accept)).toMatchObject({
      id: accept,
      account: { id: wanted?.id, name: wanted?.name },
      status: 'pending',
    });
    expect(await memberships.update(accept, { status: 'accepted' })).toMatchObject({ status: 'accepted' });
    expect(await memberships.update(reject, { status: 'rejected' })).toMatchObject({ status: 'rejected' });
    await expect(memberships.update(reject, { status: 'accepted' })).rejects.toMatchObject({ status: 409 });
    expect(principal.memberships).toMatchObject([{ id: wanted?.id, status: 'member' }]);
    for (const id of [accept, reject]) expect(await memberships.delete(id)).toEqual({ id });
    expect([principal.size, principal.rejected]).toEqual([0, []]);
    await expect(memberships.get(accept)).rejects.toMatchObject({ status: 404, errors: [{ code: 1003 }] });
  });
});
