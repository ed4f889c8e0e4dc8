import { rm, writeFile } from 'node:fs/promises';

/**
 * Writes a file for this user alone, in place of one that is there. A link that somebody has put in its place is removed,
 * and never followed.
 */
export async function writeNewFile(file: string, content: string | Buffer): Promise<void> {
  await rm(file, { force: true });
  await writeFile(file, content, { flag: 'wx', mode: 0o600, flush: true });
}
