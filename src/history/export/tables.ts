import { createHash } from 'node:crypto';
import { type JsonRow } from '../../domain/seal.ts';
import { type HistoryRows, type HistoryTable } from '../rows.ts';
import { writeLine } from './lines.ts';
import { type ExportedFile, type ExportedPrincipal, type ExportForm, fileNameOf } from './manifest.ts';

/** How rows are written, many at once: whole lines, with their ends. */
export interface RowsForm {
  form: ExportForm;
  /** What stands before the first row. */
  head: (table: HistoryTable) => string;
  write: (table: HistoryTable, rows: readonly JsonRow[]) => string;
}

/** A line of canonical JSON for each row. */
export const ndjson: RowsForm = {
  form: 'ndjson',
  head: () => '',
  write: (table, rows) => rows.map((row) => `${writeLine(table, row)}\n`).join(''),
};

/** A piece of a table, and how many rows are written up to it. */
export interface Piece {
  bytes: Buffer;
  rows: number;
}

/** So many rows are written at once; of reports, which may carry files, one. */
const rowsAtOnce = 50;

/** A table of the history as it is written out: read its pieces, and then what they came to. */
export class TableExport {
  readonly #rows: HistoryRows;
  readonly #table: HistoryTable;
  readonly #form: RowsForm;
  readonly #hash = createHash('sha256');
  #bytes = 0;
  #count = 0;

  constructor(rows: HistoryRows, table: HistoryTable, form: RowsForm) {
    this.#rows = rows;
    this.#table = table;
    this.#form = form;
  }

  /** What is written, in its order; tells `onRow` of each row that is in it. */
  async *pieces(onRow: (row: JsonRow) => void): AsyncGenerator<Piece> {
    const head = this.#form.head(this.#table);
    if (head !== '') yield this.#take(head, 0);
    const atOnce = this.#table === 'reports' ? 1 : rowsAtOnce;
    let batch: JsonRow[] = [];
    for await (const row of this.#rows.read(this.#table)) {
      onRow(row);
      batch.push(row);
      if (batch.length < atOnce) continue;
      yield this.#take(this.#form.write(this.#table, batch), batch.length);
      batch = [];
    }
    if (batch.length > 0) yield this.#take(this.#form.write(this.#table, batch), batch.length);
  }

  #take(text: string, rows: number): Piece {
    const bytes = Buffer.from(text, 'utf8');
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
    this.#count += rows;
    return { bytes, rows: this.#count };
  }

  /** What all of it came to, once the pieces are read. */
  end(): ExportedFile {
    return {
      table: this.#table,
      file: fileNameOf(this.#table, this.#form.form),
      rows: this.#count,
      bytes: this.#bytes,
      sha256: this.#hash.digest('hex'),
    };
  }
}

/** What a manifest says of the principals, gathered from the rows as they go by. */
export class PrincipalsTold {
  readonly #told = new Map<unknown, ExportedPrincipal>();

  /** Looks at a row: principals come first, then checkpoints, then runs. */
  see(table: HistoryTable, row: JsonRow): void {
    if (table === 'principals') {
      const principal = { principal_id: row['id'] as number, principal: row['name'] as string };
      this.#told.set(row['id'], principal);
    }
    const told = this.#told.get(row['principal_id']);
    if (told === undefined) return;
    if (table === 'checkpoints') told.begins_at = row['run_id'] as number;
    if (table === 'runs' && row['state'] === 'complete')
      told.head = { run_id: row['id'] as number, chain: row['chain'] as string };
  }

  list(): ExportedPrincipal[] {
    return [...this.#told.values()];
  }
}
