import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { type Database } from '../../../src/database/database.ts';
import { exportHistory, type ExportSink } from '../../../src/history/export/export.ts';
import { prepareFolder } from '../../../src/history/export/folder.ts';
import { type Manifest } from '../../../src/history/export/manifest.ts';
import { type PartOptions, readPartRows } from '../../../src/history/export/part.ts';
import { wrapLines, writeManifestLine } from '../../../src/history/export/stream.ts';
import { ndjson } from '../../../src/history/export/tables.ts';
import { night } from '../../support/nights.ts';

export const exportedAt = night(20);

/** A folder for one test, gone with it. */
export function aFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'rollcall-export-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Exports a history, or a part of it, into a sink. */
export function exportInto(
  db: Database,
  sink: ExportSink,
  part: Omit<PartOptions, 'now'> = {},
): Promise<Manifest | null> {
  return db.transaction(
    async (tx) =>
      exportHistory(await readPartRows(tx, { ...part, now: exportedAt }), sink, {
        ...part,
        form: ndjson,
        version: '9.9.9',
        exportedAt,
        onRows: () => undefined,
      }),
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}

/** Exports into a new folder, which it returns. */
export async function exportToFolder(db: Database, part: Omit<PartOptions, 'now'> = {}): Promise<string> {
  const folder = path.join(aFolder(), 'export');
  await exportInto(db, await prepareFolder({ folder, form: 'ndjson', replace: false }), part);
  return folder;
}

/** Exports as one stream, which it returns. */
export async function exportToText(db: Database, part: Omit<PartOptions, 'now'> = {}): Promise<string> {
  let text = '';
  let wrap = (lines: readonly string[]) => lines.join('\n');
  await exportInto(
    db,
    {
      begin(table) {
        wrap = (lines) => wrapLines(table, lines);
        return Promise.resolve();
      },
      write(lines) {
        text += wrap(lines);
        return Promise.resolve(true);
      },
      end(manifest) {
        text += writeManifestLine(manifest);
        return Promise.resolve();
      },
    },
    part,
  );
  return text;
}
