import { describeError } from '../../domain/errors.ts';
import { proxyRemedy } from './proxy-failure.ts';
import { TransientFailure } from './transient.ts';

/**
 * What a transfer met, as a failure that another try may mend: the system's own words, and where to look. `proxy` is the
 * one by which it went.
 */
export function networkFailure(error: unknown, proxy: string | null): TransientFailure {
  const causes = rootCauses(error);
  const words = [...new Set(causes.map(describeError))].join('; ');
  const codes = causes.flatMap((cause) =>
    cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? [cause.code] : [],
  );
  return new TransientFailure(`the connection failed: ${words}`, { remedy: remedyFor(codes, proxy) });
}

/** How far causes are followed, which may go in a circle. */
const deepest = 8;

/** One error, or one for each address that was tried; the reason is the innermost. */
function rootCauses(error: unknown, depth = 0): unknown[] {
  if (!(error instanceof Error) || depth === deepest) return [error];
  const within = (one: unknown) => rootCauses(one, depth + 1);
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.flatMap(within);
  return error.cause instanceof Error ? within(error.cause) : [error];
}

function remedyFor(codes: readonly string[], proxy: string | null): string {
  if (codes.some((code) => /CERT|SELF_SIGNED|UNABLE_TO/.test(code))) {
    return (
      'The certificate is not trusted here: if a proxy of yours opens TLS, name its authority in ' +
      'NODE_EXTRA_CA_CERTS.'
    );
  }
  if (proxy !== null) return proxyRemedy(proxy);
  if (codes.some((code) => code === 'ENOTFOUND' || code === 'EAI_AGAIN')) {
    return "The name could not be looked up: check this machine's DNS, and CLOUDFLARE_BASE_URL if it is set.";
  }
  return "Check this machine's way to the internet (firewall, HTTPS_PROXY), and CLOUDFLARE_BASE_URL if it is set.";
}
