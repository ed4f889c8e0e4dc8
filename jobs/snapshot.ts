import * as z from 'zod';
import { type Context } from '../src/context.ts';
import { liesAhead, nameSpan } from '../src/domain/clock-ahead.ts';
import { describeError } from '../src/domain/errors.ts';
import { runPrincipal } from '../src/pipeline.ts';
import { callOne, enqueueSlot, principalsAtOnce, type RollCall } from '../src/pipeline/roll-call.ts';
import { findNewestSlot } from '../src/schedule/slots.ts';
import { type StoredSnapshot } from '../src/snapshot/store.ts';
import { type Job } from './job.ts';

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
      const call = await callOne(context, () => runPrincipal(context, { principal, trigger, slot }), name);
      logCall(context, call, about);
      return ['busy', 'interrupted', 'error'].includes(call.outcome) ? 'later' : 'done';
    },
  },
};

/** One line for each run, under its run, principal and slot. */
function logCall(context: Context, call: RollCall, about: { principal: string; slot: string }): void {
  const log = context.log.child({ ...about, run: runIdOf(call) });
  switch (call.outcome) {
    case 'complete':
      log.info({ ...call.snapshot.counts, changes: call.snapshot.changes }, 'run complete');
      logClockAhead(log, call.snapshot);
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
    case 'retired':
      log.info({ since: call.since }, 'principal is retired, so no run was begun');
      break;
    case 'error':
      log.error({ error: describeError(call.error) }, 'run could not be recorded, to be tried again');
  }
}

/** One line a night, while history lies in a time that is still to come. */
function logClockAhead(log: Context['log'], { run, baseline }: StoredSnapshot): void {
  if (baseline === null || !liesAhead(baseline.finishedAt, run.startedAt)) return;
  const ahead = nameSpan(baseline.finishedAt.getTime() - run.startedAt.getTime());
  log.warn(
    { baseline: baseline.runId, ahead },
    'the run before this one ended in a time still to come, for a clock was ahead',
  );
}

function runIdOf(call: RollCall): number | null {
  if ('snapshot' in call) return call.snapshot.run.id;
  if ('run' in call) return call.run.id;
  return 'runId' in call ? call.runId : null;
}
