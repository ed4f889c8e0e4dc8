import { sql, type SQL } from 'drizzle-orm';
import { readInBatches } from '../database/batches.ts';
import { type Database } from '../database/database.ts';
import { fieldList, membershipFrom } from '../database/membership-columns.ts';
import { comparedFields } from '../domain/compared-fields.ts';
import { digestVersion, membershipLine, startDigest } from '../domain/digest.ts';
import { type KnownRoll } from '../domain/known-roll.ts';
import {
  fillUnknown,
  hasUnknown,
  type Membership,
  standingOf,
  type StatusCounts,
} from '../domain/membership.ts';
import { type RunSource } from '../domain/run.ts';
import { type Baseline } from './baseline.ts';

/** The roll of a principal's newest complete run: its open memberships, as a relation. */
export function openRoll(principal: string): SQL {
  return sql`(
    select organization_id, ${fieldList()} from rollcall.memberships
    where ended_run_id is null
      and principal_id = (select id from rollcall.principals where name = ${principal})
  )`;
}

/** What a listing of the principal from a source is compared with. A baseline of an earlier recipe is digested anew. */
export async function readKnownRoll(
  db: Database,
  { principal, source }: { principal: string; source: RunSource },
  baseline: Pick<Baseline, 'digest' | 'digestVersion' | 'source'>,
): Promise<KnownRoll> {
  const fields = comparedFields(baseline.source, source);
  return {
    fields,
    digest:
      baseline.digestVersion === digestVersion
        ? baseline.digest
        : (await summarizeRoll(db, openRoll(principal))).digest,
    async fill(seen) {
      const lacking = seen.filter((membership) => hasUnknown(membership, fields));
      const wanted = new Set(lacking.map(({ organizationId }) => organizationId));
      const known = new Map<string, Membership>();
      await readRoll(db, openRoll(principal), (membership) => {
        if (wanted.has(membership.organizationId)) known.set(membership.organizationId, membership);
      });
      return seen.map((membership) => fillUnknown(membership, known.get(membership.organizationId), fields));
    },
  };
}

/** A roll in the database, without its memberships. */
export interface RollSummary {
  /** As `digestRoll` has it. */
  digest: string;
  counts: StatusCounts;
}

/** Digests and counts a roll: a relation with the columns of a membership. */
export async function summarizeRoll(db: Database, roll: SQL): Promise<RollSummary> {
  const digest = startDigest();
  const counts = { members: 0, invited: 0, other: 0 };
  await readRoll(db, roll, (membership) => {
    digest.add(membershipLine(membership));
    counts[standingOf(membership)] += 1;
  });
  return { digest: digest.end(), counts };
}

/** Shows the memberships of a roll one after the other, by organization id. */
export async function readRoll(
  db: Database,
  roll: SQL,
  show: (membership: Membership) => void,
): Promise<void> {
  const query = sql`
    select organization_id, ${fieldList()} from ${roll} as known order by organization_id collate "C"`;
  await db.transaction(async (tx) => {
    for await (const rows of readInBatches(tx, query)) for (const row of rows) show(membershipFrom(row));
  });
}
