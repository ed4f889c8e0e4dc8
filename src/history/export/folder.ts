import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { describeError, RollcallError } from '../../domain/errors.ts';
import { type HistoryTable } from '../rows.ts';
import { type ExportSink } from './export.ts';
import {
  exportedTables,
  type ExportForm,
  exportForms,
  fileNameOf,
  manifestFile,
  writeManifest,
} from './manifest.ts';

/** What a file is called while it is written. */
const beingWritten = '.new';

/** A folder that an export is written to: each file beside its place, and all of them put there once the last is whole. */
export interface ExportFolder extends ExportSink {
  /** Removes what is not finished, if anything. */
  abandon(): Promise<void>;
}

/** Where to write, as what, and whether in place of what is there. */
export interface FolderOptions {
  folder: string;
  form: ExportForm;
  /** Replace an export that is there. Default: what has anything in it is refused. */
  replace: boolean;
}

/**
 * Makes the folder, for this user alone, or takes one that is there. Throws `usage` where that has something in it, unless that is to be
 * replaced: then only files that an export has are touched.
 */
export async function prepareFolder({ folder, form, replace }: FolderOptions): Promise<ExportFolder> {
  const found = await stat(folder).catch(() => null);
  if (found !== null && !found.isDirectory())
    throw new RollcallError('usage', `${folder} is no folder: nothing was written.`);
  const there = found === null ? [] : await readdir(folder);
  if (there.length > 0 && !replace) throw refuse(folder, there);
  const isOurs = (name: string) => everyName.includes(name);
  if (there.length > 0 && !there.some(isOurs))
    throw new RollcallError('usage', `${folder} has other files in it and no export: nothing was written.`);
  await attempt(folder, () => mkdir(folder, { recursive: true, mode: 0o700 }));
  return new WrittenFolder(folder, form);
}

function refuse(folder: string, there: readonly string[]): RollcallError {
  const what = there.includes(manifestFile)
    ? 'has an export in it already; --force replaces it'
    : 'is not empty: give one that is, or that is not there yet; --force replaces an export that was not finished';
  return new RollcallError('usage', `${folder} ${what}. Nothing was written.`);
}

const finished = [
  manifestFile,
  ...exportForms.flatMap((form) => exportedTables.map((table) => fileNameOf(table, form))),
];
const everyName = finished.flatMap((name) => [name, `${name}${beingWritten}`]);

class WrittenFolder implements ExportFolder {
  readonly #folder: string;
  readonly #form: ExportForm;
  #file: FileHandle | null = null;

  constructor(folder: string, form: ExportForm) {
    this.#folder = folder;
    this.#form = form;
  }

  async begin(table: HistoryTable): Promise<void> {
    await this.#attempt(async () => {
      await this.#finish();
      await this.#open(fileNameOf(table, this.#form));
    });
  }

  async write(lines: readonly string[]): Promise<boolean> {
    await this.#attempt(async () => this.#file?.writeFile(`${lines.join('\n')}\n`));
    return true;
  }

  /** The manifest is there last, so that an export that was cut off has none. */
  async end(manifest: Parameters<ExportSink['end']>[0]): Promise<void> {
    await this.#attempt(async () => {
      await this.#finish();
      await this.#open(manifestFile);
      await this.#file?.writeFile(writeManifest(manifest));
      await this.#finish();
      for (const name of finished) await rm(this.#place(name), { force: true });
      for (const table of exportedTables) await this.#putInPlace(fileNameOf(table, this.#form));
      await this.#putInPlace(manifestFile);
    });
  }

  async abandon(): Promise<void> {
    await this.#file?.close().catch(() => undefined);
    this.#file = null;
    for (const name of finished)
      await rm(this.#place(`${name}${beingWritten}`), { force: true }).catch(() => undefined);
  }

  /** A link that somebody has put in its place is removed, and never followed. */
  async #open(name: string): Promise<void> {
    const place = this.#place(`${name}${beingWritten}`);
    await rm(place, { force: true });
    this.#file = await open(place, 'wx', 0o600);
  }

  async #finish(): Promise<void> {
    const file = this.#file;
    if (file === null) return;
    await file.sync();
    await file.close();
    this.#file = null;
  }

  #putInPlace(name: string): Promise<void> {
    return rename(this.#place(`${name}${beingWritten}`), this.#place(name));
  }

  #place(name: string): string {
    return path.join(this.#folder, name);
  }

  #attempt(work: () => Promise<void>): Promise<void> {
    return attempt(this.#folder, work);
  }
}

async function attempt(folder: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    throw new Error(`The export could not be written to ${folder}: ${describeError(cause)}. There is none.`, {
      cause,
    });
  }
}
