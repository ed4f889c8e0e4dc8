import { NoWayToLogIn } from './login.ts';
import { type SmtpFailure } from './outcome.ts';
import { type SmtpServer } from './url.ts';

const trustIt =
  'make Node.js trust who signed it: NODE_EXTRA_CA_CERTS=/path/ca.pem in the environment that rollcall is started in, not in .env';
const renewIt = 'check the clock of this machine, or have the certificate of the server renewed';

/** What to do about a certificate, by Node's code for what is wrong with it. */
const byCertificate: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: trustIt,
  SELF_SIGNED_CERT_IN_CHAIN: trustIt,
  UNABLE_TO_GET_ISSUER_CERT: trustIt,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: trustIt,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: trustIt,
  CERT_HAS_EXPIRED: renewIt,
  CERT_NOT_YET_VALID: renewIt,
  ERR_TLS_CERT_ALTNAME_INVALID: 'correct the host in SMTP_URL: it has to be a name that the certificate has',
};

/** What to do about a failure, in the tone of `check this`; `null` where it is not known. */
export function findRemedy(failure: SmtpFailure, server: SmtpServer): string | null {
  if (failure instanceof NoWayToLogIn) {
    return 'correct the port in SMTP_URL, or have the mail server offer one of them';
  }
  return (
    byCertificate[failure.originalCode ?? failure.code ?? ''] ??
    remedyOfTls(failure, server) ??
    remedyOfAnswer(failure, server)
  );
}

function remedyOfTls(
  { originalCode = '', message, command, response, responseCode }: SmtpFailure,
  { tls }: SmtpServer,
): string | null {
  if (tls === 'implicit') {
    return originalCode.startsWith('ERR_SSL_')
      ? 'correct SMTP_URL: smtps:// is for a port that begins with TLS, such as 465; smtp:// is for STARTTLS, as on port 587'
      : null;
  }
  if (response === undefined && /greeting/i.test(message)) {
    return 'correct SMTP_URL: a port that begins with TLS, such as 465, is written smtps://';
  }
  const knowsNoEhlo = command === 'EHLO' && (responseCode === 500 || responseCode === 502);
  if (tls === 'starttls' && (command === 'STARTTLS' || knowsNoEhlo)) {
    return 'correct SMTP_URL: without STARTTLS nothing is sent; another port or smtps:// may do, and ?tls=off gives TLS up';
  }
  return null;
}

function remedyOfAnswer(
  { command, response, responseCode = 0 }: SmtpFailure,
  { login }: SmtpServer,
): string | null {
  if (response === undefined) return null;
  if (command === 'EHLO' || command === 'HELO') {
    return 'correct the name that rollcall gives there: ?name=rollcall.example.com behind SMTP_URL';
  }
  if (command === 'AUTH' && responseCode >= 500) return 'check the user and the password in SMTP_URL';
  if (command !== 'MAIL FROM') return null;
  if (responseCode < 500) return 'check again in some minutes: the server asks for patience';
  return login === null && responseCode === 530
    ? 'correct SMTP_URL: the server wants a user and a password, smtp://user:password@host:587'
    : 'correct MAIL_FROM: it has to be an address that the server lets this user send as';
}
