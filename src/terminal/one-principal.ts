import { type Client, createClient } from '../cloudflare/http/client.ts';
import { type Config, selectPrincipals } from '../config.ts';
import { RollcallError } from '../domain/errors.ts';

/** A client for the principal that is named, or for the only one there is. Throws `usage` when it must be named. */
export function connectOne(config: Config, name: string | undefined, signal: AbortSignal): Client {
  const [principal, another] = selectPrincipals(config, name === undefined ? [] : [name]);
  if (principal === undefined || another !== undefined) {
    const names = config.principals.map((one) => one.name).join(', ');
    throw new RollcallError('usage', `Say which principal with --principal: ${names}.`);
  }
  const { credentials, source } = principal;
  const { cloudflareBaseUrl: baseUrl, proxies } = config;
  return createClient({ principal: principal.name, source, credentials, baseUrl, proxies, signal });
}
