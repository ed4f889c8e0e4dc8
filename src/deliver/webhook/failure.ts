/** What a request met, told by codes alone: the words of an error repeat the host, and a URL is nowhere but in its request. */
export function describeFailure(error: unknown, proxy: string | null): string {
  if (error instanceof DeadlinePassed || error instanceof Stopped) return error.message;
  const code = findCode(error);
  const told = code === null ? '' : ` (${code})`;
  if (code !== null && isAboutCertificate(code))
    return `its certificate is not trusted here${told}; ${trustIt(code)}`;
  if (code?.startsWith('ERR_SSL_') === true || code === 'EPROTO')
    return `it does not speak TLS${told}; correct the port in its URL`;
  if (proxy !== null) return `nothing came by the proxy ${proxy}${told}; see that it runs and lets this pass`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `its host could not be looked up${told}; check this machine's DNS, or correct its URL`;
  if (code === null || brokenOff.includes(code)) return `the connection broke${told}`;
  return `it cannot be reached${told}; check that it runs, or correct its URL`;
}

/** The reason with which a request ends that took too long. */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';

  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs / 1000} s`);
  }
}

/** The reason with which a request ends when no more are to be made. */
export class Stopped extends Error {
  override readonly name = 'Stopped';

  constructor() {
    super('rollcall was told to stop');
  }
}

/** After there was a connection. */
const brokenOff = ['ECONNRESET', 'EPIPE', 'HPE_INVALID_CONSTANT'];

const certificate = /CERT|SELF_SIGNED|UNABLE_TO/;

function isAboutCertificate(code: string): boolean {
  return certificate.test(code);
}

function trustIt(code: string): string {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'correct its URL: the certificate is for another host';
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return 'check the clock of this machine, or have the certificate renewed';
  return 'make Node.js trust who signed it: NODE_EXTRA_CA_CERTS=/path/ca.pem in the environment, not in .env';
}

/** Of the error, or of what it was caused by. */
function findCode(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if ('code' in error && typeof error.code === 'string' && /^[A-Z0-9_]{3,60}$/.test(error.code))
    return error.code;
  if (error instanceof AggregateError && error.errors.length > 0) return findCode(error.errors[0]);
  return error.cause === error ? null : findCode(error.cause);
}
