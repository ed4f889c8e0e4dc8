import path from 'node:path';
import { sql } from 'drizzle-orm';
import { type PgTable } from 'drizzle-orm/pg-core';
import { readInBatches } from '../database/batches.ts';
import { copyRows, countRows, type OnCopied } from '../database/copy.ts';
import {
  type Database,
  hasEmbedded,
  openEmbedded,
  type OpenDatabase,
  queryRows,
} from '../database/database.ts';
import { markMoved } from '../database/moved.ts';
import { principals, reports, runs } from '../database/schema.ts';
import { enqueueOwed } from '../deliver/owe.ts';
import { startDigest } from '../domain/digest.ts';
import { RollcallError } from '../domain/errors.ts';
import { findRunByChain, verifyRecorded } from '../history/verify/recorded.ts';
import { describeMismatch } from '../history/verify/mismatch.ts';
import { type Queue } from '../queue/queue.ts';
import { requireCurrent } from './database.ts';

/** Where to, and when. */
export interface Move {
  /** Migrated, and empty. */
  to: OpenDatabase;
  queue: Pick<Queue, 'enqueue'>;
  now: Date;
  onCopied?: OnCopied;
}

/** What was moved. */
export interface Moved {
  /** Rows that the other database has now. */
  rows: number;
  /** Mails that are still to be sent, from there. */
  owed: number;
  /** Of each principal: where its chain ends on both sides. */
  heads: readonly { principal: string; runId: number; chain: string }[];
}

/** The folder of an embedded database: itself, or the data folder that it is in. Throws `usage` where there is none. */
export function findEmbedded(folder: string): string {
  const found = [folder, path.join(folder, 'pglite')].find(hasEmbedded);
  if (found !== undefined) return path.resolve(found);
  throw new RollcallError('usage', `There is no embedded database in ${folder}; nothing was done.`);
}

/**
 * Copies the history of an embedded database, its ledger and the mail that is still to be sent, all of it or nothing, and
 * marks the folder as moved. The history is verified on both sides. Throws `configuration` where the other database has a
 * history already, unless that is this one, copied by a process that died before it could say so.
 */
export async function moveFromEmbedded(folder: string, move: Move): Promise<Moved> {
  await using parts = new AsyncDisposableStack();
  const from = parts.adopt(await openEmbedded(folder), (part) => part.close());
  await requireCurrent({ db: from.db, databaseDescription: `${from.description}, without DATABASE_URL` });
  const moved = await from.db.transaction(
    (source) => move.to.db.transaction((target) => copyVerified(source, target, move)),
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
  markMoved(folder, `Moved to the ${move.to.description} at ${move.now.toISOString()}.`);
  return moved;
}

async function copyVerified(
  source: Database,
  target: Database,
  { to, queue, now, onCopied }: Move,
): Promise<Moved> {
  const heads = await listHeads(source, 'the embedded database');
  // Until this ends nobody else begins a history there, be it by a run or a move.
  await target.execute(sql`lock table ${principals} in share row exclusive mode`);
  const isEmpty = (await countRows(target)) === 0;
  if (isEmpty) await copyRows(source, target, { ...(onCopied && { onCopied }) });
  await listHeads(target, `the ${to.description}`);
  if (!(await hasAllOf(target, source, heads)))
    throw new RollcallError(
      'configuration',
      `The ${to.description} has a history already, which is another one. Move into an empty database; nothing was done.`,
    );
  const owed = isEmpty ? await enqueueOwed(target, queue, now) : 0;
  return { rows: await countRows(target), owed, heads };
}

/** Throws where something of the history does not match. */
async function listHeads(db: Database, where: string): Promise<Moved['heads']> {
  const { principals: found, strays } = await verifyRecorded(db);
  const [wrong] = [...found.flatMap(({ mismatch }) => mismatch ?? []), ...strays];
  if (wrong !== undefined)
    throw new RollcallError(
      'incomplete',
      `The history in ${where} does not match what was recorded: ${describeMismatch(wrong)}. Nothing was moved.`,
    );
  return found.flatMap(({ principal, head }) => (head === null ? [] : [{ principal, ...head }]));
}

/** Whether a history is that of the source: it may have gone on since. */
async function hasAllOf(target: Database, source: Database, heads: Moved['heads']): Promise<boolean> {
  for (const { chain } of heads) if ((await findRunByChain(target, chain)) === null) return false;
  for (const table of [principals, runs, reports]) {
    const [newest] = await queryRows<{ id: number }>(
      source,
      sql`select coalesce(max(id), 0)::float8 as id from ${table}`,
    );
    const upTo = newest?.id ?? 0;
    if ((await digestBeginnings(source, table, upTo)) !== (await digestBeginnings(target, table, upTo)))
      return false;
  }
  return true;
}

/** Over which rows there are and since when: what of them stays as it is, whatever comes later. */
async function digestBeginnings(db: Database, table: PgTable, upTo: number): Promise<string> {
  const since = sql.raw(table === runs ? 'started_at' : 'created_at');
  const digest = startDigest();
  const rows = sql`select concat_ws(' ', id, ${since}) as line from ${table} where id <= ${upTo} order by id`;
  for await (const batch of readInBatches<{ line: string }>(db, rows))
    for (const { line } of batch) digest.add(line);
  return digest.end();
}
