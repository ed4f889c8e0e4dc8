import { Command } from 'commander';
import { loadConfig } from '../config.ts';
import { systemNow } from '../context/clock.ts';
import { withDatabase } from '../context/database.ts';
import { type Database } from '../database/database.ts';
import { RollcallError } from '../domain/errors.ts';
import { visibleJson } from '../domain/visible.ts';
import { exportHistory, type ExportSink } from '../history/export/export.ts';
import { type ExportFolder, prepareFolder } from '../history/export/folder.ts';
import { exportedColumns } from '../history/export/lines.ts';
import { type ExportForm, exportForms, type Manifest } from '../history/export/manifest.ts';
import { readPartRows } from '../history/export/part.ts';
import { wrapLines, writeManifestLine } from '../history/export/stream.ts';
import { ndjson, type RowsForm } from '../history/export/tables.ts';
import { type HistoryTable } from '../history/rows.ts';
import { readVersion } from '../project.ts';
import { writeCsvRows } from '../report/forms/csv.ts';
import { type SetStatus } from '../terminal/exit-status.ts';
import { instant, oneOf, principalOption, requirePeriod } from '../terminal/options.ts';
import { findPrincipalMeant } from '../terminal/principal-meant.ts';
import { type Terminal } from '../terminal/terminal.ts';
import { wrapped } from '../terminal/wrap.ts';

interface ExportCommandOptions {
  out?: string;
  format: ExportForm;
  force?: boolean;
  since?: Date;
  until?: Date;
  principal?: string;
}

/** `rollcall export`: writes the history out, to standard output or to a folder, as of one instant. */
export function exportCommand(terminal: Terminal, _setStatus: SetStatus): Command {
  return new Command('export')
    .description(
      'Writes the history out, with a manifest by which `rollcall verify --file` checks it without a database.',
    )
    .option('--out <folder>', 'a folder for a file of each table; default: one stream to standard output')
    .addOption(
      oneOf('--format <format>', 'csv is for reading, and needs --out', exportForms).default('ndjson'),
    )
    .option(
      '--since <time>',
      'runs that ended at or after this time, and the roll before: ISO 8601, or an age such as 30d',
      instant,
    )
    .option('--until <time>', 'the history as it stood before this time', instant)
    .addOption(principalOption())
    .option('--force', 'replace the export that is in the folder')
    .addHelpText(
      'after',
      '\nExamples:\n  rollcall export --out history-2026\n  rollcall export --principal legacy | gzip > legacy.ndjson.gz',
    )
    .action(async (options: ExportCommandOptions) => {
      requireSense(options);
      const config = loadConfig();
      await withDatabase(config, async ({ db }) => {
        await findPrincipalMeant(db, config, options.principal);
        if (options.out === undefined) await writeOut(terminal, { db, options, sink: streamTo(terminal) });
        else await writeFolder(terminal, { db, options, folder: options.out });
      });
    });
}

function requireSense(options: ExportCommandOptions): void {
  requirePeriod(options);
  if (options.out !== undefined) return;
  if (options.format === 'csv')
    throw new RollcallError('usage', 'CSV is a file for each table: say with --out into which folder.');
  if (options.force === true)
    throw new RollcallError('usage', '--force is about the folder of --out, which is not given.');
}

interface Writing {
  db: Database;
  options: ExportCommandOptions;
  sink: ExportSink;
}

/** All rows are of one instant, whatever is written meanwhile. */
async function writeOut(terminal: Terminal, { db, options, sink }: Writing): Promise<Manifest | null> {
  const { since, until, principal, format } = options;
  const part = {
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(principal === undefined ? {} : { principal }),
  };
  return db.transaction(
    async (tx) => {
      const now = systemNow();
      return exportHistory(await readPartRows(tx, { ...part, now }), sink, {
        form: format === 'csv' ? csv : ndjson,
        version: readVersion(),
        exportedAt: now,
        ...part,
        onRows(table, rows) {
          terminal.signal.throwIfAborted();
          terminal.progress(`${table}: ${rows} rows`);
        },
      });
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}

/** One line of JSON for each row, and one for the manifest. */
function streamTo(terminal: Terminal): ExportSink {
  let current: HistoryTable = 'principals';
  const pour = (text: string) => terminal.pour(terminal.width === null ? text : visibleJson(text));
  return {
    begin(table) {
      current = table;
      return Promise.resolve();
    },
    write: (lines) => pour(wrapLines(current, lines)),
    async end(manifest) {
      await pour(writeManifestLine(manifest));
    },
  };
}

const csv: RowsForm = {
  form: 'csv',
  head: (table) => withoutLf(writeCsvRows([exportedColumns(table)])),
  write: (table, row) => withoutLf(writeCsvRows([exportedColumns(table).map((name) => toCell(row[name]))])),
};

function withoutLf(line: string): string {
  return line.slice(0, -1);
}

function toCell(value: unknown): string | number | boolean | readonly string[] | null {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
  return value === null || value === undefined ? null : JSON.stringify(value);
}

async function writeFolder(
  terminal: Terminal,
  { db, options, folder }: Omit<Writing, 'sink'> & { folder: string },
): Promise<void> {
  const sink: ExportFolder = await prepareFolder({
    folder,
    form: options.format,
    replace: options.force === true,
  });
  try {
    const manifest = await writeOut(terminal, { db, options, sink });
    if (manifest !== null) for (const line of describe(folder, manifest)) wrapped(terminal).print(line);
  } finally {
    await sink.abandon();
  }
}

function describe(folder: string, { files, principals, form, sha256 }: Manifest): string[] {
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  const of = principals.length === 1 ? '1 principal' : `${principals.length} principals`;
  return [
    `${folder}: ${rows} rows of ${of}, manifest ${sha256}.`,
    form === 'csv'
      ? 'CSV is for reading: `rollcall verify --file` checks its files, and not the history in them.'
      : '`rollcall verify --file` checks it, without a database.',
  ];
}
