import { type Secret } from './secret.ts';
import { isThisMachine } from './this-machine.ts';

/** The proxies by which requests go, as a network asks it of every program. */
export interface Proxies {
  /** For `http://`; secrets, since they may hold a password. `null` for none. */
  http: Secret | null;
  /** For `https://`. */
  https: Secret | null;
  /** Hosts that are asked directly: names, which stand for what is below them too, `host:port`, or `*` for all. */
  except: readonly string[];
}

/** Every request goes directly. */
export const noProxies: Proxies = { http: null, https: null, except: [] };

/** The proxy by which a request goes there; `null` for none, as always to this machine. */
export function findProxy({ protocol, hostname, port }: URL, proxies: Proxies): Secret | null {
  const host = hostname.replaceAll(/^\[|\]$/g, '').toLowerCase();
  if (isThisMachine(host)) return null;
  const usualPort = protocol === 'https:' ? '443' : '80';
  const isExcepted = proxies.except.some((entry) => matches(entry.toLowerCase(), host, port || usualPort));
  if (isExcepted) return null;
  return protocol === 'https:' ? proxies.https : proxies.http;
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const [, name = entry, ofPort = port] = /^(\[[\da-f:.]+\]|[^:]+):(\d+)$/.exec(entry) ?? [];
  const bare = name.replaceAll(/^\[|\]$/g, '').replace(/^\*?\./, '');
  return ofPort === port && (host === bare || host.endsWith(`.${bare}`));
}
