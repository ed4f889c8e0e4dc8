import { type HistoryRows, type HistoryTable } from '../rows.ts';
import {
  type ExportedFile,
  exportFormat,
  exportedTables,
  digestsLeftOut,
  leftOut,
  type Manifest,
  type ManifestContent,
  sealManifest,
} from './manifest.ts';
import { type Piece, PrincipalsTold, type RowsForm, TableExport } from './tables.ts';

/** Takes an export as it is written, one table after the other. */
export interface ExportSink {
  begin(table: HistoryTable): Promise<void>;
  /** Lines of the table that was begun, each without the LF that ends it. Returns whether more is wanted. */
  write(lines: readonly string[]): Promise<boolean>;
  /** All tables are written; the export is one once this has ended. */
  end(manifest: Manifest): Promise<void>;
}

/** What to say in the manifest beside what is counted, and whom to tell how far it is. */
export interface ExportOptions {
  form: RowsForm;
  /** The version of rollcall. */
  version: string;
  exportedAt: Date;
  since?: Date;
  until?: Date;
  principal?: string;
  /** Told how many rows of a table are written. */
  onRows: (table: HistoryTable, rows: number) => void;
}

/**
 * Writes a history out, of which no more than some rows are held at a time. Returns the manifest; `null` where the sink
 * wants no more.
 */
export async function exportHistory(
  rows: HistoryRows,
  sink: ExportSink,
  options: ExportOptions,
): Promise<Manifest | null> {
  const principals = new PrincipalsTold();
  const files: ExportedFile[] = [];
  for (const table of exportedTables) {
    const written = new TableExport(rows, table, options.form);
    await sink.begin(table);
    const pieces = written.pieces((row) => principals.see(table, row));
    if (!(await writePieces(pieces, sink, (count) => options.onRows(table, count)))) return null;
    files.push(written.end());
  }
  const manifest = sealManifest(describe(options, principals, files));
  await sink.end(manifest);
  return manifest;
}

async function writePieces(
  pieces: AsyncGenerator<Piece>,
  sink: ExportSink,
  onRows: (rows: number) => void,
): Promise<boolean> {
  for await (const { lines, rows } of pieces) {
    if (!(await sink.write(lines))) return false;
    onRows(rows);
  }
  return true;
}

function describe(
  { form, version, exportedAt, since, until, principal }: ExportOptions,
  principals: PrincipalsTold,
  files: ExportedFile[],
): ManifestContent {
  return {
    format: exportFormat,
    form: form.form,
    rollcall: version,
    exported_at: exportedAt.toISOString(),
    part: since !== undefined || until !== undefined,
    ...(since === undefined ? {} : { since: since.toISOString() }),
    ...(until === undefined ? {} : { until: until.toISOString() }),
    principals: principals.list(),
    files,
    left_out: principal === undefined ? leftOut : [...leftOut, digestsLeftOut],
  };
}
