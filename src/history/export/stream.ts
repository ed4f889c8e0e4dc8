import { type HistoryTable } from '../rows.ts';
import { Unreadable } from './lines.ts';
import { exportedTables, type Manifest } from './manifest.ts';

/** Before a row of a table, in an export that is one stream. */
function beforeRow(table: HistoryTable): string {
  return `{"table":"${table}","row":`;
}

const befores = exportedTables.map((table) => ({ table, before: beforeRow(table) }));

/** The lines of rows as lines of one stream, with their ends: each says of which table it is. */
export function wrapLines(table: HistoryTable, lines: readonly string[]): string {
  const before = beforeRow(table);
  return lines.map((line) => `${before}${line}}\n`).join('');
}

/** Of which table a line of a stream is; `null` where it is of none. */
export function tableOfLine(line: string): HistoryTable | null {
  return befores.find(({ before }) => line.startsWith(before))?.table ?? null;
}

/** The line of the row within one of a stream. Throws {@link Unreadable} where there is none. */
export function unwrapLine(table: HistoryTable, line: string): string {
  const before = beforeRow(table);
  if (!line.startsWith(before) || !line.endsWith('}')) throw new Unreadable(`it is no row of ${table}`);
  return line.slice(before.length, -1);
}

const beforeManifest = '{"manifest":';

/** The last line of a stream, with its end. */
export function writeManifestLine(manifest: Manifest): string {
  return `${beforeManifest}${JSON.stringify(manifest)}}\n`;
}

/** Whether a line of a stream may be its last. */
export function isManifestLine(line: string): boolean {
  return line.startsWith(beforeManifest);
}

/** The manifest within the last line of a stream, whatever it is. */
export function unwrapManifest(line: string): string {
  return line.slice(beforeManifest.length).replace(/\}\n$/, '');
}
