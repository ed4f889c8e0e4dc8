import { type Client, createClient } from '../cloudflare/http/client.ts';
import { type Config, selectPrincipals } from '../config.ts';
import { RollcallError } from '../domain/errors.ts';
import { type RunSource } from '../domain/run.ts';
import { clientOptionsOf } from '../context/client-options.ts';

/** Who asks, and which endpoint, where that is said. */
export interface Asking {
  principal?: string;
  source?: RunSource;
}

/**
 * A client for the principal that is named, or for the only one there is, of the endpoint that is named, or of the one
 * that its roll is read from. Throws `usage` when the principal must be named.
 */
export function connectOne(
  config: Config,
  { principal: name, ...asking }: Asking,
  signal: AbortSignal,
): Client {
  const [principal, another] = selectPrincipals(config, name === undefined ? [] : [name]);
  if (principal === undefined || another !== undefined) {
    const names = config.principals.map((one) => one.name).join(', ');
    throw new RollcallError('usage', `Say which principal with --principal: ${names}.`);
  }
  return createClient({ ...clientOptionsOf({ ...principal, ...asking }, config), signal });
}
