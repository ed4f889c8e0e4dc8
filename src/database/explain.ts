import { RollcallError, describeError } from '../domain/errors.ts';
import { declinesTls } from './postgres-tls.ts';
import { type PostgresServer } from './postgres-url.ts';

const unknownCa =
  'correct DATABASE_URL: sslrootcert=/path/ca.pem names the CA of that certificate, sslmode=require encrypts without verifying it';
const outOfDate = 'check the clock of this machine, or renew the certificate';

/** SQLSTATEs, socket and TLS errors at connecting that no retry mends: the settings are wrong, not the weather. */
const misconfigured: Readonly<Record<string, string>> = {
  '3D000': 'create the database, or correct its name in DATABASE_URL',
  '28P01': 'correct the user or password in DATABASE_URL',
  '28000': 'correct the user or sslmode in DATABASE_URL, or let it in (pg_hba.conf)',
  '42501': 'let the user do that, or take back the setting that asks for it (alter role … reset …)',
  ENOTFOUND: 'correct the host in DATABASE_URL',
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownCa,
  SELF_SIGNED_CERT_IN_CHAIN: unknownCa,
  UNABLE_TO_GET_ISSUER_CERT: unknownCa,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownCa,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownCa,
  CERT_HAS_EXPIRED: outOfDate,
  CERT_NOT_YET_VALID: outOfDate,
  ERR_TLS_CERT_ALTNAME_INVALID:
    'correct the host in DATABASE_URL to one that the certificate names, or name its CA with sslrootcert and write sslmode=verify-ca, which lets any name pass',
};

/** What is left of a connection to a server that has no TLS, and of one that broke by itself. */
const brokenOff = /^(?:CONNECTION_BROKE|ECONNRESET|EPIPE|EPROTO|ERR_SSL_.*)$/;

/** {@link explainDatabaseError} of a server, which is asked whether it has TLS at all where that may be the reason. */
export async function explainConnectError(error: unknown, server: PostgresServer): Promise<RollcallError> {
  const { tls, description } = server;
  if (tls !== 'off' && brokenOff.test(codeOf(error)) && (await declinesTls(server))) {
    return new RollcallError(
      'configuration',
      `Cannot open the ${description}: it offers no TLS. Turn it on there (ssl = on), or add ?sslmode=disable to DATABASE_URL if the network between is yours.`,
      { cause: error },
    );
  }
  return explainDatabaseError(error, description);
}

/** SQLSTATE: the user has no right to something. */
export const notAllowed = '42501';

/** Says what to do where the user of an open database lacks a right that all of the work needs; leaves other errors as they are. */
export function explainMissingRight(error: unknown, description: string): unknown {
  if (error instanceof RollcallError || codeOf(error) !== notAllowed) return error;
  return new RollcallError(
    'configuration',
    `The user of the ${description} may not do all of this: ${describeError(error)}. ` +
      '`rollcall check` says what is missing; nothing was done.',
    { cause: error },
  );
}

/** SQLSTATE: what is to be dropped is used by something else, which the detail names. */
const hasDependents = '2BP01';

/** Says what of somebody's own is in the way of a migration, and what to do; leaves other errors as they are. */
export function explainDependents(error: unknown): unknown {
  if (error instanceof RollcallError || codeOf(error) !== hasDependents) return error;
  const detail = detailOf(error).replaceAll(/\s*\n\s*/g, '; ');
  return new RollcallError(
    'configuration',
    `Something of your own is in the way of this version: ${detail === '' ? '' : `${detail} `}(${describeError(error)}). ` +
      'Keep its definition (pg_get_viewdef has that of a view), drop it, let `rollcall migrate` run, and make it again; nothing was done.',
    { cause: error },
  );
}

/** What the server says besides of a driver's error; empty when that is nothing. */
function detailOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('detail' in error && typeof error.detail === 'string') return error.detail;
  return 'cause' in error ? detailOf(error.cause) : '';
}

/** Turns a driver's error at opening into one that says where, what and the likely remedy. Leaves our own as they are. */
export function explainDatabaseError(error: unknown, description: string): RollcallError {
  if (error instanceof RollcallError) return error;
  const remedy = misconfigured[codeOf(error)];
  // Node.js advises to trust the CAs of the system, which we do.
  const found = describeError(error).replace(/; if the root CA is installed locally, .*/, '');
  return remedy === undefined
    ? new RollcallError('database', `Cannot open the ${description}: ${found}.`, { cause: error })
    : new RollcallError('configuration', `Cannot open the ${description}: ${found}; ${remedy}.`, {
        cause: error,
      });
}

/** Says which disk is full and what to do, where that is what the database met; leaves any other error as it is. */
export function explainFullDisk(error: unknown, description: string): unknown {
  if (codeOf(error) !== '53100') return error;
  return new RollcallError(
    'database',
    `The disk of the ${description} is full (${describeError(error)}); make room on it. Nothing is lost that was stored before.`,
    { cause: error },
  );
}

/** The SQLSTATE or socket code of a driver's error, looked for through Drizzle's wrapping; empty when there is none. */
export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'cause' in error ? codeOf(error.cause) : '';
}

const connectionBroke = 'CONNECTION_BROKE';

/** What the driver says of a connection in words alone, with a code that {@link codeOf} finds. */
export function brokenConnection(cause: unknown): Error {
  const error = new Error('the connection to PostgreSQL broke, or none could be had', { cause });
  return Object.assign(error, { code: connectionBroke });
}

/** SQLSTATEs and socket codes of a connection that broke or could not be had. */
const away =
  /^(?:08...|57P0.|53300|CONNECTION_BROKE|ECONN.*|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|ENOTFOUND)$/;

/** SQLSTATEs of work that lost against other work, or took too long. */
const overtaken = /^(?:57014|40001|40P01|55P03)$/;

/** SQLSTATEs of something that is not there or not allowed, and of a server that takes no changes. */
const unfit = /^(?:42...|3F...|25006)$/;

/** Whether the database is none to work with: asked again, it answers the same until somebody mends it. */
export function isUnfitDatabaseError(error: unknown): boolean {
  return unfit.test(codeOf(error));
}

/** Whether the same call may well succeed a little later: the database restarts, or the network to it is away. */
export function isPassingDatabaseError(error: unknown): boolean {
  return isAwayDatabaseError(error) || overtaken.test(codeOf(error));
}

/** Whether there is no database to talk to at the moment. */
export function isAwayDatabaseError(error: unknown): boolean {
  return away.test(codeOf(error));
}
