import { and, desc, eq, sql, type SQL } from 'drizzle-orm';
import { type Database, queryRows } from '../database/database.ts';
import { keepPrincipal } from '../database/known-principal.ts';
import { principals, runs } from '../database/schema.ts';
import { sealRows } from '../database/seals.ts';
import { type ClaimedRun, type Evidence, type RunSource, type RunTrigger } from '../domain/run.ts';
import { visible } from '../domain/visible.ts';
import { type ShortState } from './short-end.ts';

/** What is to be run. */
export interface RunOrder {
  principal: string;
  trigger: RunTrigger;
  /** Which endpoint its listing is to be read from. */
  source: RunSource;
  /** The instant at which it was due; `null` when started by hand. */
  slot: Date | null;
  /** The run's id, where it is not to take one. Default: the next one. */
  id?: number;
}

/**
 * Claimed; or another worker has the principal, be it for this slot; or the slot has had its run, which has ended; or the
 * principal is retired, and has no runs any more.
 */
export type Claim =
  | { outcome: 'claimed'; run: ClaimedRun }
  | { outcome: 'busy'; runId: number; worker: string | null; startedAt: Date }
  | { outcome: 'slot_taken'; runId: number }
  | { outcome: 'retired'; since: Date };

/** Seconds without a heartbeat after which a run's process counts as dead. */
export const heartbeatLimitSeconds = 60;

/** A run that was under way when its process died. */
export interface DeadRun {
  run: number;
  worker: string | null;
}

/** Who claims, and when. */
export interface Claimant {
  worker: string;
  now: Date;
  /** Told of each run of the principal that was recorded as failed on the way, since its process died. */
  onDead?: (dead: DeadRun) => void;
}

/**
 * Claims the run of a principal for `worker`, in one transaction: at most one runs at a time anywhere, and a slot
 * runs once. A run whose process died is recorded as failed first.
 */
export async function claimRun(db: Database, order: RunOrder, by: Claimant): Promise<Claim> {
  const { claim, dead } = await claimOverTheDead(db, order, by);
  for (const one of dead) by.onDead?.(one);
  return claim;
}

async function claimOverTheDead(
  db: Database,
  order: RunOrder,
  by: Claimant,
): Promise<{ claim: Claim; dead: DeadRun[] }> {
  return db.transaction(async (tx) => {
    const principal = await keepPrincipal(tx, order.principal, by.now);
    const dead = await abandonDeadRuns(tx, by.now, principal.id);
    if (principal.retiredAt !== null) {
      return { claim: { outcome: 'retired', since: principal.retiredAt }, dead };
    }
    for (;;) {
      const run = await startRun(tx, principal, { order, by });
      if (run !== null) return { claim: { outcome: 'claimed', run }, dead };
      const holder = await findHolder(tx, principal.id, order.slot);
      // The run that was in the way has ended since.
      if (holder !== null) return { claim: holder, dead };
    }
  });
}

/** `null` when another run of the principal is in the way. */
async function startRun(
  tx: Database,
  principal: { id: number; name: string },
  { order, by }: { order: RunOrder; by: Claimant },
): Promise<ClaimedRun | null> {
  const { id, trigger, source, slot } = order;
  const due = sql`${slot?.toISOString() ?? null}::timestamptz`;
  const given =
    id === undefined ? { column: sql``, value: sql`` } : { column: sql`id, `, value: sql`${id}::bigint, ` };
  // It looks and inserts in one: an insert that an index refuses would have used up a run id, and who waits tries often.
  // Of two that look at the same time the indexes refuse one.
  const [started] = await queryRows<{ id: number }>(
    tx,
    sql`
      insert into rollcall.runs (${given.column}principal_id, trigger, source, slot, state, started_at, worker)
      overriding system value
      select ${given.value}${principal.id}::bigint, ${trigger}, ${source}, ${due}, 'running', ${by.now.toISOString()}::timestamptz, ${by.worker}
      where not exists (
        select from rollcall.runs
        where principal_id = ${principal.id} and (state = 'running' or (slot = ${due} and not abandoned))
      )
      on conflict do nothing
      returning id::float8`,
  );
  if (started === undefined) return null;
  return {
    id: started.id,
    principalId: principal.id,
    principal: principal.name,
    trigger,
    source,
    slot,
    startedAt: by.now,
  };
}

