import { type Believed, conclude, concludeShort, type Held } from './conclude.ts';
import { type PrincipalConfig } from './config/principals.ts';
import { type Context } from './context.ts';
import { inRolledBackTransaction } from './database/rollback.ts';
import { describeError, RollcallError } from './domain/errors.ts';
import { type ClaimedRun, type ListingProof, type RunTrigger } from './domain/run.ts';
import { evidenceOf, observe } from './observe.ts';
import { type Claim, claimRun, type ShortEnd } from './schedule/claim.ts';
import { superviseRun } from './schedule/supervise.ts';

/** A run to be done: whose roll, and why now. */
export interface Order {
  principal: PrincipalConfig;
  trigger: RunTrigger;
  /** The instant at which it was due; `null` when started by hand. */
  slot: Date | null;
}

/** How it ended: believed, held, short of a snapshot, or before it began because somebody else has it or the slot is over. */
export type RunResult =
  | Believed
  | Held
  | { outcome: 'short'; run: ClaimedRun; state: ShortEnd['state']; error: unknown }
  | Exclude<Claim, { outcome: 'claimed' }>;

/** One run, from its claim to the reports it owes: this is what rollcall does every night. */
export async function runPrincipal(context: Context, order: Order): Promise<RunResult> {
  const claim = await claimRun(context.db, nameOrder(order), claimant(context));
  if (claim.outcome !== 'claimed') return claim;
  const { run } = claim;
  return superviseRun({ db: context.db, run, signal: context.signal }, async (signal) => {
    const client = context.connect(order.principal, signal);
    const proof: ListingProof[] = [];
    try {
      const sighting = await observe(client, context.db, proof);
      const findings = { sighting, evidence: evidenceOf(client, proof), setting: settingOf(context) };
      return await context.db.transaction((tx) => conclude(tx, run, findings));
    } catch (error) {
      const state = shortStateOf(error);
      const end = { state, error: describeError(error), evidence: evidenceOf(client, proof) };
      await context.db.transaction((tx) => concludeShort(tx, run, { end, setting: settingOf(context) }));
      return { outcome: 'short', run, state, error };
    }
  });
}

/** What a run would find now: done like any other, in a transaction that is taken back. Throws what would end it. */
export async function previewRun(context: Context, order: Order): Promise<RunResult> {
  const client = context.connect(order.principal, context.signal);
  const proof: ListingProof[] = [];
  const sighting = await observe(client, context.db, proof);
  return inRolledBackTransaction(context.db, async (tx) => {
    const claim = await claimRun(tx, nameOrder(order), claimant(context));
    if (claim.outcome !== 'claimed') return claim;
    return conclude(tx, claim.run, {
      sighting,
      evidence: evidenceOf(client, proof),
      setting: settingOf(context),
    });
  });
}

function shortStateOf(error: unknown): ShortEnd['state'] {
  const code = error instanceof RollcallError ? error.code : null;
  return code === 'incomplete' || code === 'timed_out' ? code : 'failed';
}

function nameOrder({ principal, trigger, slot }: Order) {
  return { principal: principal.name, trigger, slot };
}

function claimant({ worker, now }: Context) {
  return { worker, now: now() };
}

function settingOf({ config, now }: Context) {
  return { config, now: now() };
}
