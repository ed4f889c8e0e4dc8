import { chmod, lstat, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';

/** What others, and the group, may do. */
const ofOthers = 0o077;

/** Makes the folder, and those above it that are missing, for this user alone; narrows one that is there. */
export async function makePrivateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await narrow(folder);
}

/**
 * Takes everything in the folder from all but its owner. PGlite makes files that everybody may write, whatever the
 * process's umask.
 */
export async function narrowWithin(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const own = entries.filter((entry) => entry.isFile() || entry.isDirectory());
  await Promise.all(
    own.map(({ parentPath, name }) => narrow(path.join(parentPath, name)).catch(ignoreMissing)),
  );
}

async function narrow(place: string): Promise<void> {
  const { mode } = await lstat(place);
  if ((mode & ofOthers) !== 0) await chmod(place, mode & 0o777 & ~ofOthers);
}

/** A database that is open makes and drops files meanwhile. */
function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}
