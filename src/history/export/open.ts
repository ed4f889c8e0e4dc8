import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { RollcallError } from '../../domain/errors.ts';
import { type HistoryTable } from '../rows.ts';
import { Unreadable } from './lines.ts';
import {
  exportedTables,
  fileNameOf,
  type Manifest,
  manifestFile,
  readManifest,
  writeManifest,
} from './manifest.ts';
import { readLines, type Stretch } from './read-lines.ts';
import { isManifestLine, tableOfLine, unwrapLine, unwrapManifest, writeManifestLine } from './stream.ts';

/** An export that lies somewhere: what it says is in it, and where that is. */
export interface OpenExport {
  manifest: Manifest;
  /** Whether the manifest is as it was written. */
  isManifestWhole: boolean;
  /** Where each table is, and how many bytes it has there; absent where there is no such file. */
  stretches: ReadonlyMap<HistoryTable, Stretch>;
  /** The line of a row in a line of a stretch. Throws {@link Unreadable}. */
  unwrap: (table: HistoryTable, line: string) => string;
}

/**
 * Opens an export: the folder of one, or the file of one that was written as one stream. Throws `usage` where there is none,
 * or one of a newer rollcall.
 */
export async function openExport(place: string): Promise<OpenExport> {
  const found = await stat(place).catch(() => null);
  if (found === null) throw noExport(place, 'it is not there, or not to be read');
  if (found.isDirectory()) return openFolder(place);
  if (found.isFile()) return openStream(place, found.size);
  throw noExport(place, 'it is neither a folder nor a file; save what a command prints in a file first');
}

/** More than any manifest has: a few hundred bytes for each principal. */
const largestManifest = 64 * 1024 * 1024;

async function openFolder(folder: string): Promise<OpenExport> {
  const file = path.join(folder, manifestFile);
  const found = await stat(file).catch(() => null);
  if (found?.isFile() !== true)
    throw noExport(
      folder,
      `it has no ${manifestFile}, which is written last: it never was one, or was not finished`,
    );
  if (found.size > largestManifest) throw noExport(folder, `its ${manifestFile} is none of an export`);
  const text = await readFile(file, 'utf8');
  const read = understand(folder, { json: text, text, write: writeManifest });
  const stretches = new Map<HistoryTable, Stretch>();
  for (const table of exportedTables) {
    const tableFile = path.join(folder, fileNameOf(table, read.manifest.form));
    const there = await stat(tableFile).catch(() => null);
    if (there?.isFile() === true) stretches.set(table, { file: tableFile, start: 0, end: there.size });
  }
  return { ...read, stretches, unwrap: (_, line) => line };
}

async function openStream(file: string, size: number): Promise<OpenExport> {
  try {
    const { stretches, last } = await findStretches({ file, start: 0, end: size });
    const read = understand(file, {
      json: unwrapManifest(`${last}\n`),
      text: `${last}\n`,
      write: writeManifestLine,
    });
    return { ...read, stretches, unwrap: unwrapLine };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    throw noExport(file, error.message);
  }
}

/** Where the rows of each table are, one table after the other, and the line that comes after them. */
async function findStretches(
  whole: Stretch,
): Promise<{ stretches: Map<HistoryTable, Stretch>; last: string }> {
  const stretches = new Map<HistoryTable, Stretch>();
  let current: HistoryTable | null = null;
  let last: string | null = null;
  let at = 0;
  let number = 0;
  for await (const lines of readLines(whole)) {
    for (const line of lines) {
      number += 1;
      if (last !== null) throw new Unreadable(`line ${number} comes after the manifest`);
      const table = tableOfLine(line);
      const end = at + Buffer.byteLength(line) + 1;
      if (table === null) last = requireManifest(line, number);
      else if (table !== current && stretches.has(table))
        throw new Unreadable(`line ${number} is of ${table}, which has ended before`);
      else stretches.set(table, { ...whole, start: stretches.get(table)?.start ?? at, end });
      current = table;
      at = end;
    }
  }
  for (const table of exportedTables) if (!stretches.has(table)) stretches.set(table, { ...whole, end: 0 });
  if (last === null)
    throw new Unreadable('it does not end with a manifest: it was cut off, or never was one');
  return { stretches, last };
}

function requireManifest(line: string, number: number): string {
  if (isManifestLine(line)) return line;
  throw new Unreadable(`line ${number} is neither a row nor a manifest`);
}

function understand(
  place: string,
  { json, text, write }: { json: string; text: string; write: (manifest: Manifest) => string },
): Pick<OpenExport, 'manifest' | 'isManifestWhole'> {
  const { fault, manifest } = readManifest(json);
  if (fault === 'newer')
    throw new RollcallError(
      'usage',
      `The export ${place} was made by a newer rollcall, which can verify it.`,
    );
  if (manifest === null) throw noExport(place, 'its manifest is none of an export');
  return { manifest, isManifestWhole: fault === null && write(manifest) === text };
}

function noExport(place: string, why: string): RollcallError {
  return new RollcallError('usage', `There is no export at ${place}: ${why}.`);
}
