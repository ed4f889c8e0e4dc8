import { type Client } from './cloudflare/http/client.ts';
import {
  type Believed,
  conclude,
  concludeShort,
  type Findings,
  type Held,
  type Moved,
} from './pipeline/conclude.ts';
import { type PrincipalConfig } from './config/principals.ts';
import { type Context } from './context.ts';
import { logDeadRun } from './context/dead-runs.ts';
import { type Database } from './database/database.ts';
import { inRolledBackTransaction } from './database/rollback.ts';
import { describeError } from './domain/errors.ts';
import { type ClaimedRun, type ListingProof, type RunTrigger } from './domain/run.ts';
import { evidenceOf, observe } from './pipeline/observe.ts';
import { withPings } from './pipeline/ping.ts';
import { type Claim, claimRun, type DeadRun, type RunOrder } from './schedule/claim.ts';
import { planShortEnd, type ShortState } from './schedule/short-end.ts';
import { superviseRun } from './schedule/supervise.ts';

/** A run to be done: whose roll, and why now. */
export interface Order {
  principal: PrincipalConfig;
  trigger: RunTrigger;
  /** The instant at which it was due; `null` when started by hand. */
  slot: Date | null;
}

/**
 * How it ended: believed, held, short of a snapshot, interrupted (as if it had not been: another may take its place),
 * or before it began because somebody else has it, the slot is over, or the principal is retired.
 */
export type RunResult =
  | Believed
  | Held
  | { outcome: 'short'; run: ClaimedRun; state: ShortState; error: unknown }
  | { outcome: 'interrupted'; run: ClaimedRun; error: unknown }
  | Exclude<Claim, { outcome: 'claimed' }>;

/** One run, from its claim to the reports it owes: this is what rollcall does every night. */
export async function runPrincipal(context: Context, order: Order): Promise<RunResult> {
  const log = context.log.child({ principal: order.principal.name });
  const onDead = (dead: DeadRun) => logDeadRun(log, dead);
  const claim = await claimRun(context.db, nameOrder(order), { ...claimant(context), onDead });
  if (claim.outcome !== 'claimed') return claim;
  const { run } = claim;
  const work = (signal: AbortSignal) => doRun({ ...context, signal }, order, run);
  return withPings(context, order.principal, () =>
    superviseRun({ db: context.db, run, signal: context.signal }, work),
  );
}

async function doRun(context: Context, { principal }: Order, run: ClaimedRun): Promise<RunResult> {
  const client = context.connect(principal, context.signal);
  const proof: ListingProof[] = [];
  try {
    return await lookAndSettle(context, { client, proof }, (findings) =>
      context.db.transaction((tx) => conclude(tx, run, findings)),
    );
  } catch (error) {
    const { state, abandoned, code } = planShortEnd(error);
    const end = { state, abandoned, error: describeError(error), code, evidence: evidenceOf(client, proof) };
    await context.db.transaction((tx) => concludeShort(tx, run, { end, setting: settingOf(context) }));
    return abandoned ? { outcome: 'interrupted', run, error } : { outcome: 'short', run, state, error };
  }
}

/** The id of a run that is taken back: the last that there can be, so that it takes none of those that are kept. */
export const previewId = Number.MAX_SAFE_INTEGER;

/**
 * What a run would find now: done like any other, in a transaction that is taken back. Throws what would end it. `look` sees
 * the database as the run would leave it; where the run has to look again, it is called again.
 */
export async function previewRun(
  context: Context,
  order: Order,
  look: (tx: Database) => Promise<void> = () => Promise.resolve(),
): Promise<RunResult> {
  const client = context.connect(order.principal, context.signal);
  return lookAndSettle(context, { client, proof: [] }, (findings) =>
    inRolledBackTransaction(context.db, async (tx) => {
      const claim = await claimRun(
        tx,
        { ...nameOrder(order), id: previewId },
        { ...claimant(context), now: findings.setting.now },
      );
      if (claim.outcome !== 'claimed') return claim;
      const ending = await conclude(tx, claim.run, findings);
      await look(tx);
      return ending;
    }),
  );
}

/** Looks, and settles what was found; looks again when the baseline moved in between. */
async function lookAndSettle<Ending extends { outcome: string }>(
  context: Context,
  { client, proof }: { client: Client; proof: ListingProof[] },
  settle: (findings: Findings) => Promise<Ending | Moved>,
): Promise<Exclude<Ending, Moved>> {
  for (;;) {
    const sighting = await observe(client, context.db, proof);
    const evidence = evidenceOf(client, proof);
    const ending = await settle({ sighting, evidence, setting: settingOf(context) });
    if (ending.outcome !== 'moved') return ending as Exclude<Ending, Moved>;
  }
}

/** What is to be claimed for an order. */
export function nameOrder({ principal, trigger, slot }: Order): RunOrder {
  return { principal: principal.name, source: principal.source, trigger, slot };
}

function claimant({ worker, now }: Context) {
  return { worker, now: now() };
}

function settingOf({ config, queue, now }: Context) {
  return { config, queue, now: now() };
}
