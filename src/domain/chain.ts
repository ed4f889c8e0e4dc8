import { type Change } from './change.ts';
import { canonicalJson, digestLines } from './digest.ts';
import { columnOf } from './membership.ts';
import { type JsonRow } from './seal.ts';
import { type ListingProof, type RunSource, type RunTrigger } from './run.ts';

/** What a complete run says of itself: all that its link in the chain covers. */
export interface Link {
  digestVersion: number;
  runId: number;
  /** Not its name, which can change. */
  principalId: number;
  cloudflareUserId: string | null;
  source: RunSource;
  trigger: RunTrigger;
  slot: Date | null;
  startedAt: Date;
  finishedAt: Date;
  baselineRunId: number | null;
  organizations: number;
  /** How many of them are of status `member`, and `invited`. */
  members: number;
  invited: number;
  changes: number;
  requests: number;
  retries: number;
  listings: number;
  pages: number;
  proof: readonly ListingProof[] | null;
  conclusion: string;
  /** Of its snapshot, and of its changes. */
  digest: string;
  changesDigest: string;
  /** Of what happened since the run before that came to no snapshot, and of what was reported; `null` of nothing. */
  recordsDigest: string | null;
  /** The chain of the complete run before; `null` at the principal's first. */
  previous: string | null;
}

const linked = {
  digestVersion: true,
  principalId: true,
  cloudflareUserId: true,
  source: true,
  trigger: true,
  slot: true,
  startedAt: true,
  finishedAt: true,
  baselineRunId: true,
  organizations: true,
  members: true,
  invited: true,
  changes: true,
  requests: true,
  retries: true,
  listings: true,
  pages: true,
  proof: true,
  conclusion: true,
  digest: true,
  changesDigest: true,
  recordsDigest: true,
} as const satisfies Record<Exclude<keyof Link, 'runId' | 'previous'>, true>;

/** The columns of a run that its link covers, beside its id. */
export const linkedColumns: readonly string[] = Object.keys(linked).map(columnOf);

/** {@link chainOf}, of a run as the database has it. */
export function chainOfRow(run: JsonRow, previous: string | null): string {
  const said = linkedColumns.map((column) => [column, run[column]]);
  return digestLines([canonicalJson({ ...Object.fromEntries(said), run_id: run['id'], previous })]);
}

/** The text of a link: one line of canonical JSON under the names of the database's columns. */
export function writeLink(link: Link): string {
  return canonicalJson(underColumns(link));
}

/** The chain after a link: SHA-256, hex, over its line. */
export function chainOf(link: Link): string {
  return digestLines([writeLink(link)]);
}

/** The digest of a run's changes: one line for each, in the order of their ids. */
export function digestChanges(changes: readonly Change[]): string {
  return digestLines(changes.map(writeChange));
}

/** One line of canonical JSON under the names of the database's columns. The principal's name, which can change, is not in it. */
export function writeChange({ principal: _, ...change }: Change): string {
  return canonicalJson(underColumns(change));
}

/** A value under the names that the database has for its fields. */
export function underColumns(value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([field, one]) => [columnOf(field), one]));
}
