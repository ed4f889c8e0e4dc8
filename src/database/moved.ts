import { lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** Beside an embedded database: says that its history goes on elsewhere. */
const noteOf = (folder: string) => `${folder}.moved`;

/** Notes beside an embedded database's folder when and where its history was moved. */
export function markMoved(folder: string, note: string): void {
  rmSync(noteOf(folder), { force: true });
  writeFileSync(noteOf(folder), `${note}\n`, { flag: 'wx', mode: 0o600 });
}

/**
 * The file that says that the history in `folder` goes on elsewhere, and its first words; `null` where none does. What keeps
 * one from looking keeps one from opening the database too, which says so.
 */
export function findMoved(folder: string): { file: string; note: string } | null {
  const file = noteOf(folder);
  try {
    return lstatSync(file).isFile() ? { file, note: readFileSync(file, 'utf8').slice(0, 500).trim() } : null;
  } catch {
    return null;
  }
}
