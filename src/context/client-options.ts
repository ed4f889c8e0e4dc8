import { type ClientOptions } from '../cloudflare/http/client.ts';
import { type Config } from '../config.ts';
import { type PrincipalConfig } from '../config/principals.ts';

/** Whose requests a client sends, what its roll is read from and where they go, as it is configured. */
export function clientOptionsOf(
  { name, source, credentials }: Pick<PrincipalConfig, 'name' | 'source' | 'credentials'>,
  { cloudflareBaseUrl: baseUrl, proxies }: Pick<Config, 'cloudflareBaseUrl' | 'proxies'>,
): Required<Pick<ClientOptions, 'principal' | 'source' | 'credentials' | 'baseUrl' | 'proxies'>> {
  return { principal: name, source, credentials, baseUrl, proxies };
}
