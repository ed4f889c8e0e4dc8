import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { RollcallError } from '../domain/errors.ts';

/** A lock that is held until it is released, or its process ends. */
export interface FolderLock {
  release(): void;
}

/**
 * Takes the one lock on an embedded database's folder, or throws `busy` and names the process that has it.
 *
 * PGlite guards nothing: two processes on one folder destroy it. Node has no file locks, SQLite does: the lock is
 * SQLite's exclusive lock on `<folder>.lock`, which the operating system drops with the process, so that no kill can
 * leave a stale one. Who holds it stands beside it in `<folder>.pid`, for the message alone. Neither follows a link that
 * somebody has put in its place.
 */
export function lockFolder(folder: string): FolderLock {
  mkdirSync(path.dirname(folder), { recursive: true, mode: 0o700 });
  const holderFile = `${folder}.pid`;
  makeLockFile(`${folder}.lock`);
  const lock = new DatabaseSync(`${folder}.lock`);
  try {
    lock.exec('pragma busy_timeout = 0; begin exclusive');
  } catch (error) {
    lock.close();
    throw isLocked(error) ? inUse(folder, holderFile) : error;
  }
  writeHolder(holderFile, lock);
  return {
    release() {
      rmSync(holderFile, { force: true });
      lock.close();
    },
  };
}

const sqliteBusy = 5;

function isLocked(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy;
}

function inUse(folder: string, holderFile: string): RollcallError {
  return new RollcallError(
    'busy',
    `The embedded database in ${folder} is in use by ${readHolder(holderFile)}. It serves one process at a time: ` +
      'wait for that one, stop it, or set DATABASE_URL to a PostgreSQL that several can share.',
  );
}

/** SQLite itself would follow a link, and make what it leads to. */
function makeLockFile(file: string): void {
  const { O_RDWR, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  closeSync(openSync(file, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600));
}

function writeHolder(file: string, lock: DatabaseSync): void {
  try {
    rmSync(file, { force: true });
    writeFileSync(file, `process ${process.pid} on ${hostname()}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    lock.close();
    throw error;
  }
}

function readHolder(file: string): string {
  const unknown = 'another process';
  if (lstatSync(file, { throwIfNoEntry: false })?.isFile() !== true) return unknown;
  try {
    return /^process \d+ on [\w.-]{1,255}$/.exec(readFileSync(file, 'utf8').trim())?.[0] ?? unknown;
  } catch {
    return unknown;
  }
}
