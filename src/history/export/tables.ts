import { startDigest } from '../../domain/digest.ts';
import { type JsonRow } from '../../domain/seal.ts';
import { type HistoryRows, type HistoryTable } from '../rows.ts';
import { writeLine } from './lines.ts';
import { type ExportedFile, type ExportedPrincipal, type ExportForm, fileNameOf } from './manifest.ts';

/** How rows are written: each without the LF that ends it. */
export interface RowsForm {
  form: ExportForm;
  /** What stands before the first row; `null` for nothing. */
  head: (table: HistoryTable) => string | null;
  write: (table: HistoryTable, row: JsonRow) => string;
}

/** A line of canonical JSON for each row. */
export const ndjson: RowsForm = { form: 'ndjson', head: () => null, write: writeLine };

/** A piece of a table, and how many rows are written up to it. */
export interface Piece {
  /** Each without the LF that ends it. */
  lines: readonly string[];
  rows: number;
}

/** A piece has so many bytes, and those of its last row: each takes time on its way. */
const bytesAtOnce = 65_536;

/** A table of the history as it is written out: read its pieces, and then what they came to. */
export class TableExport {
  readonly #rows: HistoryRows;
  readonly #table: HistoryTable;
  readonly #form: RowsForm;
  readonly #digest = startDigest();
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
    let lines = head === null ? [] : [this.#take(head)];
    let end = this.#bytes + bytesAtOnce;
    for await (const row of this.#rows.read(this.#table)) {
      onRow(row);
      lines.push(this.#take(this.#form.write(this.#table, row)));
      this.#count += 1;
      if (this.#bytes < end) continue;
      yield { lines, rows: this.#count };
      lines = [];
      end = this.#bytes + bytesAtOnce;
    }
    if (lines.length > 0) yield { lines, rows: this.#count };
  }

  #take(line: string): string {
    this.#digest.add(line);
    this.#bytes += Buffer.byteLength(line, 'utf8') + 1;
    return line;
  }

  /** What all of it came to, once the pieces are read. */
  end(): ExportedFile {
    return {
      table: this.#table,
      file: fileNameOf(this.#table, this.#form.form),
      rows: this.#count,
      bytes: this.#bytes,
      sha256: this.#digest.end(),
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
