import { and, desc, eq, inArray } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { type KnownPrincipal } from '../database/known-principal.ts';
import { departures, principals, reports, runs } from '../database/schema.ts';
import { sealRows } from '../database/seals.ts';
import { RollcallError } from '../domain/errors.ts';
import { didYouMean } from '../domain/nearest.ts';
import { type RunState } from '../domain/run.ts';
import { lockPrincipal } from './lock.ts';

/**
 * The principals of these names, kept to this transaction until it ends. Throws `usage` for a name that nobody has, and
 * names those that there are.
 */
export async function takePrincipals(tx: Database, names: readonly string[]): Promise<KnownPrincipal[]> {
  const isNamed = inArray(principals.name, [...names]);
  // By id, so that of two that wait for each other's none can come about.
  const found = await tx.select({ id: principals.id }).from(principals).where(isNamed).orderBy(principals.id);
  for (const { id } of found) await lockPrincipal(tx, id);
  // Read once more: whoever was waited for may have another name by now.
  const taken = await tx.select().from(principals).where(isNamed);
  const ids = new Set(found.map(({ id }) => id));
  const named = names.map((name) => taken.find((one) => one.name === name && ids.has(one.id)));
  const missing = names.filter((_, index) => named[index] === undefined);
  if (missing.length > 0) await refuseUnknown(tx, missing.join(' or '));
  return named.filter((principal) => principal !== undefined);
}

/** Throws `usage`, with the names that there are. */
export async function refuseUnknown(tx: Database, name: string): Promise<never> {
  const known = await tx.select({ name: principals.name }).from(principals).orderBy(principals.name);
  const names = known.map((one) => one.name);
  const there = names.length === 0 ? 'there is none yet' : `there are: ${names.join(', ')}`;
  throw new RollcallError(
    'usage',
    `The database knows no principal called ${name}; ${there}.${didYouMean(name, names)}`,
  );
}

/**
 * Moves what a principal without any complete run left behind to another: its runs, which give their slots back, their
 * reports, and its departures. Nothing is left of it, and it is removed. Returns how many runs moved.
 */
export async function absorbPrincipal(
  tx: Database,
  empty: KnownPrincipal,
  into: KnownPrincipal,
): Promise<number> {
  const moved = await tx
    .update(runs)
    .set({ principalId: into.id, abandoned: true })
    .where(eq(runs.principalId, empty.id))
    .returning({ id: runs.id });
  const told = await tx
    .update(reports)
    .set({ principalId: into.id })
    .where(eq(reports.principalId, empty.id))
    .returning({ id: reports.id });
  await sealRows(tx, 'runs', idsOf(moved));
  await sealRows(tx, 'reports', idsOf(told));
  await tx.update(departures).set({ principalId: into.id }).where(eq(departures.principalId, empty.id));
  await tx.delete(principals).where(eq(principals.id, empty.id));
  return moved.length;
}

function idsOf(rows: readonly { id: number }[]): number[] {
  return rows.map(({ id }) => id);
}

/** The principal's newest run in that state, or `null`. */
export async function findNewestRun(tx: Database, { id }: KnownPrincipal, state: RunState) {
  const [newest] = await tx
    .select({ id: runs.id, worker: runs.worker, finishedAt: runs.finishedAt })
    .from(runs)
    .where(and(eq(runs.principalId, id), eq(runs.state, state)))
    .orderBy(desc(runs.id))
    .limit(1);
  return newest ?? null;
}
