import { RollcallError } from '../domain/errors.ts';
import { visible } from '../domain/visible.ts';
import { type Manifest } from '../history/export/manifest.ts';
import { type ExportVerification } from '../history/export/verify.ts';
import { describeMismatch } from '../history/verify/mismatch.ts';
import { type PrincipalVerification, type Verification } from '../history/verify/verify.ts';

/** A line for each principal and for each stray: what matched, up to where, and what did not. */
export function describeVerification({ principals, strays }: Verification): string[] {
  if (principals.length + strays.length === 0) return ['There is no history yet: nothing to verify.'];
  return [...principals.map(describePrincipal), ...strays.map(describeMismatch)];
}

/** What was found of an export: what it is, what of its files differs, and its history as {@link describeVerification}. */
export function describeExport({ manifest, faults, history }: ExportVerification): string[] {
  const { rollcall, exported_at: at, form } = manifest;
  const asSaid = faults.length === 0 ? ': its files are as the manifest says' : '';
  const made = `Exported ${at} by rollcall ${rollcall}, manifest ${manifest.sha256}${asSaid}.`;
  const csv = form === 'csv' ? ['A CSV is for reading: the history in it is not verified.'] : [];
  const told = history === null ? [] : describeVerification(history);
  // Whoever made the export chose what it says: none of it may forge a line.
  return [made, ...describePart(manifest), ...csv, ...faults, ...told].map((line) => visible(line, Infinity));
}

function describePart({ part, since, until }: Manifest): string[] {
  if (!part) return [];
  const from = since === undefined ? '' : ` since ${since}`;
  const to = until === undefined ? '' : ` before ${until}`;
  const trusted =
    since === undefined
      ? ''
      : ' Of each principal it begins with the complete run before that. What was before, and since when the memberships of that run are as they are, is taken on trust.';
  return [`A part of the history: what ended${from}${to}.${trusted}`];
}

function describePrincipal({
  principal,
  runs,
  head,
  beginsAt,
  unchecked,
  mismatch,
}: PrincipalVerification): string {
  const left =
    unchecked === 0
      ? ''
      : `; ${unchecked === 1 ? '1 row of it, still to be deleted, is' : `${unchecked} rows of it, still to be deleted, are`} not verified`;
  const since = beginsAt === null ? '' : `, from run ${beginsAt} on (what was before is not there${left})`;
  const matched = `${runs === 1 ? '1 run matches' : `${runs} runs match`}${since}`;
  if (mismatch !== null) return `${principal}: ${describeMismatch(mismatch)}. Before it, ${matched}.`;
  if (head === null) return `${principal}: no run is complete yet; ${matched}.`;
  return `${principal}: ${matched}, up to run ${head.runId}, whose chain is ${head.chain}`;
}

/** Whether all of it matches. */
export function isSound({ principals, strays }: Verification): boolean {
  return strays.length === 0 && principals.every(({ mismatch }) => mismatch === null);
}

/** Names in one line whose history does not match; it may be nobody's. */
export function notSound({ principals, strays }: Verification): RollcallError {
  const names = principals.filter(({ mismatch }) => mismatch !== null).map(({ principal }) => principal);
  const of = [...names, ...(strays.length === 0 ? [] : ['no principal'])].join(', ');
  return new RollcallError('incomplete', `The history of ${of} does not match what was recorded.`);
}
