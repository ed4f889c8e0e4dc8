import { RollcallError } from '../domain/errors.ts';
import { describeMismatch } from '../history/verify/mismatch.ts';
import { type PrincipalVerification, type Verification } from '../history/verify/verify.ts';

/** A line for each principal and for each stray: what matched, up to where, and what did not. */
export function describeVerification({ principals, strays }: Verification): string[] {
  return [...principals.map(describePrincipal), ...strays.map(describeMismatch)];
}

function describePrincipal({ principal, runs, head, beginsAt, mismatch }: PrincipalVerification): string {
  const since = beginsAt === null ? '' : `, from run ${beginsAt} on (what was before is pruned)`;
  const matched = `${runs === 1 ? '1 run matches' : `${runs} runs match`}${since}`;
  if (mismatch !== null) return `${principal}: ${describeMismatch(mismatch)}. Before it, ${matched}.`;
  if (head === null) return `${principal}: no run is complete yet; ${matched}.`;
  return `${principal}: ${matched}, up to run ${head.runId}, whose chain is ${head.chain}`;
}

/** Whether all of it matches. */
export function isSound({ principals, strays }: Verification): boolean {
  return strays.length === 0 && principals.every(({ mismatch }) => mismatch === null);
}

/** Names in one line whose history does not match. */
export function notSound({ principals, strays }: Verification): RollcallError {
  const names = principals.filter(({ mismatch }) => mismatch !== null).map(({ principal }) => principal);
  const of = names.length === 0 ? '' : ` of ${names.join(', ')}`;
  const more = strays.length === 0 ? '' : `; ${strays.length} more that is of no principal`;
  return new RollcallError('incomplete', `The history${of} does not match what was recorded${more}.`);
}
