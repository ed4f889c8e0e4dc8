import { type Proxies } from '../domain/proxies.ts';
import { type Secret } from '../domain/secret.ts';
import { type Environment } from './environment.ts';
import { type Faults } from './faults.ts';
import { keepSecret } from './kept-secrets.ts';

/** The proxies that the environment names as every program reads them, in small letters or in capitals. */
export function readProxies(environment: Environment, faults: Faults): Proxies {
  const find = (name: string) => environment.lookUp(name.toLowerCase()) ?? environment.lookUp(name);
  const read = (name: string): Secret | null => {
    const text = find(name);
    if (text === undefined) return null;
    const url = URL.parse(text.includes('://') ? text : `http://${text}`);
    if (url !== null && /^https?:$/.test(url.protocol) && url.hostname !== '')
      return keepSecret(name, url.href);
    faults.add(
      name,
      'expected a proxy such as http://user:password@proxy.example.com:3128, or NO_PROXY=* to go without; its value is not shown',
    );
    return null;
  };
  const except = (find('NO_PROXY') ?? '').split(/[\s,]+/).filter((entry) => entry !== '');
  if (except.includes('*')) return { http: null, https: null, except };
  return { http: read('HTTP_PROXY'), https: read('HTTPS_PROXY'), except };
}
