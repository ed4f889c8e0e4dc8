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
