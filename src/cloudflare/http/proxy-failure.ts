import { RollcallError } from '../../domain/errors.ts';
import { nameQuestion, type Question } from './question.ts';

/** The status with which a proxy refused to pass a request on; `null` where it was none, or may pass it on later. */
export function findProxyRefusal(error: unknown): number | null {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_PROXY_TUNNEL') return null;
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 0;
  return status >= 400 && status < 500 ? status : null;
}

/** A proxy that does not pass a request on. Asked again it would answer the same, and lock out who it does not know. */
export function proxyRefusal(question: Question, proxy: string, status: number): RollcallError {
  const remedy =
    status === 407
      ? 'It asks for a login: put the right one into HTTPS_PROXY, as http://user:password@host:port'
      : 'Let it pass requests to Cloudflare on';
  return new RollcallError(
    'refused',
    `${question.principal}: the proxy ${proxy} answered ${nameQuestion(question)} with ${status}, and did not pass it on. ${remedy}; or name the API's host in NO_PROXY.`,
  );
}

/** Where to look when nothing came by a proxy. */
export function proxyRemedy(proxy: string): string {
  return `It went by the proxy ${proxy}, as HTTPS_PROXY or HTTP_PROXY says: see that it runs and can be reached from here, or name the API's host in NO_PROXY.`;
}
