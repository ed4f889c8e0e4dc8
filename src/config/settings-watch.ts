import { createHash } from 'node:crypto';
import { isThere, readSettingsFile } from './settings-file.ts';

/** A file that is read at the start alone. */
export interface SettingsFile {
  /** What people call it. */
  name: string;
  file: string;
}

/** Sees what has changed in files since the start. */
export interface SettingsWatch {
  /** Names of those that hold something else than at the start, each once for each change. */
  findChanged(): string[];
}

/** Looks at the files as they are now, whether they are there or not, to tell later what has changed. */
export function watchSettings(files: readonly SettingsFile[]): SettingsWatch {
  const watched = files.map(({ name, file }) => {
    const atStart = stampOf(file);
    return { name, file, atStart, told: atStart };
  });
  return {
    findChanged() {
      const changed = watched.filter((one) => {
        const now = stampOf(one.file);
        const isNews = now !== one.told && now !== one.atStart;
        one.told = now;
        return isNews;
      });
      return changed.map(({ name }) => name);
    },
  };
}

function stampOf(file: string): string {
  if (!isThere(file)) return 'missing';
  try {
    return createHash('sha256').update(readSettingsFile(file)).digest('hex');
  } catch {
    return 'unreadable';
  }
}
