import { hash } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { readInBatches } from '../database/batches.ts';
import { type Database } from '../database/database.ts';
import { fieldList } from '../database/membership-columns.ts';
import { fieldNames, type Membership } from '../domain/membership.ts';
import { type ClaimedRun } from '../domain/run.ts';

/** How what was seen differs from the baseline's roll: all that has to travel. */
export interface Delta {
  /** Memberships that came, or are not as they were. */
  seen: readonly Membership[];
  /** Organizations that are not listed any more. */
  gone: readonly string[];
}

/** Finds what differs: of the baseline's roll only a fingerprint of each membership travels. */
export async function readDelta(
  tx: Database,
  run: Pick<ClaimedRun, 'principalId' | 'principal'>,
  seen: readonly Membership[],
): Promise<Delta> {
  const unmatched = new Map(seen.map((membership) => [membership.organizationId, membership]));
  if (unmatched.size < seen.length) throw new Error(`${run.principal}: an organization is listed twice.`);
  const gone: string[] = [];
  // The text of the array is what `fingerprint` writes. Some hundred of them travel as one row: a row costs more than they.
  const query = sql`
    select
      json_agg(
        encode(sha256(convert_to(jsonb_build_array(${fieldList()})::text, 'UTF8')), 'hex') || organization_id
      ) as fingerprints
    from rollcall.memberships
    where principal_id = ${run.principalId} and ended_run_id is null
    group by id / 500`;
  for await (const rows of readInBatches<{ fingerprints: string[] }>(tx, query, 20)) {
    for (const known of rows.flatMap(({ fingerprints }) => fingerprints)) {
      const organizationId = known.slice(fingerprintLength);
      const membership = unmatched.get(organizationId);
      if (membership === undefined) gone.push(organizationId);
      else if (known.startsWith(fingerprint(membership))) unmatched.delete(organizationId);
    }
  }
  return { seen: [...unmatched.values()], gone };
}

const fingerprintLength = 64;

/**
 * SHA-256, hex, over a membership's fields as PostgreSQL writes them in a `jsonb` array. Should the two ever write a
 * text differently, the membership travels for nothing: what differs is decided by comparing it.
 */
export function fingerprint(membership: Membership): string {
  const fields = fieldNames.map((field) => {
    const value = membership[field];
    return typeof value === 'object' ? writeSet(value) : JSON.stringify(value);
  });
  return hash('sha256', `[${fields.join(', ')}]`, 'hex');
}

/** Equal sets are one object in a listing, so that each is written once. */
const written = new WeakMap<readonly string[], string>();

function writeSet(set: readonly string[] | null): string {
  if (set === null) return 'null';
  const known = written.get(set) ?? `[${set.map((value) => JSON.stringify(value)).join(', ')}]`;
  written.set(set, known);
  return known;
}
