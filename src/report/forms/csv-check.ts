import { createHash } from 'node:crypto';
import { type Change, type ChangeKind } from '../../domain/change.ts';
import { readCsv } from '../../domain/csv-reading.ts';
import { type Membership } from '../../domain/membership.ts';
import { changeColumnNames } from '../columns.ts';
import { rollColumns } from '../roll.ts';
import { type CsvFile } from './csv.ts';

/** How many changes of a kind a report tells of. */
export interface Counted {
  kind: ChangeKind;
  count: number;
}

/**
 * Reads the file of a report back, and throws an `Error` unless it holds the very changes, in their order, and as many of
 * each kind as the report tells: what is mailed rests on it, and nobody reads both.
 */
export function requireWholeCsv(
  { content, sha256 }: CsvFile,
  changes: readonly Change[],
  counted: readonly Counted[],
): void {
  let rows = 0;
  let columns: readonly number[] | null = null;
  for (const row of readCsv(content.slice(content.startsWith('\uFEFF') ? 1 : 0))) {
    if (columns === null) {
      requireSame('columns', row.join(), changeColumnNames.join());
      columns = identity.map((name) => row.indexOf(name));
      continue;
    }
    const told = columns.map((column) => withoutGuards(row[column] ?? '')).join(' ');
    requireSame(`change in row ${rows + 1}`, told, identify(changes[rows]));
    rows += 1;
  }
  requireSame('rows', rows, changes.length);
  requireSame('changes of each kind', countKinds(changes), describeCounts(counted));
  const hash = createHash('sha256').update(content, 'utf8').digest('hex');
  requireSame('SHA-256', hash, sha256);
}

/** The same of a roll: throws unless its file holds every membership, in whatever order. */
export function requireWholeRoll({ content }: CsvFile, roll: readonly Membership[]): void {
  const [header = [], ...rows] = readCsv(content.slice(content.startsWith('\uFEFF') ? 1 : 0));
  requireSame('columns', header.join(), rollColumns.join());
  const column = header.indexOf('organization_id');
  const ids = (all: readonly string[]) => all.map(withoutGuards).sort().join(' ');
  const written = rows.map((row) => row[column] ?? '');
  requireSame('memberships', ids(written), ids(roll.map(({ organizationId }) => organizationId)));
}

/** What tells one change from every other. */
const identity = ['change_id', 'run_id', 'kind', 'organization_id'];

function identify(change: Change | undefined): string {
  if (change === undefined) return '';
  const { id, runId, kind, organizationId } = change;
  return [id ?? '', runId, kind, withoutGuards(organizationId)].join(' ');
}

/** An apostrophe may guard a text from outside. */
function withoutGuards(text: string): string {
  return text.replaceAll("'", '');
}

function countKinds(changes: readonly Change[]): string {
  const kinds = Map.groupBy(changes, ({ kind }) => kind);
  return describeCounts([...kinds].map(([kind, ofKind]) => ({ kind, count: ofKind.length })));
}

function describeCounts(counted: readonly Counted[]): string {
  return counted
    .map(({ kind, count }) => `${count} ${kind}`)
    .sort()
    .join(', ');
}

function requireSame(what: string, written: string | number, told: string | number): void {
  if (written === told) return;
  throw new Error(
    `The CSV of a report is not what it tells: ${what}: expected ${told}, got ${written}. This is a fault of rollcall's.`,
  );
}
