import { type Config } from '../config.ts';
import { openDatabase } from '../context/database.ts';
import { hasEmbedded, type OpenDatabase } from '../database/database.ts';
import { useUtf8 } from '../database/migrate.ts';
import { type Check, fail, ok } from './check.ts';
import { failure } from './failure.ts';
import { isWritable, nameFolder } from './folder.ts';
import { readServer, type Server } from './server.ts';
import { finishWithin } from './time-limit.ts';

const subject = { check: 'database' } as const;

const openTimeoutMs = 30_000;

const unreachable = 'See that the server runs and can be reached from here, or correct DATABASE_URL.';

const unusable =
  'See that this user may read and write that folder, or bring back a copy of it; or set ROLLCALL_DATA_DIR to another, or DATABASE_URL.';

/** Whether the database can be used, and the open database for the checks that look inside. */
export interface DatabaseLook {
  check: Check;
  /** `null` where there is none yet, or it cannot be opened. Whoever gets it closes it. */
  opened: { database: OpenDatabase; server: Server } | null;
}

/** Opens the database that is there. Makes none: that is for the first command that needs it. */
export async function lookAtDatabase(config: Config): Promise<DatabaseLook> {
  if (config.databaseUrl === null && !hasEmbedded(config.embeddedFolder)) {
    return { check: await checkPlace(config.embeddedFolder), opened: null };
  }
  try {
    const database = await openInTime(config);
    return await judgeOpened(database);
  } catch (error) {
    const remedy = config.databaseUrl === null ? unusable : unreachable;
    return { check: failure(subject, error, remedy), opened: null };
  }
}

async function openInTime(config: Config): Promise<OpenDatabase> {
  const opening = openDatabase(config);
  try {
    return await finishWithin(openTimeoutMs, opening);
  } catch (error) {
    // Should it open after all, nobody waits for it any more.
    void opening.then((late) => late.close()).catch(() => undefined);
    throw error;
  }
}

async function judgeOpened(database: OpenDatabase): Promise<DatabaseLook> {
  try {
    const server = await readServer(database.db);
    return { check: judgeServer(database.description, server), opened: { database, server } };
  } catch (error) {
    await database.close();
    throw error;
  }
}

function judgeServer(description: string, server: Server): Check {
  const what = `${description}, version ${server.version}`;
  if (server.versionNumber < 150_000) return fail(subject, what, 'Move to PostgreSQL 15 or newer.');
  if (server.isReadOnly) {
    return fail(subject, `${what}, takes no changes`, 'Name the primary server in DATABASE_URL.');
  }
  if (server.encoding !== 'UTF8') {
    const found = `${what}; its encoding is ${server.encoding}, which cannot hold the name of every organization`;
    return fail(subject, found, `${useUtf8}.`);
  }
  if (!server.mayWrite) {
    const found = `${what}; the user may only read the tables of the schema rollcall`;
    return fail(subject, found, 'Name in DATABASE_URL who owns them, or a user whom the owner lets write.');
  }
  if (server.ownsTables) return ok(subject, what);
  return ok(subject, `${what}; the user may write, and migrations are for the owner of the tables`);
}

/** Where the embedded database is to be. */
async function checkPlace(folder: string): Promise<Check> {
  const place = nameFolder(folder);
  return (await isWritable(folder))
    ? ok(subject, `none yet in ${place}; the first \`rollcall run\` makes it, or \`rollcall migrate\``)
    : fail(
        subject,
        `none yet in ${place}, where this user may not make it`,
        'Make the folder writable, or set ROLLCALL_DATA_DIR to another, or DATABASE_URL.',
      );
}
