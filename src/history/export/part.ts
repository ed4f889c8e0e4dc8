import { sql, type SQL } from 'drizzle-orm';
import { readInBatches } from '../../database/batches.ts';
import { type Database, queryRows } from '../../database/database.ts';
import { readJsonRow } from '../../database/json-rows.ts';
import { nothingIsLinkedAcross } from '../../database/linked-across.ts';
import { startDigest } from '../../domain/digest.ts';
import { type JsonRow } from '../../domain/seal.ts';
import { findPrincipalId } from '../known.ts';
import { type HistoryRows, type HistoryTable, readHistoryRows, readRowsWhere } from '../rows.ts';
import { sinceLine } from '../../domain/seal.ts';

/** Which part of the history to read, and as of when that is. */
export interface PartOptions {
  /** By name. Default: all. */
  principal?: string;
  /** Runs that ended at this time or later, and the one that they began from. Default: from the beginning. */
  since?: Date;
  /** Runs that ended before this time. Default: to the end. */
  until?: Date;
  now: Date;
}

/** Between which runs the part of a principal lies. */
interface Bounds {
  principalId: number;
  /** The complete run that it begins with, the last one before `since`; 0 where it begins at the beginning. */
  firstId: number;
  /** The complete run that it ends with; 0 where there is none before `until`. */
  lastId: number;
}

/**
 * Reads a part of the history so that it can be verified by itself: of each principal it begins with a checkpoint at the
 * last complete run before, as where what was before is pruned, and ends as the history stood then, so that nothing in it
 * refers to a later run. Call it within a transaction that is `repeatable read`.
 */
export async function readPartRows(tx: Database, options: PartOptions): Promise<HistoryRows> {
  const principalId =
    options.principal === undefined ? undefined : await findPrincipalId(tx, options.principal);
  if (options.since === undefined && options.until === undefined)
    return readHistoryRows(tx, principalId, 'one by one');
  const bounds = await readBounds(tx, options, principalId);
  const of = new Map(bounds.map((one) => [one.principalId, one]));
  const stored = readRowsWhere(tx, (table) => within(table, bounds, options), 'one by one');
  return {
    async *read(table) {
      if (table === 'checkpoints') yield* readCheckpoints(tx, bounds, options.now);
      else
        for await (const row of stored.read(table))
          yield cut(table, row, of.get(row['principal_id'] as number));
    },
  };
}

async function readBounds(
  tx: Database,
  { since, until }: PartOptions,
  principalId: number | undefined,
): Promise<Bounds[]> {
  const newestBefore = (instant: Date, which: SQL) => sql`(
    select max(id) from rollcall.runs as run
    where principal_id = one.id and state = 'complete' and finished_at < ${instant.toISOString()}::timestamptz and ${which}
  )`;
  const first = since === undefined ? sql`0` : newestBefore(since, nothingIsLinkedAcross('run'));
  const last = until === undefined ? sql`${Number.MAX_SAFE_INTEGER}::bigint` : newestBefore(until, sql`true`);
  const whose = principalId === undefined ? sql`true` : sql`one.id = ${principalId}`;
  return queryRows<Bounds & Record<string, unknown>>(
    tx,
    sql`
      select
        one.id::float8 as "principalId", coalesce(${first}, 0)::float8 as "firstId", coalesce(${last}, 0)::float8 as "lastId"
      from rollcall.principals as one where ${whose} order by one.id`,
  );
}

