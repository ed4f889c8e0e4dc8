import { canonicalJson, digestLines } from './digest.ts';

/** A row as JSON, under the names of the database's columns; a time is a text, ISO 8601 in UTC. */
export type JsonRow = Readonly<Record<string, unknown>>;

/** The tables of which each row is sealed once it says all that it will. */
export type SealedTable = 'runs' | 'reports';

/**
 * The columns that no seal covers: the seal and who links it, which come after it, and what is no history. `worker` and
 * `heartbeat_at` tell who was at work and until when, `abandoned` whether the slot may have another run, and
 * `complete_id` is computed by the database.
 */
export const notSealed: Readonly<Record<SealedTable, readonly string[]>> = {
  runs: ['seal', 'linked_by', 'worker', 'heartbeat_at', 'abandoned', 'complete_id'],
  reports: ['seal', 'linked_by'],
};

/** SHA-256, hex, over the line of a row: canonical JSON of every column that a seal covers. */
export function sealOf(table: SealedTable, row: JsonRow): string {
  const covered = Object.entries(row).filter(([column]) => !notSealed[table].includes(column));
  return digestLines([canonicalJson(Object.fromEntries(covered))]);
}

/** A sealed row, as a link covers it. */
export interface SealedRecord {
  table: SealedTable;
  id: number;
  seal: string;
}

/** SHA-256, hex, of what a link covers beside its own run: a line for each, runs before reports, by id; `null` of none. */
export function digestRecords(records: readonly SealedRecord[]): string | null {
  if (records.length === 0) return null;
  const inOrder = [...records].sort(
    (left, right) => order.indexOf(left.table) - order.indexOf(right.table) || left.id - right.id,
  );
  return digestLines(inOrder.map(({ table, id, seal }) => canonicalJson({ table, id, seal })));
}

/** A line of what a checkpoint's digest is over: a membership, and the instant since which it is as it is. */
export function sinceLine({ organization_id, valid_from }: JsonRow): string {
  return canonicalJson({ organization_id, valid_from });
}

const order: readonly SealedTable[] = ['runs', 'reports'];
