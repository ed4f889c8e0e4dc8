import { eq, sql } from 'drizzle-orm';
import { type Database, queryRows } from '../database/database.ts';
import { principals } from '../database/schema.ts';
import { tryAgainForMs } from '../deliver/owe.ts';
import { listPrincipals, type PrincipalStanding } from '../history/principals.ts';
import { listRuns } from '../history/runs.ts';
import { findTrouble, type Trouble } from '../history/trouble.ts';
import { listWorkers, type SeenWorker } from '../schedule/workers.ts';
import { findLastUserId } from '../snapshot/baseline.ts';
import { type PastNight, readPastNights } from './past-nights.ts';
import { lookOnly } from './read-only.ts';

/** What the history says that bears on tonight. */
export interface History {
  /** By name; without those that it has never heard of. */
  principals: ReadonlyMap<string, PrincipalHistory>;
  /** Everybody that it has heard of, configured or not. */
  everybody: readonly PrincipalStanding[];
  mail: OwedMail;
  /** Everybody's runs of the last thirty days. */
  nights: readonly PastNight[];
  /** The processes that run jobs, the one seen last first. */
  workers: readonly SeenWorker[];
  /** On how many of the last seven days a complete run was not started by a worker's schedule. */
  startedOtherwise: number;
}

/** One principal's past: when it was last seen whole, what failed since, and what waits for a decision. */
export interface PrincipalHistory extends Pick<Trouble, 'lastComplete' | 'lastCompleteAt' | 'missedRuns'> {
  knownSince: Date;
  retiredAt: Date | null;
  /** The Cloudflare user of the newest complete run that could tell. */
  lastUserId: string | null;
  /** The run that waits for a decision. */
  held: { runId: number; startedAt: Date; reason: string } | null;
}

/** Deliveries. */
export interface OwedMail extends Record<string, unknown> {
  owed: number;
  /** Refused or given up in the last thirty days. */
  undelivered: number;
}

/** The history of a database that has none yet: no principals, and no mail to be sent. */
export const emptyHistory: History = {
  principals: new Map(),
  everybody: [],
  mail: { owed: 0, undelivered: 0 },
  nights: [],
  workers: [],
  startedOtherwise: 0,
};

/**
 * Reads what the history says of the named principals and of mail, as of `now`. Changes nothing; on PostgreSQL each
 * query has ten seconds.
 */
export function readHistory(db: Database, names: readonly string[], now: Date): Promise<History> {
  return lookOnly(db, async (tx) => {
    const known = new Map<string, PrincipalHistory>();
    for (const name of names) {
      const found = await readPrincipal(tx, name);
      if (found !== null) known.set(name, found);
    }
    const everybody = await listPrincipals(tx);
    const mail = await readOwedMail(tx, now);
    const nights = await readPastNights(tx, now);
    const workers = await listWorkers(tx);
    return {
      principals: known,
      everybody,
      mail,
      nights,
      workers,
      startedOtherwise: await countOtherDays(tx),
    };
  });
}

async function readPrincipal(tx: Database, name: string): Promise<PrincipalHistory | null> {
  const [principal] = await tx.select().from(principals).where(eq(principals.name, name));
  if (principal === undefined) return null;
  const { lastComplete, lastCompleteAt, missedRuns } = await findTrouble(tx, principal.id);
  const [held] = await listRuns(tx, { principal: name, state: 'held', limit: 1 });
  return {
    knownSince: principal.createdAt,
    retiredAt: principal.retiredAt,
    lastComplete,
    lastCompleteAt,
    missedRuns,
    lastUserId: await findLastUserId(tx, name),
    held: held === undefined ? null : { runId: held.id, startedAt: held.startedAt, reason: held.error ?? '' },
  };
}

async function countOtherDays(tx: Database): Promise<number> {
  const [found] = await queryRows<{ days: number }>(
    tx,
    sql`
      select count(distinct date_trunc('day', finished_at))::int as days from rollcall.runs
      where state = 'complete' and trigger = 'manual' and finished_at > now() - interval '7 days'`,
  );
  return found?.days ?? 0;
}

async function readOwedMail(tx: Database, now: Date): Promise<OwedMail> {
  const givenUpBefore = new Date(now.getTime() - tryAgainForMs).toISOString();
  const [mail] = await queryRows<OwedMail>(
    tx,
    sql`
      with delivery as (
        select
          state in ('pending', 'unknown') and (owed_since > ${givenUpBefore}::timestamptz or attempts = 0) as is_owed,
          owed_since
        from rollcall.deliveries where state <> 'sent'
      )
      select
        (count(*) filter (where is_owed))::int as owed,
        (
          count(*) filter (where not is_owed and owed_since > ${now.toISOString()}::timestamptz - interval '30 days')
        )::int as undelivered
      from delivery`,
  );
  return mail ?? emptyHistory.mail;
}
