import { sql, type SQL } from 'drizzle-orm';
import { type Database, queryRows } from '../database/database.ts';
import { type OwedReport } from '../domain/report.ts';
import { createThread, type ThreadKind, threadPattern } from './message-id.ts';

/** What of a report says to which thread it belongs. */
export type Threaded = Pick<OwedReport, 'kind' | 'runId' | 'principalId' | 'standsAlone'>;

/**
 * The thread that a report is to belong to, a new one where it is the first of its incident; `null` where it stands alone.
 * Call it before the report is stored, in the transaction that stores what it tells. Mails of one thread are the failures
 * and silences up to the next complete run, and the recovery; a held run, its reminders while it is for the same
 * suspects, and what tells that it is over; the digests.
 */
export async function findThread(tx: Database, report: Threaded): Promise<string | null> {
  const { kind, runId, principalId } = report;
  if (report.standsAlone === true) return null;
  switch (kind) {
    case 'digest':
      return (await findNewest(tx, kind, sql`report.slot is not null`)) ?? createThread(kind);
    case 'failure':
      return (await findNewest(tx, kind, ofThisTrouble(principalId))) ?? createThread(kind);
    case 'held':
      return (await findNewest(tx, kind, heldAs(runId))) ?? createThread(kind);
    case 'changes':
      return findNewest(tx, 'held', heldAs(runId));
    case 'recovery':
      return (
        (await findNewest(tx, 'held', endedBy(principalId, runId))) ??
        findNewest(tx, 'failure', endedBy(principalId, runId))
      );
    default:
      return null;
  }
}

/** The thread of that kind which the newest of these reports belongs to. */
async function findNewest(tx: Database, kind: ThreadKind, these: SQL): Promise<string | null> {
  const [newest] = await queryRows<{ thread: string }>(
    tx,
    sql`
      select substring(delivery.message_id from ${threadPattern}::text) as thread
      from rollcall.reports as report
      join rollcall.deliveries as delivery on delivery.report_id = report.id
      where report.kind = ${kind} and ${these}
        and substring(delivery.message_id from ${threadPattern}::text) like ${`${kind}-%`}
      order by report.id desc
      limit 1`,
  );
  return newest?.thread ?? null;
}

/** A complete run links all reports of its principal that are there before it ends. */
function ofThisTrouble(principalId: number | null): SQL {
  return sql`report.principal_id = ${principalId} and report.linked_by is null`;
}

function endedBy(principalId: number | null, runId: number | null): SQL {
  return sql`report.principal_id = ${principalId} and report.linked_by = ${runId}`;
}

/** Of the run, and of those that were held before it for the same suspects. */
function heldAs(runId: number | null): SQL {
  return sql`report.run_id in (
    with recursive same as (
      select id, digest, digest_version, baseline_run_id from rollcall.runs where id = ${runId}
      union all
      select earlier.id, earlier.digest, earlier.digest_version, earlier.baseline_run_id
      from rollcall.runs as earlier
      join same on earlier.superseded_by = same.id
        and earlier.digest = same.digest
        and earlier.digest_version = same.digest_version
        and earlier.baseline_run_id = same.baseline_run_id
    )
    select id from same
  )`;
}
