import { describeError, RollcallError } from '../domain/errors.ts';
import { codeOf } from './explain.ts';

/** What stands in the way, and what mends it. */
interface Obstacle {
  /** SQLSTATEs, codes of the system, SQLite's result codes, and WASI's error numbers as PGlite throws them. */
  codes: readonly string[];
  sqlite: readonly number[];
  wasi: readonly number[];
  found: string;
  remedy: string;
}

const elsewhere = 'or set ROLLCALL_DATA_DIR to another folder, or DATABASE_URL';

const noRights: Obstacle = {
  codes: ['EACCES', 'EPERM', 'EROFS'],
  sqlite: [3, 8, 14, 23],
  wasi: [2, 63, 69],
  found: 'this user may not read and write there',
  remedy: `make the folder and all that is in it this user's own (chown -R), ${elsewhere}`,
};

const noRoom: Obstacle = {
  codes: ['ENOSPC', 'EDQUOT', '53100'],
  sqlite: [13],
  wasi: [19, 51],
  found: 'the disk that it is on is full',
  remedy: `make room on it, ${elsewhere}`,
};

const noFolder: Obstacle = {
  codes: ['EEXIST', 'ENOTDIR', 'ELOOP'],
  sqlite: [26],
  wasi: [54],
  found: 'something else is in its place, or in that of a folder above it or of the lock beside it',
  remedy: `move that away, ${elsewhere}`,
};

/** What makes folders meets this only at a link. */
const noTarget: Obstacle = {
  codes: ['ENOENT mkdir'],
  sqlite: [],
  wasi: [],
  found: 'it, or a folder above it, is a link to something that is not there',
  remedy: `bring that back, ${elsewhere}`,
};

/**
 * Turns what opening an embedded database met into an error that says where, what, and the remedy. Leaves our own as they
 * are. What only a person can mend is `configuration`.
 */
export function explainEmbeddedError(error: unknown, folder: string): RollcallError {
  if (error instanceof RollcallError) return error;
  const obstacle = [noRights, noRoom, noFolder, noTarget].find((one) => isMet(one, error));
  const place = `the embedded database in ${folder}`;
  if (obstacle === undefined) {
    const found = error instanceof Error ? describeError(error) : `error ${String(errnoOf(error))}`;
    return new RollcallError('database', `Cannot open ${place}: ${found}.`, { cause: error });
  }
  const said = error instanceof Error ? ` (${describeError(error)})` : '';
  return new RollcallError(
    obstacle === noRoom ? 'database' : 'configuration',
    `Cannot open ${place}: ${obstacle.found}${said}; ${obstacle.remedy}.`,
    { cause: error },
  );
}

function isMet({ codes, sqlite, wasi }: Obstacle, error: unknown): boolean {
  const errno = errnoOf(error);
  if (!(error instanceof Error)) return wasi.includes(errno);
  const resultCode = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : -1;
  const call = 'syscall' in error ? ` ${String(error.syscall)}` : '';
  const code = codeOf(error);
  return codes.includes(code) || codes.includes(code + call) || sqlite.includes(resultCode);
}

/** PGlite throws its file system's errors as they are: objects with a number, which are no `Error`. */
function errnoOf(error: unknown): number {
  const isObject = typeof error === 'object' && error !== null;
  return isObject && 'errno' in error && typeof error.errno === 'number' ? error.errno : -1;
}
