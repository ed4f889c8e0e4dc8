import { type Listing, readListing } from './cloudflare/listing.ts';
import { type PrincipalConfig } from './config/principals.ts';
import { type Context } from './context.ts';
import { type Database } from './database/database.ts';
import { inRolledBackTransaction } from './database/rollback.ts';
import { oweReport } from './deliver/ledger.ts';
import { type Change } from './domain/change.ts';
import { describeError, RollcallError } from './domain/errors.ts';
import { type ClaimedRun, type Evidence, type RunTrigger } from './domain/run.ts';
import { listChanges } from './history/changes.ts';
import { composeReports } from './report/reports.ts';
import { type Claim, claimRun, endRunShort, type ShortEnd } from './schedule/claim.ts';
import { superviseRun } from './schedule/supervise.ts';
import { type StoredSnapshot, storeSnapshot } from './snapshot/store.ts';

/** A run to be done: whose roll, and why now. */
export interface Order {
  principal: PrincipalConfig;
  trigger: RunTrigger;
  /** The instant at which it was due; `null` when started by hand. */
  slot: Date | null;
}

/** How it ended: with a snapshot, short of one, or before it began because somebody else has the principal or had the slot. */
export type RunResult =
  | { outcome: 'complete'; snapshot: StoredSnapshot; changes: readonly Change[] }
  | { outcome: 'short'; run: ClaimedRun; state: ShortEnd['state']; error: unknown }
  | Exclude<Claim, { outcome: 'claimed' }>;

/** One run, from its claim to the reports it owes: this is what rollcall does every night. */
export async function runPrincipal(context: Context, order: Order): Promise<RunResult> {
  const claim = await claimRun(context.db, nameOrder(order), { worker: context.worker, now: context.now() });
  if (claim.outcome !== 'claimed') return claim;
  const { run } = claim;
  return superviseRun({ db: context.db, run, signal: context.signal }, async (signal) => {
    const client = context.connect(order.principal, signal);
    try {
      const listing = await readListing(client);
      return await context.db.transaction((tx) =>
        record(tx, run, { ...context, listing, sent: client.sent }),
      );
    } catch (error) {
      return endShort(context, run, { error, evidence: { ...client.sent, listings: 0, pages: 0 } });
    }
  });
}

/** What a run would find now: done like any other, in a transaction that is taken back. Throws what would end it. */
export async function previewRun(context: Context, order: Order): Promise<RunResult> {
  const client = context.connect(order.principal, context.signal);
  const listing = await readListing(client);
  return inRolledBackTransaction(context.db, async (tx) => {
    const claim = await claimRun(tx, nameOrder(order), { worker: context.worker, now: context.now() });
    if (claim.outcome !== 'claimed') return claim;
    return record(tx, claim.run, { ...context, listing, sent: client.sent });
  });
}

type Findings = Pick<Context, 'config' | 'now'> & {
  listing: Listing;
  sent: Pick<Evidence, 'requests' | 'retries'>;
};

/** Snapshot, changes, reports and the deliveries owed: together, or not at all. */
async function record(tx: Database, run: ClaimedRun, findings: Findings): Promise<RunResult> {
  const { config, listing, sent, now } = findings;
  const evidence = { ...sent, listings: 1, pages: listing.pages };
  const snapshot = await storeSnapshot(tx, run, { memberships: listing.memberships, evidence, now: now() });
  const changes = await listChanges(tx, { runId: run.id });
  for (const report of composeReports(describeRun(snapshot), changes, config.audiences)) {
    const about = { runId: run.id, principalId: run.principalId, createdAt: snapshot.finishedAt };
    await oweReport(tx, { ...report, ...about }, config.mailFrom);
  }
  return { outcome: 'complete', snapshot, changes };
}

function describeRun({ run, baseline, finishedAt, counts, chain }: StoredSnapshot) {
  return {
    runId: run.id,
    principal: run.principal,
    baselineRunId: baseline?.runId ?? null,
    finishedAt,
    window: baseline === null ? null : { notBefore: baseline.startedAt, notAfter: finishedAt },
    ...counts,
    chain,
  };
}

async function endShort(
  context: Context,
  run: ClaimedRun,
  { error, evidence }: { error: unknown; evidence: Evidence },
): Promise<RunResult> {
  const code = error instanceof RollcallError ? error.code : null;
  const state = code === 'incomplete' || code === 'timed_out' ? code : 'failed';
  await endRunShort(context.db, run, { state, error: describeError(error), evidence, now: context.now() });
  return { outcome: 'short', run, state, error };
}

function nameOrder({ principal, trigger, slot }: Order) {
  return { principal: principal.name, trigger, slot };
}
