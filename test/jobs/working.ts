import { createTask } from 'node-cron';
import { snapshotJob } from '../../jobs/snapshot.ts';
import { watchdogJob } from '../../jobs/watchdog.ts';
import { type Context } from '../../src/context.ts';
import { type Handled } from '../../src/queue/queue.ts';
import { listRuns } from '../../src/history/runs.ts';

const minuteMs = 60_000;

/** Does all runs that wait, as a worker would, and returns what the queue was told of each. */
export async function workOff(context: Context): Promise<Handled[]> {
  const handled: Handled[] = [];
  const handle = async (data: unknown) => {
    const result = (await snapshotJob.work?.handle(context, data)) ?? 'done';
    handled.push(result);
    return result;
  };
  await context.queue.drain('snapshot', handle, context.signal);
  return handled;
}

/**
 * Lives through the time between two instants as a worker does, minute by minute: node-cron says when the clock ticks,
 * the watchdog looks every quarter of an hour, and what waits is done at once.
 */
export async function liveThrough(
  context: Context,
  { from, to, setNow }: { from: Date; to: Date; setNow: (now: Date) => void },
): Promise<void> {
  const { expression, timezone } = context.config.schedule;
  const clock = createTask(expression, () => undefined, { timezone });
  for (let at = from; at <= to; at = new Date(at.getTime() + minuteMs)) {
    setNow(at);
    if (clock.match(at)) await snapshotJob.clock?.tick(context, at);
    if (at.getUTCMinutes() % 15 === 0) await watchdogJob.clock?.tick(context, at);
    await workOff(context);
  }
  await clock.destroy();
}

/** Every run, oldest first: its slot and why it was started. */
export async function tellRuns({ db }: Context) {
  const runs = await listRuns(db, { limit: 1000 });
  return runs
    .toReversed()
    .map(({ principal, slot, trigger, state }) => ({ principal, slot: slot?.toISOString(), trigger, state }));
}
