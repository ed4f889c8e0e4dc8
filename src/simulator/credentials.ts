import { type IncomingHttpHeaders } from 'node:http';
import { type Answer, refused } from './answers.ts';
import { type SimulatedPrincipal } from './principal.ts';
import { type World } from './world.ts';

/** Who is asking, and by which kind of credential. */
export interface Caller {
  readonly principal: SimulatedPrincipal;
  readonly by: 'token' | 'key';
}

const tokenFormat = /^(?:cf[ua]t_[\w-]{40,}|[\w-]{40})$/;
const keyFormat = /^(?:cfk_[\w-]{40,}|[0-9a-f]{37,45})$/;
const emailFormat = /^[^\s@]+@[^\s@]+$/;

/** The caller behind a request's headers, or the answer that refuses it. Codes as third parties have recorded them. */
export function authenticate(world: World, headers: IncomingHttpHeaders): Caller | Answer {
  const { authorization } = headers;
  const email = single(headers['x-auth-email']);
  const key = single(headers['x-auth-key']);
  const hasKey = email !== undefined || key !== undefined;
  if (authorization !== undefined) {
    return hasKey ? malformed(6111, 'Authorization') : authenticateToken(world, authorization);
  }
  if (!hasKey) {
    return refused(400, {
      code: 9106,
      message: 'Missing X-Auth-Key, X-Auth-Email or Authorization headers',
    });
  }
  return authenticateKey(world, email ?? '', key ?? '');
}

function authenticateToken(world: World, authorization: string): Caller | Answer {
  const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '';
  if (!tokenFormat.test(token)) return malformed(6111, 'Authorization');
  if (token.startsWith('cfat_')) return refused(400, { code: 9106, message: 'Authentication failed' });
  const principal = world.principals.find(({ apiToken }) => apiToken === token);
  if (principal === undefined) return refused(403, { code: 9109, message: 'Invalid access token' });
  return { principal, by: 'token' };
}

function authenticateKey(world: World, email: string, key: string): Caller | Answer {
  if (!emailFormat.test(email)) return malformed(6102, 'X-Auth-Email');
  if (!keyFormat.test(key)) return malformed(6103, 'X-Auth-Key');
  const principal = world.principals.find((known) => known.email === email && known.apiKey === key);
  if (principal === undefined) {
    return refused(400, { code: 9103, message: 'Unknown X-Auth-Key or X-Auth-Email' });
  }
  return { principal, by: 'key' };
}

function malformed(code: number, header: string): Answer {
  return refused(400, {
    code: 6003,
    message: 'Invalid request headers',
    error_chain: [{ code, message: `Invalid format for ${header} header` }],
  });
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(', ') : header;
}
