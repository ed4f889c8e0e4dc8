import pLimit from 'p-limit';
import { selectPrincipals } from '../src/config.ts';
import { type PrincipalConfig } from '../src/config/principals.ts';
import { type Context } from '../src/context.ts';
import { deliverOwed } from '../src/deliver/deliver.ts';
import { describeError } from '../src/domain/errors.ts';
import { type RunTrigger } from '../src/domain/run.ts';
import { type Order, runPrincipal, type RunResult } from '../src/pipeline.ts';
import { logAttempts } from './deliver.ts';
import { type Job } from './job.ts';

/** How many principals are read side by side; each has a budget of requests of its own. */
const principalsAtOnce = 4;

/** Nightly: every principal's roll, and at once the mail that it owes. */
export const snapshotJob: Job = {
  name: 'snapshot',
  schedule: ({ schedule }) => schedule,
  async run(context, slot) {
    const principals = selectPrincipals(context.config);
    const onCall = (call: RollCall) => logCall(context, call, slot);
    await callTheRoll(context, { principals, trigger: 'schedule', slot, onCall });
    logAttempts(context, await deliverOwed({ ...context, mailFrom: context.config.mailFrom }));
  },
};

/** What came of one principal's roll; `error` is what nobody expected. */
export type RollCall = { principal: string } & (RunResult | { outcome: 'error'; error: unknown });

export interface RollCallOrder {
  principals: readonly PrincipalConfig[];
  trigger: RunTrigger;
  slot: Date | null;
  /** Told of each as soon as it is done. */
  onCall?: (call: RollCall) => void;
}

/** Runs every principal, a few side by side. One that fails does not keep the others from theirs. */
export async function callTheRoll(
  context: Context,
  { principals, trigger, slot, onCall }: RollCallOrder,
  run: (context: Context, order: Order) => Promise<RunResult> = runPrincipal,
): Promise<RollCall[]> {
  const limit = pLimit(principalsAtOnce);
  return Promise.all(
    principals.map((principal) =>
      limit(async () => {
        const result = await runOne(() => run(context, { principal, trigger, slot }));
        const call: RollCall = { principal: principal.name, ...result };
        onCall?.(call);
        return call;
      }),
    ),
  );
}

async function runOne(
  run: () => Promise<RunResult>,
): Promise<RunResult | { outcome: 'error'; error: unknown }> {
  try {
    return await run();
  } catch (error) {
    return { outcome: 'error', error };
  }
}

function logCall({ log }: Context, call: RollCall, slot: Date): void {
  const about = { principal: call.principal, slot: slot.toISOString() };
  switch (call.outcome) {
    case 'complete': {
      const { run, counts, changes } = call.snapshot;
      log.info({ ...about, run: run.id, ...counts, changes }, 'run complete');
      break;
    }
    case 'held':
      log.error(
        { ...about, run: call.run.id, suspects: call.suspects.length, reason: call.reason },
        'run held',
      );
      break;
    case 'short':
      log.error(
        { ...about, run: call.run.id, state: call.state, error: describeError(call.error) },
        'run ended short',
      );
      break;
    case 'busy':
      log.warn(
        { ...about, run: call.runId, worker: call.worker },
        'principal is being run by another worker',
      );
      break;
    case 'slot_taken':
      log.info({ ...about, run: call.runId }, 'slot has had its run');
      break;
    case 'error':
      log.error({ ...about, error: describeError(call.error) }, 'run could not be recorded');
  }
}
