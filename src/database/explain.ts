import { RollcallError, describeError } from '../domain/errors.ts';

/** SQLSTATEs and socket errors at connecting that no retry mends: the settings are wrong, not the weather. */
const misconfigured: Readonly<Record<string, string>> = {
  '3D000': 'create the database, or correct its name in DATABASE_URL',
  '28P01': 'correct the user or password in DATABASE_URL',
  '28000': 'correct the user in DATABASE_URL, or let it in (pg_hba.conf)',
  ENOTFOUND: 'correct the host in DATABASE_URL',
};

/** Turns a driver's error at opening into one that says where, what and the likely remedy. Leaves our own as they are. */
export function explainDatabaseError(error: unknown, description: string): RollcallError {
  if (error instanceof RollcallError) return error;
  const remedy = misconfigured[codeOf(error)];
  if (remedy !== undefined) {
    return new RollcallError(
      'configuration',
      `Cannot open the ${description}: ${describeError(error)}; ${remedy}.`,
      {
        cause: error,
      },
    );
  }
  return new RollcallError('database', `Cannot open the ${description}: ${describeError(error)}.`, {
    cause: error,
  });
}

/** The SQLSTATE or socket code of a driver's error, looked for through Drizzle's wrapping; empty when there is none. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return codeOf(error.cause);
}

/** SQLSTATEs and drivers' codes of a connection that broke or could not be had, and of work that lost against other work. */
const passing =
  /^(?:08...|57P0.|57014|53300|40001|40P01|55P03|CONNECTION_.*|CONNECT_TIMEOUT|ECONN.*|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN)$/;

/** Whether the same call may well succeed a little later: the database restarts, or the network to it is away. */
export function isPassingDatabaseError(error: unknown): boolean {
  return passing.test(codeOf(error));
}