/** Which rows of a table are in the part. */
function within(
  table: HistoryTable,
  bounds: readonly Bounds[],
  { principal, since, until }: PartOptions,
): SQL {
  const inPeriod = (column: string) => sql`(
    ${since === undefined ? sql`true` : sql`${sql.raw(column)} >= ${since.toISOString()}::timestamptz`}
    and ${until === undefined ? sql`true` : sql`${sql.raw(column)} < ${until.toISOString()}::timestamptz`}
  )`;
  const ended = until === undefined ? sql`true` : sql`one.finished_at < ${until.toISOString()}::timestamptz`;
  const conditions: Readonly<Record<Exclude<HistoryTable, 'checkpoints'>, SQL>> = {
    principals: sql`one.id = part."principalId"`,
    runs: sql`one.id >= part."firstId" and ${ended}`,
    memberships: sql`
      one.first_run_id <= part."lastId" and (one.ended_run_id is null or one.ended_run_id > part."firstId")`,
    changes: sql`one.run_id > part."firstId" and one.run_id <= part."lastId"`,
    reports: sql`
      (one.linked_by is null or one.linked_by > part."firstId")
      and (one.linked_by <= part."lastId" or ${inPeriod('one.created_at')})`,
  };
  if (table === 'checkpoints') return sql`true`;
  const whose = table === 'principals' ? sql`true` : sql`one.principal_id = part."principalId"`;
  const isInPart = sql`exists (
    select from jsonb_to_recordset(${JSON.stringify(bounds)}::jsonb)
      as part ("principalId" bigint, "firstId" bigint, "lastId" bigint)
    where ${whose} and ${conditions[table]}
  )`;
  if (table !== 'reports' || principal !== undefined) return isInPart;
  return sql`(${isInPart} or (one.principal_id is null and ${inPeriod('one.created_at')}))`;
}

/** A row as it stood at the last run of the part, and as it stands where what was before the first is not there. */
function cut(table: HistoryTable, row: JsonRow, bounds: Bounds | undefined): JsonRow {
  if (bounds === undefined) return row;
  const { firstId, lastId } = bounds;
  const isLater = (column: string) => row[column] !== null && Number(row[column]) > lastId;
  if ((table === 'runs' || table === 'reports') && isLater('linked_by')) return { ...row, linked_by: null };
  if (table !== 'memberships') return row;
  const begun = { ...row, first_run_id: Math.max(Number(row['first_run_id']), firstId) };
  return isLater('ended_run_id') ? { ...begun, ended_run_id: null, valid_to: null } : begun;
}

/** Those that are stored, and one for each principal whose part begins at a later run. */
async function* readCheckpoints(tx: Database, bounds: readonly Bounds[], now: Date): AsyncGenerator<JsonRow> {
  const stored = new Map<unknown, JsonRow>();
  for await (const row of readHistoryRows(tx).read('checkpoints')) stored.set(row['principal_id'], row);
  for (const { principalId, firstId } of bounds) {
    const checkpoint = stored.get(principalId);
    if (checkpoint !== undefined && (firstId === 0 || checkpoint['run_id'] === firstId)) yield checkpoint;
    else if (firstId > 0) yield await makeCheckpoint(tx, { principalId, firstId }, now);
  }
}

async function makeCheckpoint(
  tx: Database,
  { principalId, firstId }: Pick<Bounds, 'principalId' | 'firstId'>,
  now: Date,
): Promise<JsonRow> {
  const [before] = await queryRows(
    tx,
    sql`
      select run.baseline_run_id::float8 as baseline_run_id, before.chain as previous_chain
      from rollcall.runs as run left join rollcall.runs as before on before.id = run.baseline_run_id
      where run.id = ${firstId}`,
  );
  const digest = startDigest();
  const roll = sql`
    select jsonb_build_object('organization_id', organization_id, 'valid_from', valid_from) as row
    from rollcall.memberships
    where principal_id = ${principalId} and first_run_id <= ${firstId}
      and (ended_run_id is null or ended_run_id > ${firstId})
    order by organization_id collate "C"`;
  for await (const batch of readInBatches<{ row: JsonRow }>(tx, roll))
    for (const { row } of batch) digest.add(sinceLine(readJsonRow(row, ['valid_from'])));
  return {
    principal_id: principalId,
    run_id: firstId,
    baseline_run_id: null,
    previous_chain: null,
    ...before,
    roll_digest: digest.end(),
    made_at: now.toISOString(),
  };
}
