import pLimit from 'p-limit';
import { z } from 'zod';
import { type PrincipalConfig } from '../src/config/principals.ts';
import { type Context } from '../src/context.ts';
import { describeError } from '../src/domain/errors.ts';
import { type RunTrigger } from '../src/domain/run.ts';
import { type Order, runPrincipal, type RunResult } from '../src/pipeline.ts';
import { findNewestSlot } from '../src/schedule/slots.ts';
import { type Job } from './job.ts';

/** How many principals one process reads side by side; each has a budget of requests of its own. */
const principalsAtOnce = 4;

const dayMs = 86_400_000;

const payload = z.object({
  principal: z.string(),
  slot: z.coerce.date(),
  trigger: z.enum(['schedule', 'catch_up']),
});

/** Nightly: every principal's roll. Each worker enqueues the slot; whoever takes a principal from the queue runs it. */
export const snapshotJob: Job = {
  name: 'snapshot',
  clock: {
    schedule: ({ schedule }) => schedule,
    async tick(context, at) {
      const slot = findNewestSlot(context.config.schedule, at, { ms: dayMs });
      if (slot === null) return;
      await enqueueSlot(context, { slot, trigger: 'schedule', principals: context.config.principals });
    },
  },
  work: {
    queue: 'snapshot',
    atOnce: principalsAtOnce,
    async handle(context, data) {
      const { principal: name, slot, trigger } = payload.parse(data);
      const about = { principal: name, slot: slot.toISOString() };
      const principal = context.config.principals.find((one) => one.name === name);
      if (principal === undefined) {
        context.log.warn({ ...about, run: null }, 'principal is not configured here');
        return 'later';
      }
      const call = await callOne(() => runPrincipal(context, { principal, trigger, slot }), name);
      logCall(context, call, about);
      return ['busy', 'interrupted', 'error'].includes(call.outcome) ? 'later' : 'done';
    },
  },
};

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
    callOne(() => run(context, { principal, trigger, slot }), principal.name);
  return Promise.all(principals.map((principal) => limit(call, principal)));
}

async function callOne(run: () => Promise<RunResult>, principal: string): Promise<RollCall> {
  try {
    return { principal, ...(await run()) };
  } catch (error) {
    return { principal, outcome: 'error', error };
  }
}

/** One line for each run, under its run, principal and slot. */
function logCall(context: Context, call: RollCall, about: { principal: string; slot: string }): void {
  const log = context.log.child({ ...about, run: runIdOf(call) });
  switch (call.outcome) {
    case 'complete':
      log.info({ ...call.snapshot.counts, changes: call.snapshot.changes }, 'run complete');
      break;
    case 'held':
      log.error({ suspects: call.suspects.length, reason: call.reason }, 'run held');
      break;
    case 'short':
      log.error({ state: call.state, error: describeError(call.error) }, 'run ended short');
      break;
    case 'interrupted':
      log.warn({ error: describeError(call.error) }, 'run interrupted, to be taken over');
      break;
    case 'busy':
      log.warn({ worker: call.worker }, 'principal is being run by another worker');
      break;
    case 'slot_taken':
      log.info('slot has had its run');
      break;
    case 'error':
      log.error({ error: describeError(call.error) }, 'run could not be recorded, to be tried again');
  }
}

function runIdOf(call: RollCall): number | null {
  if ('snapshot' in call) return call.snapshot.run.id;
  if ('run' in call) return call.run.id;
  return 'runId' in call ? call.runId : null;
}
