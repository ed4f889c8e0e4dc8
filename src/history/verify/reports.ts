import { hash } from 'node:crypto';
import { mailedCsv } from '../../domain/csv-file.ts';
import { type JsonRow, sealOf } from '../../domain/seal.ts';
import { Mismatched } from './mismatch.ts';

/** Throws {@link Mismatched} where a report is not what was sealed, or its CSV not that of its SHA-256. */
export function checkReport(report: JsonRow): void {
  const { id, run_id: runId, csv, csv_sha256: sha256 } = report;
  const about = (detail: string) =>
    new Mismatched('report', typeof runId === 'number' ? runId : null, `report ${String(id)} ${detail}`);
  if (report['seal'] == null) throw about('has no seal');
  if (typeof csv === 'string') {
    const mailed = mailedCsv(csv, sha256 as string | null);
    if (hash('sha256', mailed, 'hex') !== sha256) throw about('has a CSV of another SHA-256 than it says');
  }
  if (sealOf('reports', report) !== report['seal']) throw about('is not what was sealed');
}
