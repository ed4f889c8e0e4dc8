import { type SQL } from 'drizzle-orm';
import { type Database } from '../../src/database/database.ts';
import { codeOf } from '../../src/database/explain.ts';

export const foreignKeyViolation = '23503';
export const uniqueViolation = '23505';
export const checkViolation = '23514';
export const exclusionViolation = '23P01';

export interface Refusal {
  /** The SQLSTATE. */
  code: string;
  constraint: unknown;
}

/** How Postgres refuses the statement. Throws when it does not. */
export async function refusalOf(db: Database, statement: SQL): Promise<Refusal> {
  try {
    await db.execute(statement);
  } catch (error) {
    return { code: codeOf(error), constraint: constraintOf(error) };
  }
  throw new Error('Expected Postgres to refuse it.');
}

function constraintOf(error: unknown): unknown {
  if (!(error instanceof Error)) return undefined;
  if ('constraint' in error) return error.constraint;
  return constraintOf(error.cause);
}
