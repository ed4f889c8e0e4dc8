import { access, constants } from 'node:fs/promises';
import path from 'node:path';

/** Whether files can be written to the folder, or the folder can be made where it is missing. Makes nothing. */
export async function isWritable(folder: string): Promise<boolean> {
  try {
    await access(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const parent = path.dirname(folder);
    return isMissing && parent !== folder && isWritable(parent);
  }
}

/** A folder as people know it: from where they are. */
export function nameFolder(folder: string): string {
  return path.relative('.', folder) || '.';
}
