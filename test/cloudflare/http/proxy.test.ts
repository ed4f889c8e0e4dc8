import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listOrganizations } from '../../../src/cloudflare/organizations.ts';
import { noProxies, type Proxies } from '../../../src/domain/proxies.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { createLog } from '../../../src/log.ts';
import { withPings } from '../../../src/pipeline/ping.ts';
import { type Simulator } from '../../../src/simulator/server.ts';
import { startedSimulator } from '../../simulator/calls.ts';
import { rollcall, scratchFolder } from '../../support/command-line.ts';
import { startProxy } from '../../support/proxy.ts';
import { clientOf, lineOf, tokenOf } from '../connected.ts';

const login = 'ops:hunter2%40';
const host = 'api.rollcall.test';

function proxiesAt(port: number, given: Partial<Proxies> = {}): Proxies {
  const proxy = new Secret(`http://${login}@127.0.0.1:${port}`);
  return { http: proxy, https: proxy, except: [], ...given };
}

const portOf = ({ url }: Simulator) => Number(new URL(url).port);

/** Cloudflare's API over TLS under a name that only the proxy knows, and the certificate of whoever vouches for it. */
async function startSecureApi(simulator: Simulator): Promise<{ port: number; ca: string }> {
  const folder = scratchFolder();
  const args = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=${host} -addext subjectAltName=DNS:${host} -keyout key.pem -out ca.pem`;
  execFileSync('openssl', args.split(' '), { cwd: folder, stdio: 'ignore' });
  const ca = path.join(folder, 'ca.pem');
  const server = createServer(
    { key: readFileSync(path.join(folder, 'key.pem')), cert: readFileSync(ca) },
    ({ method, url, headers }, response) => {
      const onward = request(
        { host: '127.0.0.1', port: portOf(simulator), method, path: url, headers },
        (answer) => answer.pipe(response.writeHead(answer.statusCode ?? 0, answer.headers)),
      );
      onward.end();
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port, ca };
}

describe('where a network has a proxy', () => {
  it.each(['HTTPS_PROXY', 'https_proxy'])('Cloudflare is asked by it as soon as %s is set', async (name) => {
    const simulator = await startedSimulator({ organizations: 3 });
    const { port, ca } = await startSecureApi(simulator);
    const proxy = await startProxy({ to: port });
    const variables = {
      CLOUDFLARE_BASE_URL: `https://${host}/client/v4`,
      CLOUDFLARE_API_TOKEN: simulator.world.principal().apiToken,
      NODE_EXTRA_CA_CERTS: ca,
      [name]: `http://${login}@127.0.0.1:${proxy.port}`,
    };
    const { status, stdout } = await rollcall(['organizations', 'list', '--json'], variables);
    expect([status, (JSON.parse(stdout) as unknown[]).length]).toEqual([0, 3]);
    expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT ${host}:443 ops:hunter2@`]));
  });

  it('what goes by http:// goes by it too, pings as well', async () => {
    const simulator = await startedSimulator({ organizations: 3 });
    const proxy = await startProxy({ to: portOf(simulator) });
    const proxies = proxiesAt(proxy.port);
    const client = clientOf(simulator, { baseUrl: `http://${host}/client/v4`, proxies });
    await expect(listOrganizations(client, {})).resolves.toMatchObject({ totalCount: 3 });
    expect(proxy.asked[0]).toMatch(
      /^GET http:\/\/api\.rollcall\.test\/client\/v4\/user\/organizations\S* ops:hunter2@$/,
    );
    const principal = {
      name: 'a',
      source: 'organizations' as const,
      credentials: tokenOf(simulator),
      pingUrl: new Secret('http://ping.test/uuid'),
    };
    const log = createLog({ level: 'silent', forPeople: false });
    await withPings({ log, config: { proxies }, retryPauseMs: 1 }, principal, () =>
      Promise.resolve({ outcome: 'complete' }),
    );
    expect(proxy.asked.at(-1)).toBe('POST http://ping.test/uuid ops:hunter2@');
  });

  it.each([
    ['this machine', (url: string) => url, []],
    ['a host that NO_PROXY names', () => 'http://api.rollcall.invalid/', ['.rollcall.invalid']],
  ])('%s is asked without it', async (_, urlOf, except) => {
    const simulator = await startedSimulator();
    const proxy = await startProxy({ to: portOf(simulator) });
    const client = clientOf(simulator, {
      baseUrl: urlOf(simulator.url),
      proxies: proxiesAt(proxy.port, { except }),
      retries: 0,
    });
    await listOrganizations(client, {}).catch(() => undefined);
    expect(proxy.asked).toEqual([]);
  });

  it.each([
    ['https:', 407],
    ['http:', 407],
    ['https:', 403],
  ])(
    'that refuses, by %s with %d, is named with the remedy and without its password, and asked once',
    async (scheme, refuse) => {
      const simulator = await startedSimulator();
      const proxy = await startProxy({ to: 1, refuse });
      const proxies = proxiesAt(proxy.port);
      const client = clientOf(simulator, { baseUrl: `${scheme}//${host}/client/v4`, proxies });
      const line = await lineOf(listOrganizations(client, {}));
      expect(line).toContain(
        `refused | ops-bot: the proxy http://127.0.0.1:${proxy.port} answered GET /user/organizations`,
      );
      expect(line).toMatch(
        new RegExp(`with ${refuse}.*${refuse === 407 ? 'HTTPS_PROXY' : 'pass'}.*NO_PROXY`),
      );
      expect(line).not.toContain('hunter2');
      expect(proxy.asked).toHaveLength(1);
    },
  );

  it.each(['https:', 'http:'])(
    'that is away, for %s, is named with the remedy, and tried again',
    async (scheme) => {
      const simulator = await startedSimulator();
      const client = clientOf(simulator, {
        baseUrl: `${scheme}//${host}/`,
        proxies: proxiesAt(1),
        retries: 1,
      });
      const line = await lineOf(listOrganizations(client, {}));
      expect(line).toMatch(
        /^unavailable \| .* in 2 tries.*ECONNREFUSED.*the proxy http:\/\/127\.0\.0\.1:1, .*NO_PROXY/,
      );
      expect(line).not.toContain('hunter2');
    },
  );
});

it('where there is none, what cannot be reached is told with the variable that would name one', async () => {
  const simulator = await startedSimulator();
  const client = clientOf(simulator, { baseUrl: 'http://127.0.0.1:1/', proxies: noProxies, retries: 0 });
  expect(await lineOf(listOrganizations(client, {}))).toContain('HTTPS_PROXY');
});
