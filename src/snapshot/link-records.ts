import { sql } from 'drizzle-orm';
import { type Database, queryRows } from '../database/database.ts';
import { sealEarlierRows } from '../database/seals.ts';
import { type ClaimedRun } from '../domain/run.ts';
import { digestRecords, type SealedRecord } from '../domain/seal.ts';

/**
 * Marks what the run's link covers beside the run: the principal's earlier runs that came to no snapshot, and the reports
 * about it, as far as no link has covered them. Returns their digest; `null` where there is none.
 */
export async function linkRecords(tx: Database, run: ClaimedRun): Promise<string | null> {
  await sealEarlierRows(tx, run.principalId);
  const found = await queryRows<SealedRecord & Record<string, unknown>>(
    tx,
    sql`
      with run as (
        update rollcall.runs set linked_by = ${run.id}
        where principal_id = ${run.principalId} and linked_by is null and id < ${run.id}
          and state not in ('running', 'complete', 'held')
        returning id, seal
      ),
      report as (
        update rollcall.reports set linked_by = ${run.id}
        where principal_id = ${run.principalId} and linked_by is null
        returning id, seal
      )
      select 'runs' as "table", id::float8 as id, seal from run
      union all
      select 'reports', id::float8, seal from report`,
  );
  return digestRecords(found);
}
