import * as z from 'zod';
import { canonicalJson, digestLines } from '../../domain/digest.ts';
import { type HistoryTable, historyTables } from '../rows.ts';

/** What an export is written as. `ndjson` can be verified; `csv` is for reading. */
export const exportForms = ['ndjson', 'csv'] as const;

/** One of {@link exportForms}. */
export type ExportForm = (typeof exportForms)[number];

/** The tables of an export, in its order. */
export const exportedTables = Object.keys(historyTables) as readonly HistoryTable[];

/** The name of the file in a folder that has the manifest. */
export const manifestFile = 'manifest.json';

/** The version of what an export is laid out as. */
export const exportFormat = 1;

/** What is in no export, and why. */
export const leftOut = [
  'deliveries: they hold recipients, and are no history',
  'invitations, held_memberships and departures: they are work in hand; what came of it is in changes',
  'workers, the tallies and the queue: they are no history',
];

/** What an export of one principal leaves out beside that. */
export const digestsLeftOut = 'digests: they are of all principals';

const count = z.int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const instant = z.iso.datetime({ precision: 3 });

const content = z.strictObject({
  format: z.literal(exportFormat),
  form: z.enum(exportForms),
  rollcall: z.string().max(100),
  exported_at: instant,
  /** Whether it is a part: what a `--since` or an `--until` left of the history. */
  part: z.boolean(),
  since: instant.optional(),
  until: instant.optional(),
  principals: z.array(
    z.strictObject({
      principal_id: count,
      principal: z.string(),
      /** The run that it begins with, since what was before is pruned or no part of it; absent where it is all there. */
      begins_at: count.optional(),
      /** The newest complete run in it; absent where there is none. */
      head: z.strictObject({ run_id: count, chain: sha256 }).optional(),
    }),
  ),
  files: z
    .array(
      z.strictObject({ table: z.enum(exportedTables), file: z.string(), rows: count, bytes: count, sha256 }),
    )
    .refine((files) => files.map(({ table }) => table).join() === exportedTables.join()),
  left_out: z.array(z.string().max(1_000)),
});

const schema = content.extend({ sha256 });

/** What a table of an export came to. */
export interface ExportedFile {
  table: HistoryTable;
  /** Its name in the folder; in one stream, what it would be there. */
  file: string;
  rows: number;
  /** Of all its lines in UTF-8, with their ends. */
  bytes: number;
  /** SHA-256, hex, of the same. */
  sha256: string;
}

/** What is in an export, without its own SHA-256. */
export type ManifestContent = z.infer<typeof content>;

/** What is in an export, and how to tell whether it still is. Times are ISO 8601 in UTC. */
export type Manifest = z.infer<typeof schema>;

/** A principal as a manifest has it. */
export type ExportedPrincipal = Manifest['principals'][number];

/** The name of a table's file. */
export function fileNameOf(table: HistoryTable, form: ExportForm): string {
  return `${table}.${form}`;
}

/** Adds the SHA-256 of a manifest's own line, without which a slip in it could not be told. */
export function sealManifest(content: ManifestContent): Manifest {
  return { ...content, sha256: digestLines([canonicalJson(content)]) };
}

/** The text of `manifest.json`. */
export function writeManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/**
 * A manifest as it was read, with what is wrong with it: `altered` is one that is not as it was written. There is none where a text is
 * `foreign`, of something else than an export, or of a `newer` format than this rollcall knows.
 */
export type ReadManifest =
  { fault: 'foreign' | 'newer'; manifest: null } | { fault: 'altered' | null; manifest: Manifest };

/** Reads a manifest from its JSON. */
export function readManifest(json: string): ReadManifest {
  const said = parse(json);
  const { success, data: manifest } = schema.safeParse(said);
  if (!success) return { fault: isNewer(said) ? 'newer' : 'foreign', manifest: null };
  const { sha256: _, ...told } = manifest;
  const isWhole =
    sealManifest(told).sha256 === manifest.sha256 &&
    manifest.files.every(({ table, file }) => file === fileNameOf(table, manifest.form));
  return { fault: isWhole ? null : 'altered', manifest };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

/** Later formats say theirs too. */
function isNewer(said: unknown): boolean {
  const format = typeof said === 'object' && said !== null && 'format' in said ? said.format : null;
  return typeof format === 'number' && format > exportFormat;
}