/** Records the runs whose process no longer says that it lives as failed, and returns them: the principal's, or everybody's. */
export async function abandonDeadRuns(db: Database, now: Date, principalId?: number): Promise<DeadRun[]> {
  const isDead = sql`${runs.heartbeatAt} < now() - make_interval(secs => ${heartbeatLimitSeconds})`;
  return abandonRuns(
    db,
    now,
    and(principalId === undefined ? undefined : eq(runs.principalId, principalId), isDead),
  );
}

/**
 * Records every run that is still under way as failed, and returns them. Only for a process that has the database to
 * itself and has just opened it: nobody else can be at work.
 */
export async function abandonAllRuns(db: Database, now: Date): Promise<DeadRun[]> {
  return abandonRuns(db, now);
}

async function abandonRuns(db: Database, now: Date, which?: SQL): Promise<DeadRun[]> {
  return db.transaction(async (tx) => {
    const dead = await tx
      .update(runs)
      .set({
        state: 'failed',
        abandoned: true,
        finishedAt: endAt(now),
        error: sql`'Its process (' || coalesce(${runs.worker}, 'unknown') || ') died in the middle of the run. Nothing of it was stored.'`,
      })
      .where(and(eq(runs.state, 'running'), which))
      .returning({ run: runs.id, worker: runs.worker });
    await sealRows(
      tx,
      'runs',
      dead.map(({ run }) => run),
    );
    return dead;
  });
}

/** A run ends after its start, whatever the clock says. */
function endAt(now: Date): SQL {
  return sql`greatest(${now.toISOString()}::timestamptz, ${runs.startedAt})`;
}

/** Whose run is in the way: the slot's, if it has ended, or else the one that is under way. */
async function findHolder(db: Database, principalId: number, slot: Date | null): Promise<Claim | null> {
  const [running] = await db
    .select({ id: runs.id, worker: runs.worker, startedAt: runs.startedAt })
    .from(runs)
    .where(and(eq(runs.principalId, principalId), eq(runs.state, 'running')))
    .orderBy(desc(runs.id))
    // One that is about to end is waited for, and is none then.
    .for('share');
  const [taken] =
    slot === null
      ? []
      : await db
          .select({ id: runs.id })
          .from(runs)
          .where(and(eq(runs.principalId, principalId), eq(runs.slot, slot), eq(runs.abandoned, false)));
  if (taken !== undefined && taken.id !== running?.id) return { outcome: 'slot_taken', runId: taken.id };
  if (running === undefined) return null;
  return { outcome: 'busy', runId: running.id, worker: running.worker, startedAt: running.startedAt };
}

/** Says that the run's process lives. Returns whether the run is still its own. */
export async function beat(db: Database, runId: number): Promise<boolean> {
  const beaten = await db
    .update(runs)
    .set({ heartbeatAt: sql`now()` })
    .where(and(eq(runs.id, runId), eq(runs.state, 'running')))
    .returning({ id: runs.id });
  return beaten.length > 0;
}

/** How a run ended that did not come to a snapshot. */
export interface ShortEnd {
  state: ShortState;
  error: string;
  evidence: Evidence;
  now: Date;
  /** Whether something came in between, so that another run may take the slot. Default: no. */
  abandoned?: boolean;
}

/**
 * Records that a run ended without a snapshot, and why, whatever the text: an ending that cannot be stored would leave the
 * run under way. Leaves a run alone that was taken over in the meantime, and
 * returns whether it was still the worker's own.
 */
export async function endRunShort(
  db: Database,
  run: ClaimedRun,
  { state, error, evidence, now, abandoned = false }: ShortEnd,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const ended = await tx
      .update(runs)
      .set({ state, error: visible(error, Infinity), abandoned, ...evidence, finishedAt: endAt(now) })
      .where(and(eq(runs.id, run.id), eq(runs.state, 'running')))
      .returning({ id: runs.id });
    if (ended.length > 0) await sealRows(tx, 'runs', [run.id]);
    return ended.length > 0;
  });
}

/** The principals for which a slot has had its run, or is having it. */
export async function listPrincipalsThatRan(db: Database, slot: Date): Promise<string[]> {
  const found = await db
    .select({ name: principals.name })
    .from(runs)
    .innerJoin(principals, eq(principals.id, runs.principalId))
    .where(and(eq(runs.slot, slot), eq(runs.abandoned, false)));
  return found.map(({ name }) => name);
}
