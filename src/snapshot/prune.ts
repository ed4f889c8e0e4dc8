import { inArray, sql, type SQL } from 'drizzle-orm';
import { type Database, queryRows } from '../database/database.ts';
import { type Checkpoint } from './checkpoint.ts';
import { lockPrincipal } from './lock.ts';

/** How to prune. */
export interface PruneOptions {
  /** How many rows a transaction deletes at most, so that nobody waits for it. Default: 1,000. */
  rowsAtOnce?: number;
  /** Ends it between two transactions. */
  signal?: AbortSignal;
}

/** Deletes at most so many rows, and returns how many. */
type Deletion = (tx: Database, rowsAtOnce: number) => Promise<number>;

/**
 * Deletes what lies before a checkpoint, some rows in a transaction of their own at a time: whatever ends it in between, the
 * next call goes on. Returns how many rows there were.
 */
export async function pruneBefore(
  db: Database,
  { principalId, runId }: Checkpoint,
  options: PruneOptions = {},
): Promise<number> {
  const ours = (condition: SQL) => sql`principal_id = ${principalId} and ${condition}`;
  // In the order in which nothing refers to what goes.
  const deletions: readonly Deletion[] = [
    (tx, rows) => deleteReports(tx, ours(sql`linked_by <= ${runId}`), rows),
    (tx, rows) => deleteSome(tx, { table: 'changes', which: ours(sql`run_id <= ${runId}`), rows }),
    (tx, rows) => deleteIntervals(tx, { principalId, runId }, rows),
    (tx, rows) => deleteInvitations(tx, { principalId, runId }, rows),
    (tx, rows) => {
      const began = sql`(select started_at from rollcall.runs where id = ${runId})`;
      return deleteSome(tx, { table: 'departures', which: ours(sql`requested_at < ${began}`), rows });
    },
    (tx, rows) => deleteRuns(tx, { principalId, runId }, rows),
  ];
  const alone = deletions.map((deletion): Deletion => async (tx, rows) => {
    await lockPrincipal(tx, principalId);
    return deletion(tx, rows);
  });
  return repeat(db, alone, options);
}

/** Deletes digests, which are of no principal, that were made before `before` and are not owed. Returns how many. */
export async function pruneDigests(db: Database, before: Date, options: PruneOptions = {}): Promise<number> {
  const old = sql`principal_id is null and kind = 'digest' and created_at < ${before.toISOString()}::timestamptz`;
  return repeat(db, [(tx, rows) => deleteReports(tx, old, rows)], options);
}

async function repeat(
  db: Database,
  deletions: readonly Deletion[],
  { rowsAtOnce = 1_000, signal }: PruneOptions,
): Promise<number> {
  let all = 0;
  for (const deletion of deletions) {
    for (;;) {
      signal?.throwIfAborted();
      const deleted = await db.transaction((tx) => deletion(tx, rowsAtOnce));
      all += deleted;
      if (deleted === 0) break;
    }
  }
  return all;
}

async function deleteSome(
  tx: Database,
  { table, which, rows }: { table: string; which: SQL; rows: number },
): Promise<number> {
  const name = sql.raw(`rollcall.${table}`);
  const deleted = await queryRows(
    tx,
    sql`
      delete from ${name} where id in (select id from ${name} where ${which} order by id limit ${rows}::int)
      returning 1 as one`,
  );
  return deleted.length;
}

/** Those that nobody is owed any more; their deliveries go with them. One that somebody is sending again meanwhile stays. */
async function deleteReports(tx: Database, which: SQL, rows: number): Promise<number> {
  const isOwed = sql`exists (
    select from rollcall.deliveries as delivery
    where delivery.report_id = report.id and delivery.state in ('pending', 'unknown')
  )`;
  const old = await queryRows<{ id: number }>(
    tx,
    sql`
      select id::float8 from rollcall.reports as report
      where ${which} and not ${isOwed} order by id limit ${rows}::int`,
  );
  if (old.length === 0) return 0;
  const ids = old.map(({ id }) => id);
  // From here on none of them is owed again, and the next statement sees which are by now.
  await tx.execute(
    sql`select from rollcall.deliveries where ${inArray(sql.raw('report_id'), ids)} order by id for update`,
  );
  const [deleted] = await queryRows<{ count: number }>(
    tx,
    sql`
      with gone as (
        select id from rollcall.reports as report where ${inArray(sql.raw('id'), ids)} and not ${isOwed}
      ),
      unsent as (delete from rollcall.deliveries where report_id in (select id from gone)),
      untold as (delete from rollcall.reports where id in (select id from gone) returning 1)
      select count(*)::int as count from untold`,
  );
  return deleted?.count ?? 0;
}

/** The oldest first; the interval after one that goes is the first of its membership from then on. */
async function deleteIntervals(
  tx: Database,
  { principalId, runId }: Checkpoint,
  rows: number,
): Promise<number> {
  await tx.execute(sql`set constraints rollcall.memberships_previous_fkey deferred`);
  const [deleted] = await queryRows<{ ends: unknown; count: number }>(
    tx,
    sql`
      with gone as (
        delete from rollcall.memberships where id in (
          select id from rollcall.memberships
          where principal_id = ${principalId} and ended_run_id <= ${runId}
          order by valid_to, id limit ${rows}::int
        )
        returning organization_id, valid_to
      )
      select count(*)::int as count, jsonb_agg(gone) as ends from gone`,
  );
  await tx.execute(sql`
    update rollcall.memberships as next set previous_valid_to = null
    from jsonb_to_recordset(${JSON.stringify(deleted?.ends ?? [])}::jsonb) as gone (organization_id text, valid_to timestamptz)
    where next.principal_id = ${principalId} and next.organization_id = gone.organization_id
      and next.previous_valid_to = gone.valid_to`);
  return deleted?.count ?? 0;
}

/** Invitations that are still pending are kept, as if the run that the history begins with had seen them. */
async function deleteInvitations(
  tx: Database,
  { principalId, runId }: Checkpoint,
  rows: number,
): Promise<number> {
  const old = sql`principal_id = ${principalId} and last_run_id < ${runId}`;
  await tx.execute(sql`
    update rollcall.invitations as invitation set last_run_id = ${runId}
    where ${old} and exists (
      select from rollcall.memberships as membership
      where membership.principal_id = invitation.principal_id
        and membership.organization_id = invitation.organization_id
        and membership.ended_run_id is null and membership.status = 'invited'
    )`);
  return deleteSome(tx, { table: 'invitations', which: old, rows });
}

/**
 * The oldest first; the run after those that go is the first from then on. Ends before the first that a report is of
 * still, which is being sent again.
 */
async function deleteRuns(tx: Database, { principalId, runId }: Checkpoint, rows: number): Promise<number> {
  await tx.execute(sql`set constraints rollcall.runs_baseline_fkey deferred`);
  const told = sql`(
    select min(least(run_id, linked_by)) from rollcall.reports
    where principal_id = ${principalId} and (run_id < ${runId} or linked_by < ${runId})
  )`;
  const which = sql`principal_id = ${principalId} and id < least(${runId}, ${told})`;
  const deleted = await deleteSome(tx, { table: 'runs', which, rows });
  await tx.execute(sql`
    update rollcall.runs as next set baseline_run_id = null
    where principal_id = ${principalId} and id <= ${runId} and baseline_run_id is not null
      and not exists (select from rollcall.runs as known where known.id = next.baseline_run_id)`);
  return deleted;
}
