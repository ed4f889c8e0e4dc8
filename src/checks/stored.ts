import { type Config } from '../config.ts';
import { type Check, type CheckName, warn } from './check.ts';
import { judgeClock } from './clock.ts';
import { type DatabaseLook, lookAtDatabase } from './database.ts';
import { failure } from './failure.ts';
import { emptyHistory, type History, readHistory } from './history.ts';
import { checkMigrationsToCome, lookAtMigrations, type MigrationsLook } from './migrations.ts';
import { checkQueue, checkQueueToCome } from './queue.ts';

/** Everything about the database, and what it says of the nights before. */
export interface StoredLook {
  checks: Check[];
  /** `null` where it could not be read; a check tells why. */
  history: History | null;
}

/** Which database to look at, for which principals, as of `now`. */
export interface StoredQuestion {
  config: Config;
  /** Of principals. */
  names: readonly string[];
  now: Date;
}

/**
 * Looks at the database, its migrations, its queue and its history. What fails becomes a check; what is opened is
 * closed, and no database is made.
 */
export async function lookAtStored(question: StoredQuestion): Promise<StoredLook> {
  const { check, opened } = await lookAtDatabase(question.config);
  if (opened === null) return lookNoFurther(check);
  try {
    const rest = await lookInside(opened, question);
    return { ...rest, checks: [check, ...rest.checks] };
  } finally {
    await opened.database.close();
  }
}

function lookNoFurther(database: Check): StoredLook {
  if (database.state !== 'fail') {
    return { checks: [database, checkMigrationsToCome(), checkQueueToCome()], history: emptyHistory };
  }
  const names: CheckName[] = ['migrations', 'queue', 'history'];
  const others = names.map((check) => warn({ check }, 'not looked at, without the database', null));
  return { checks: [database, ...others], history: null };
}

async function lookInside(
  { database, server }: NonNullable<DatabaseLook['opened']>,
  { names, now }: StoredQuestion,
): Promise<StoredLook> {
  const migrations = await lookAtMigrations(database, server);
  const queue = await checkQueue(database, server);
  const { checks, history } = await lookAtHistory(migrations, () => readHistory(database.db, names, now));
  return { checks: [judgeClock(server, now), migrations.check, queue, ...checks], history };
}

async function lookAtHistory({ version }: MigrationsLook, read: () => Promise<History>): Promise<StoredLook> {
  if (version === 'bare') return { checks: [], history: emptyHistory };
  if (version === 'other') {
    const found = 'not looked at: its tables are not of this version';
    return { checks: [warn({ check: 'history' }, found, null)], history: null };
  }
  try {
    return { checks: [], history: await read() };
  } catch (error) {
    const remedy = 'See that the user in DATABASE_URL may read the schema rollcall.';
    return { checks: [failure({ check: 'history' }, error, remedy)], history: null };
  }
}
