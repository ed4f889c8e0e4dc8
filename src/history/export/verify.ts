import { startDigest } from '../../domain/digest.ts';
import { type JsonRow } from '../../domain/seal.ts';
import { type HistoryRows, type HistoryTable } from '../rows.ts';
import { type Verification, verifyHistory, type VerifyOptions } from '../verify/verify.ts';
import { readLine, Unreadable } from './lines.ts';
import { type ExportedFile, type Manifest } from './manifest.ts';
import { type OpenExport, openExport } from './open.ts';
import { readLines } from './read-lines.ts';

/** What was found of an export. */
export interface ExportVerification {
  manifest: Manifest;
  /** For people: what of the files is not what the manifest says, or is no row. Where there is any, the history was not looked at. */
  faults: readonly string[];
  /** `null` where it was not looked at: an export that is not whole, or a CSV. */
  history: Verification | null;
}

/**
 * Verifies an export, without a database: each file against the manifest, the history in it as {@link verifyHistory} does, and
 * where it ends against the manifest. Of a CSV, the files alone. Throws `usage` where there is no export.
 */
export async function verifyExport(place: string, options: VerifyOptions = {}): Promise<ExportVerification> {
  const found = await openExport(place);
  const { manifest } = found;
  const faults = await compareFiles(found);
  if (faults.length > 0 || manifest.form === 'csv') return { manifest, faults, history: null };
  try {
    const history = await verifyHistory(readRows(found), options);
    return {
      manifest,
      faults: options.untilRunId === undefined ? compareHeads(manifest, history) : [],
      history,
    };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { manifest, faults: [error.message], history: null };
  }
}

async function compareFiles(found: OpenExport): Promise<string[]> {
  const faults = found.isManifestWhole ? [] : ['The manifest is not as it was written.'];
  for (const said of found.manifest.files) {
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

/** Where the history of each principal ends, against what the manifest says. */
function compareHeads({ principals }: Manifest, { principals: found }: Verification): string[] {
  const said = new Map(principals.map((principal) => [principal.principal_id, principal]));
  const faults = found.flatMap(({ principalId, principal, head, beginsAt, mismatch }) => {
    const told = said.get(principalId);
    said.delete(principalId);
    const isSame =
      told?.principal === principal &&
      (told.begins_at ?? null) === beginsAt &&
      (told.head?.run_id ?? null) === (head?.runId ?? null) &&
      (told.head?.chain ?? null) === (head?.chain ?? null);
    return isSame || mismatch !== null
      ? []
      : [`The manifest says of ${principal} what its history does not.`];
  });
  return [
    ...faults,
    ...[...said.values()].map(
      ({ principal }) => `Of ${principal}, whom the manifest names, there is no row.`,
    ),
  ];
}
