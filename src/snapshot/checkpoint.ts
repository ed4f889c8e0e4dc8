import { sql } from 'drizzle-orm';
import { readInBatches } from '../database/batches.ts';
import { type Database, queryRows } from '../database/database.ts';
import { readJsonRow } from '../database/json-rows.ts';
import { nothingIsLinkedAcross } from '../database/linked-across.ts';
import { startDigest } from '../domain/digest.ts';
import { type JsonRow, sinceLine } from '../domain/seal.ts';
import { lockPrincipal } from './lock.ts';

/** Where a principal's history begins: a complete run that is kept, whatever is pruned before it. */
export interface Checkpoint {
  principalId: number;
  runId: number;
}

/**
 * Lets a principal's history begin at the newest complete run that ended before `before`, as far as nothing that is still
 * owed, or reported of since, lies before it. What is current belongs to that run from then on. Returns where the history
 * begins now; `null` where it begins at its first run.
 */
export async function moveCheckpoint(
  tx: Database,
  principalId: number,
  { before, now }: { before: Date; now: Date },
): Promise<Checkpoint | null> {
  await lockPrincipal(tx, principalId);
  const [known] = await queryRows<{ runId: number }>(
    tx,
    sql`select run_id::float8 as "runId" from rollcall.checkpoints where principal_id = ${principalId}`,
  );
  const next = await findNext(tx, principalId, { before, after: known?.runId ?? 0 });
  if (next === null) return known === undefined ? null : { principalId, runId: known.runId };
  await takeOverRoll(tx, { principalId, runId: next });
  const rollDigest = await digestRollSince(tx, { principalId, runId: next });
  await tx.execute(sql`
    insert into rollcall.checkpoints (principal_id, run_id, previous_chain, baseline_run_id, roll_digest, made_at)
    select run.principal_id, run.id, previous.chain, previous.id, ${rollDigest}, ${now.toISOString()}::timestamptz
    from rollcall.runs as run
    join rollcall.runs as previous on previous.principal_id = run.principal_id and previous.id = run.baseline_run_id
    where run.id = ${next}
    on conflict (principal_id) do update set
      run_id = excluded.run_id, previous_chain = excluded.previous_chain, baseline_run_id = excluded.baseline_run_id,
      roll_digest = excluded.roll_digest, made_at = excluded.made_at`);
  return { principalId, runId: next };
}

async function findNext(
  tx: Database,
  principalId: number,
  { before, after }: { before: Date; after: number },
): Promise<number | null> {
  const [next] = await queryRows<{ id: number }>(
    tx,
    sql`
      select id::float8 from rollcall.runs as run
      where principal_id = ${principalId} and state = 'complete' and baseline_run_id is not null
        and id > ${after} and finished_at < ${before.toISOString()}::timestamptz
        and ${nothingIsLinkedAcross('run')}
        and not exists (
          select from rollcall.reports as report
          where report.principal_id = run.principal_id and (
            (report.run_id < run.id and (report.linked_by is null or report.linked_by > run.id))
            or (report.linked_by <= run.id and exists (
              select from rollcall.deliveries as delivery
              where delivery.report_id = report.id and delivery.state in ('pending', 'unknown')
            ))
          )
        )
      order by id desc limit 1`,
  );
  return next?.id ?? null;
}

/** The intervals that hold at the run are its own from now on, and so are the invitations that are still known. */
async function takeOverRoll(tx: Database, { principalId, runId }: Checkpoint): Promise<void> {
  await tx.execute(sql`
    update rollcall.memberships set first_run_id = ${runId}
    where principal_id = ${principalId} and first_run_id < ${runId} and (ended_run_id is null or ended_run_id > ${runId})`);
}

async function digestRollSince(tx: Database, { principalId, runId }: Checkpoint): Promise<string> {
  const digest = startDigest();
  const roll = sql`
    select to_jsonb(membership) as row from (
      select organization_id, valid_from from rollcall.memberships
      where principal_id = ${principalId} and first_run_id = ${runId}
    ) as membership
    order by organization_id collate "C"`;
  for await (const rows of readInBatches<{ row: JsonRow }>(tx, roll))
    for (const { row } of rows) digest.add(sinceLine(readJsonRow(row, ['valid_from'])));
  return digest.end();
}
