import { startDigest } from '../../domain/digest.ts';
import { RollcallError } from '../../domain/errors.ts';
import { didYouMean } from '../../domain/nearest.ts';
import { type JsonRow } from '../../domain/seal.ts';
import { type HistoryRows, type HistoryTable } from '../rows.ts';
import { noRunHas } from '../verify/recorded.ts';
import { type Verification, verifyHistory } from '../verify/verify.ts';
import { readLine, Unreadable } from './lines.ts';
import { type ExportedFile, type Manifest } from './manifest.ts';
import { type OpenExport, openExport } from './open.ts';
import { readLines } from './read-lines.ts';

/** What of an export to verify. */
export interface ExportScope {
  /** The chain of the run to stop after. Default: the newest of each principal. */
  against?: string;
  /** Default: all that it has. */
  principal?: string;
  /** Told how many runs have matched. */
  onProgress?: (matched: number) => void;
  /** Ends it between two rows. */
  signal?: AbortSignal;
}

/** What was found of an export. */
export interface ExportVerification {
  manifest: Manifest;
  /** For people: what of the files is not what the manifest says, or is no row. */
  faults: readonly string[];
  /** `null` where it was not looked at: an export that is not whole, or a CSV. */
  history: Verification | null;
}

/**
 * Verifies an export, without a database: each file against the manifest, the history in it as {@link verifyHistory}
 * does, and where it ends against the manifest. Of a CSV, the files alone. Throws `usage` where there is no export, or
 * no such principal in it, or a CSV to be verified further, and `incomplete` where no run in it has that chain.
 */
export async function verifyExport(place: string, scope: ExportScope = {}): Promise<ExportVerification> {
  const found = await openExport(place);
  const { manifest } = found;
  if (manifest.form === 'csv' && (scope.against !== undefined || scope.principal !== undefined))
    throw new RollcallError(
      'usage',
      'A CSV is for reading: no history can be verified in it, be it of one principal or up to a run.',
    );
  const faults = await compareFiles(found, scope.signal);
  if (faults.length > 0 || manifest.form === 'csv') return { manifest, faults, history: null };
  try {
    const history = await verifyRows(found, scope);
    return { manifest, faults: compareHeads(manifest, history, scope), history };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { manifest, faults: [error.message], history: null };
  }
}

async function verifyRows(found: OpenExport, scope: ExportScope): Promise<Verification> {
  const { principal, against, onProgress, signal } = scope;
  let matched = 0;
  const onRun = () => {
    matched += 1;
    onProgress?.(matched);
  };
  const rows = readRows(found);
  const named = principal === undefined ? null : requireNamed(found.manifest, principal);
  if (against === undefined)
    return verifyHistory(named === null ? rows : only(rows, named), { onRun, signal });
  const run = await findRun(rows, against, named);
  return verifyHistory(only(rows, run['principal_id']), { onRun, untilRunId: run['id'] as number, signal });
}

function requireNamed({ principals }: Manifest, name: string): number {
  const found = principals.find(({ principal }) => principal === name);
  if (found !== undefined) return found.principal_id;
  const names = principals.map(({ principal }) => principal);
  const near = didYouMean(name, names) || ` It has ${names.join(', ') || 'none'}.`;
  throw new RollcallError('usage', `No principal in the export is called ${name}.${near}`);
}

async function findRun(rows: HistoryRows, chain: string, principalId: number | null): Promise<JsonRow> {
  for await (const run of rows.read('runs')) {
    if (run['chain'] !== chain) continue;
    if (principalId === null || run['principal_id'] === principalId) return run;
    throw new RollcallError('usage', `The chain ${chain} is of another principal.`);
  }
  throw noRunHas(chain, 'export');
}

/** Those rows that are of one principal. */
function only(rows: HistoryRows, principalId: unknown): HistoryRows {
  return {
    async *read(table) {
      const column = table === 'principals' ? 'id' : 'principal_id';
      for await (const row of rows.read(table)) if (row[column] === principalId) yield row;
    },
  };
}

async function compareFiles(found: OpenExport, signal: AbortSignal | undefined): Promise<string[]> {
  const faults = found.isManifestWhole ? [] : ['The manifest is not as it was written.'];
  for (const said of found.manifest.files) {
    signal?.throwIfAborted();
    const fault = await compareFile(found, said);
    if (fault !== null) faults.push(`${said.file}: ${fault}.`);
  }
  return faults;
}

async function compareFile(
  { stretches, unwrap, manifest }: OpenExport,
  { table, rows, bytes, sha256 }: ExportedFile,
): Promise<string | null> {
  const stretch = stretches.get(table);
  if (stretch === undefined) return 'it is not there';
  const digest = startDigest();
  let lines = 0;
  let length = 0;
  try {
    for await (const some of readLines(stretch)) {
      for (const line of some) {
        const row = unwrap(table, line);
        digest.add(row);
        length += Buffer.byteLength(row) + 1;
        lines += 1;
      }
    }
  } catch (error) {
    if (error instanceof Unreadable) return error.message;
    throw error;
  }
  if (digest.end() === sha256 && length === bytes && (lines === rows || manifest.form === 'csv')) return null;
  return `it is not what the manifest says, which is ${rows} rows in ${bytes} bytes of SHA-256 ${sha256}`;
}

/** The rows of an export. Reading one throws {@link Unreadable}, which names the line, for what is no row. */
function readRows({ stretches, unwrap, manifest }: OpenExport): HistoryRows {
  const nameOf = (table: HistoryTable) => manifest.files.find((file) => file.table === table)?.file ?? table;
  return {
    async *read(table) {
      const stretch = stretches.get(table);
      if (stretch === undefined) return;
      let number = 0;
      for await (const lines of readLines(stretch)) {
        for (const line of lines) {
          number += 1;
          yield readRow(`${nameOf(table)}, line ${number}`, () => readLine(table, unwrap(table, line)));
        }
      }
    },
  };
}

function readRow(where: string, read: () => JsonRow): JsonRow {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    throw new Unreadable(`${where}: ${error.message}.`);
  }
}

/** Where the history of each principal begins and ends, against what the manifest says: of those that were walked to their end. */
function compareHeads({ principals }: Manifest, history: Verification, scope: ExportScope): string[] {
  if (scope.against !== undefined) return [];
  const found = new Map(history.principals.map((one) => [one.principalId, one]));
  const said = principals.filter(
    ({ principal }) => scope.principal === undefined || principal === scope.principal,
  );
  const gone = said.filter(({ principal_id: id }) => !found.has(id));
  const differing = history.principals.filter(({ principalId, principal, head, beginsAt, mismatch }) => {
    const told = said.find(({ principal_id: id }) => id === principalId);
    const isSame =
      told?.principal === principal &&
      (told.begins_at ?? null) === beginsAt &&
      (told.head?.run_id ?? null) === (head?.runId ?? null) &&
      (told.head?.chain ?? null) === (head?.chain ?? null);
    return mismatch === null && !isSame;
  });
  return [
    ...differing.map(({ principal }) => `The manifest says of ${principal} what its history does not.`),
    ...gone.map(({ principal }) => `Of ${principal}, whom the manifest names, there is no row.`),
  ];
}
