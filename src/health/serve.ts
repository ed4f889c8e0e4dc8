import { type Config } from '../config.ts';
import { RollcallError } from '../domain/errors.ts';
import { type HealthSources } from './answers.ts';
import { type HealthServer, startHealthServer } from './server.ts';

/** Where it listens when nobody says otherwise. */
export const defaultHttpPlace = { host: '127.0.0.1', port: 9465 } as const;

/** What is served, and where it is to be and is not. */
export interface Serving extends HealthSources {
  config: Pick<Config, 'http' | 'httpHosts'>;
  /** Where nobody says otherwise. Default: {@link defaultHttpPlace}. */
  defaultPlace?: { host: string; port: number };
}

/** The server, and whether it is where it was to be. */
export interface Served {
  server: HealthServer;
  /** Why it is elsewhere: somebody has the default place, as a second worker on the same machine; else `null`. */
  moved: Error | null;
}

/**
 * Serves health where the configuration says; where it says nothing, at the default place, or at any port of the same
 * address while another program has that. `null` where it is turned off. Throws as {@link startHealthServer} does.
 */
export async function serveHealth({
  config,
  defaultPlace = defaultHttpPlace,
  ...sources
}: Serving): Promise<Served | null> {
  if (config.http === null) return null;
  const options = { ...sources, hosts: config.httpHosts };
  try {
    return { server: await startHealthServer({ ...options, ...(config.http ?? defaultPlace) }), moved: null };
  } catch (error) {
    const isTaken = error instanceof RollcallError && error.code === 'busy';
    if (config.http !== undefined || !isTaken) throw error;
    return { server: await startHealthServer({ ...options, ...defaultPlace, port: 0 }), moved: error };
  }
}
