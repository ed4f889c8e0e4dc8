import path from 'node:path';
import { copyRows, countRows, type OnCopied } from '../database/copy.ts';
import { type Database, hasEmbedded, openEmbedded, type OpenDatabase } from '../database/database.ts';
import { markMoved } from '../database/moved.ts';
import { enqueueOwed } from '../deliver/owe.ts';
import { RollcallError } from '../domain/errors.ts';
import { verifyRecorded } from '../history/verify/recorded.ts';
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
  if ((await countRows(target)) > 0) {
    await requireSame(target, heads, to.description);
    return { rows: await countRows(target), owed: 0, heads };
  }
  await copyRows(source, target, onCopied);
  await requireSame(target, heads, to.description);
  const owed = await enqueueOwed(target, queue, now);
  return { rows: await countRows(target), owed, heads };
}

/** Throws where something of the history does not match. */
async function listHeads(db: Database, where: string): Promise<Moved['heads']> {
  const { principals, strays } = await verifyRecorded(db);
  const [wrong] = [...principals.flatMap(({ mismatch }) => mismatch ?? []), ...strays];
  if (wrong !== undefined)
    throw new RollcallError(
      'incomplete',
      `The history in ${where} does not match what was recorded: ${describeMismatch(wrong)}. Nothing was moved.`,
    );
  return principals.flatMap(({ principal, head }) => (head === null ? [] : [{ principal, ...head }]));
}

async function requireSame(target: Database, heads: Moved['heads'], description: string): Promise<void> {
  const there = await listHeads(target, `the ${description}`);
  if (JSON.stringify(there) === JSON.stringify(heads)) return;
  throw new RollcallError(
    'configuration',
    `The ${description} has a history already, which is another one. Move into an empty database; nothing was done.`,
  );
}
