import pLimit from 'p-limit';
import { type PrincipalConfig } from '../config/principals.ts';
import { type Context } from '../context.ts';
import { explainFullDisk } from '../database/explain.ts';
import { type RunTrigger } from '../domain/run.ts';
import { type Order, runPrincipal, type RunResult } from '../pipeline.ts';

/** How many principals one process reads side by side; each has a budget of requests of its own. */
export const principalsAtOnce = 4;

/** A slot that is due, or was missed, and those whose runs are due in it. */
export interface DueSlot {
  slot: Date;
  trigger: 'schedule' | 'catch_up';
  principals: readonly Pick<PrincipalConfig, 'name'>[];
}

/** Enqueues one run for each principal. However many workers do so, it waits once; `runs` refuses a second one. */
export async function enqueueSlot(
  { db, queue }: Pick<Context, 'db' | 'queue'>,
  { slot, trigger, principals }: DueSlot,
): Promise<void> {
  const due = slot.toISOString();
  const jobs = principals.map(({ name }) => ({
    key: `${due} ${name}`,
    data: { principal: name, slot: due, trigger },
  }));
  await queue.enqueue(db, 'snapshot', jobs);
}

/** What came of one principal's roll; `error` is what nobody expected. */
export type RollCall = { principal: string } & (RunResult | { outcome: 'error'; error: unknown });

/** Whose roll to call now, and why; `slot` is `null` when started by hand. */
export interface RollCallOrder {
  principals: readonly PrincipalConfig[];
  trigger: RunTrigger;
  slot: Date | null;
}

/** Runs every principal in this process, a few side by side. One that fails does not keep the others from theirs. */
export async function callTheRoll(
  context: Context,
  { principals, trigger, slot }: RollCallOrder,
  run: (context: Context, order: Order) => Promise<RunResult> = runPrincipal,
): Promise<RollCall[]> {
  const limit = pLimit(principalsAtOnce);
  const call = (principal: PrincipalConfig) =>
    callOne(context, () => run(context, { principal, trigger, slot }), principal.name);
  return Promise.all(principals.map((principal) => limit(call, principal)));
}

/** Calls one principal's roll. Never rejects: an error is what came of it, and the others go on. */
export async function callOne(
  { databaseDescription }: Pick<Context, 'databaseDescription'>,
  run: () => Promise<RunResult>,
  principal: string,
): Promise<RollCall> {
  try {
    return { principal, ...(await run()) };
  } catch (error) {
    return { principal, outcome: 'error', error: explainFullDisk(error, databaseDescription) };
  }
}
