import http from 'node:http';
import https from 'node:https';
import { findProxy, type Proxies } from '../../domain/proxies.ts';

/** By which connections a request goes. */
export interface Way {
  agent: http.Agent;
  /** The proxy, without user and password; `null` for none. */
  proxy: string | null;
}

/** One pool for each proxy, as Node.js has one for all that goes directly. */
const agents = new Map<string, http.Agent>();

/** The way to an address: directly, or by the proxy that is to be used. */
export function findWay(address: URL, proxies: Proxies): Way {
  const { protocol } = address;
  const isSecure = protocol === 'https:';
  const proxy = findProxy(address, proxies);
  if (proxy === null) return { agent: isSecure ? https.globalAgent : http.globalAgent, proxy: null };
  const url = proxy.reveal();
  const key = `${protocol} ${url}`;
  const options = { keepAlive: true, proxyEnv: { http_proxy: url, https_proxy: url } };
  const agent = agents.get(key) ?? (isSecure ? new https.Agent(options) : new http.Agent(options));
  agents.set(key, agent);
  return { agent, proxy: new URL(url).origin };
}
