import { type OpenDatabase } from '../database/database.ts';
import { findPendingMigrations, readMigrations } from '../database/migrate.ts';
import { type Check, countOf, fail, ok } from './check.ts';
import { failure } from './failure.ts';
import { lookOnly } from './read-only.ts';
import { type Server } from './server.ts';

const subject = { check: 'migrations' } as const;

/** How the migrations stand, and with them whether the history can be read: only where they are `current`. */
export interface MigrationsLook {
  check: Check;
  /** `bare` without any of rollcall's tables; `other` with those of another version. */
  version: 'current' | 'bare' | 'other';
}

/** How far the database is from this version. Applies nothing. */
export async function lookAtMigrations({ db }: OpenDatabase, server: Server): Promise<MigrationsLook> {
  try {
    const pending = await lookOnly(db, (tx) => findPendingMigrations(tx));
    if (pending.length === 0) return { check: ok(subject, 'at this version'), version: 'current' };
    const isBare = pending.length === readMigrations().length;
    return { check: judgePending(pending, server, isBare), version: isBare ? 'bare' : 'other' };
  } catch (error) {
    const remedy = 'See that the user in DATABASE_URL may read the schema rollcall.';
    return { check: failure(subject, error, remedy), version: 'other' };
  }
}

function judgePending(pending: readonly string[], server: Server, isBare: boolean): Check {
  const owed = `${countOf(pending.length, 'migration')} to be applied`;
  if (isBare ? !server.mayMakeTables : !server.ownsTables) {
    const found = `${owed}, which this user may not do`;
    return fail(subject, found, isBare ? letMake : letOwn);
  }
  return ok(subject, `${owed}: the next \`rollcall run\` or the worker does so, or \`rollcall migrate\``);
}

const letMake =
  'Let the user in DATABASE_URL make schemas in the database, or have the schema rollcall made for it.';
const letOwn = 'Let `rollcall migrate` be run by the user who owns what is in the schema rollcall.';

/** What there is to say where no database is made yet. */
export function checkMigrationsToCome(): Check {
  return ok(subject, `${countOf(readMigrations().length, 'migration')} to be applied when it is made`);
}
