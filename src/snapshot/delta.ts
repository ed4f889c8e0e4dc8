import { createHash } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { readInBatches } from '../database/batches.ts';
import { type Database } from '../database/database.ts';
import { fieldList } from '../database/membership-columns.ts';
import { fieldNames, type Membership } from '../domain/membership.ts';
import { openRoll } from './open-roll.ts';

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
  principal: string,
  seen: readonly Membership[],
): Promise<Delta> {
  const unmatched = new Map(seen.map((membership) => [membership.organizationId, membership]));
  if (unmatched.size < seen.length) throw new Error(`${principal}: an organization is listed twice.`);
  const gone: string[] = [];
  // The text of this array is what `fingerprint` writes.
  const query = sql`
    select organization_id, encode(sha256(convert_to(jsonb_build_array(${fieldList()})::text, 'UTF8')), 'hex') as fingerprint
    from ${openRoll(principal)} as known`;
  for await (const rows of readInBatches<{ organization_id: string; fingerprint: string }>(tx, query)) {
    for (const row of rows) {
      const membership = unmatched.get(row.organization_id);
      if (membership === undefined) gone.push(row.organization_id);
      else if (fingerprint(membership) === row.fingerprint) unmatched.delete(row.organization_id);
    }
  }
  return { seen: [...unmatched.values()], gone };
}

/**
 * SHA-256, hex, over a membership's fields as PostgreSQL writes them in a `jsonb` array. Should the two ever write a
 * text differently, the membership travels for nothing: what differs is decided by comparing it.
 */
export function fingerprint(membership: Membership): string {
  const fields = fieldNames.map((field) => {
    const value = membership[field];
    return typeof value === 'object' ? writeSet(value) : JSON.stringify(value);
  });
  return createHash('sha256')
    .update(`[${fields.join(', ')}]`, 'utf8')
    .digest('hex');
}

/** Equal sets are one object in a listing, so that each is written once. */
const written = new WeakMap<readonly string[], string>();

function writeSet(set: readonly string[] | null): string {
  if (set === null) return 'null';
  const known = written.get(set) ?? `[${set.map((value) => JSON.stringify(value)).join(', ')}]`;
  written.set(set, known);
  return known;
}
