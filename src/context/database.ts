import { type Config } from '../config.ts';
import {
  type Database,
  hasEmbedded,
  nameEmbedded,
  openEmbedded,
  openPostgres,
  type OpenDatabase,
} from '../database/database.ts';
import { findMoved } from '../database/moved.ts';
import { findPendingMigrations, readMigrations } from '../database/migrate.ts';
import { type Watch } from '../database/transaction.ts';
import { RollcallError } from '../domain/errors.ts';

/** What a command needs that reads the history: a database of this version, and nothing beside it. */
export interface OpenHistory {
  db: Database;
  /** For people: where the data lies. */
  databaseDescription: string;
}

/** Opens the database that the configuration names, whatever is in it; makes an embedded one where there is none. */
export async function openDatabase(config: Config, watch?: Watch): Promise<OpenDatabase> {
  if (config.databaseUrl !== null) return openPostgres(config.databaseUrl, watch);
  requireNotMoved(config.embeddedFolder);
  return openEmbedded(config.embeddedFolder);
}

/** Throws `configuration` where the history goes on elsewhere: from here it would go two ways. */
function requireNotMoved(folder: string): void {
  const moved = findMoved(folder);
  if (moved === null) return;
  throw new RollcallError(
    'configuration',
    `The history in the ${nameEmbedded(folder)} goes on elsewhere. ${moved.note} Set DATABASE_URL; or delete ${moved.file} to go on here.`,
  );
}

/** Does `work` with the history that is there, and closes it whatever happens. Throws as {@link openCurrent} does. */
export async function withDatabase<T>(
  config: Config,
  work: (history: OpenHistory) => Promise<T>,
): Promise<T> {
  await using parts = new AsyncDisposableStack();
  const { db, description } = parts.adopt(await openCurrent(config), (part) => part.close());
  return await work({ db, databaseDescription: description });
}

/**
 * Opens a database of this version, and leaves it as it is. Throws `configuration` when there is none, or it is empty,
 * older or newer.
 */
export async function openCurrent(config: Config, watch?: Watch): Promise<OpenDatabase> {
  if (config.databaseUrl === null && !hasEmbedded(config.embeddedFolder)) {
    throw noHistory(
      nameEmbedded(config.embeddedFolder),
      '; or correct ROLLCALL_DATA_DIR, or set DATABASE_URL',
    );
  }
  const database = await openDatabase(config, watch);
  try {
    await requireCurrent({ db: database.db, databaseDescription: database.description });
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Throws `configuration` where the database is not of this version, as when another has brought it to a newer one. */
export async function requireCurrent({ db, databaseDescription }: OpenHistory): Promise<void> {
  const pending = await findPendingMigrations(db);
  if (pending.length === 0) return;
  if (pending.length === readMigrations().length) throw noHistory(databaseDescription);
  throw new RollcallError(
    'configuration',
    `The ${databaseDescription} is older than this version of rollcall: ${pending.join(', ')} to be applied. ` +
      '`rollcall migrate` brings it to this version; nothing was done.',
  );
}

function noHistory(place: string, otherwise = ''): RollcallError {
  return new RollcallError(
    'configuration',
    `There is no history yet in the ${place}. \`rollcall migrate\` makes one, as does the first \`rollcall run\`${otherwise}.`,
  );
}
