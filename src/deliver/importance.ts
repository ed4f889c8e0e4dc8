import { readCsv } from '../domain/csv-reading.ts';
import { type ReportKind } from '../domain/report.ts';

/**
 * Whether a report cannot wait: a run is held, or Super Administrator was gained or lost. What a recipient does not hear
 * of does not count, so the CSV of the report says which.
 */
export function isImportant({ kind, csv }: { kind: ReportKind; csv: string | null }): boolean {
  if (kind === 'held') return true;
  if (kind !== 'changes' || csv === null) return false;
  const [header = [], ...rows] = readRows(csv);
  const column = header.indexOf('super_administrator');
  return rows.some((row) => row[column] === 'gained' || row[column] === 'lost');
}

/** None where another version wrote it otherwise: that keeps no mail from being sent. */
function readRows(csv: string): string[][] {
  try {
    return [...readCsv(csv)];
  } catch {
    return [];
  }
}
