import { type Context } from '../src/context.ts';
import { requireCurrent } from '../src/context/database.ts';
import { logDeadRun } from '../src/context/dead-runs.ts';
import { isUnfitDatabaseError } from '../src/database/explain.ts';
import { enqueueOwed } from '../src/deliver/owe.ts';
import { describeError } from '../src/domain/errors.ts';
import { listRetired } from '../src/history/principals.ts';
import { abandonDeadRuns, listPrincipalsThatRan } from '../src/schedule/claim.ts';
import { findNewestDue, listSchedules } from '../src/schedule/in-force.ts';
import { listWorkers } from '../src/schedule/workers.ts';
import { enqueueMissedDigest } from '../src/pipeline/digest.ts';
import { enqueueSlot } from '../src/pipeline/roll-call.ts';
import { reportStale } from '../src/pipeline/stale.ts';
import { type Job } from './job.ts';

const hourMs = 3_600_000;

/** A slot younger than this is not missed yet: the clock ticks for it in this moment. */
const notMissedYetMs = 2_000;

/** At start and every quarter of an hour: sees what should have happened and did not. */
export const watchdogJob: Job = {
  name: 'watchdog',
  clock: {
    schedule: () => ({ expression: '*/15 * * * *', timezone: 'UTC' }),
    atStart: true,
    async tick(context, at) {
      await requireCurrent(context);
      const failures = [
        await look(context, 'dead runs', () => endDeadRuns(context, at)),
        await look(context, 'missed slots', () => catchUp(context, at)),
        await look(context, 'owed mail', () => enqueueOwed(context.db, context.queue, at)),
        await look(context, 'missed digest', () => enqueueMissedDigest(context, at)),
        await look(context, 'stale principals', () => reportStale(context, at)),
      ];
      const unfit = failures.find((failure) => failure !== null);
      if (unfit !== undefined) throw unfit;
    },
  },
};

/**
 * One look that fails does not keep the watchdog from the others. Returns what says that the database is none to work
 * with, which is for whoever started the watchdog to judge.
 */
async function look({ log }: Context, at: string, what: () => Promise<unknown>): Promise<Error | null> {
  try {
    await what();
    return null;
  } catch (error) {
    if (isUnfitDatabaseError(error))
      return new Error(`The watchdog's look at ${at} failed`, { cause: error });
    log.error({ look: at, error: describeError(error) }, 'watchdog failed');
    return null;
  }
}

async function endDeadRuns({ db, log }: Context, at: Date): Promise<void> {
  for (const dead of await abandonDeadRuns(db, at)) logDeadRun(log, dead);
}

/** Enqueues the newest slot that should have run, for whoever is audited and has not had it: never more than that one. */
async function catchUp(context: Context, at: Date): Promise<void> {
  const { config, db, log } = context;
  const schedules = listSchedules(await listWorkers(db), config.schedule, at);
  const slot = findNewestDue(schedules, at, { ms: config.catchUpHours * hourMs });
  if (slot === null || at.getTime() - slot.getTime() < notMissedYetMs) return;
  const toLeaveOut = new Set([...(await listPrincipalsThatRan(db, slot)), ...(await listRetired(db))]);
  const principals = config.principals.filter(({ name }) => !toLeaveOut.has(name));
  if (principals.length === 0) return;
  log.info({ slot: slot.toISOString(), principals: principals.length }, 'slot missed, to be caught up');
  await enqueueSlot(context, { slot, trigger: 'catch_up', principals });
}
