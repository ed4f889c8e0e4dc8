import { type Config } from '../config.ts';
import { type Database } from '../database/database.ts';
import { type Night, nightsTold } from '../domain/nights.ts';
import { listLastNights } from '../history/last-nights.ts';
import { findLastDue, listSchedules, type ScheduleInForce } from '../schedule/in-force.ts';
import { listWorkers } from '../schedule/workers.ts';

/** As far back as nights are told of: with a nightly schedule there are thirty long before. */
const longestMs = 366 * 86_400_000;

/** The slots of the nights that are told of one by one, up to `at`. */
export function findLastSlots(schedules: readonly ScheduleInForce[], at: Date): Date[] {
  return findLastDue(schedules, at, { count: nightsTold, ms: longestMs });
}

/** What became of the last nights of a principal, as a report about it tells; the one that is under way among them. */
export async function readLastNights(
  tx: Database,
  principal: string,
  { config, now }: { config: Pick<Config, 'schedule'>; now: Date },
): Promise<Night[]> {
  const slots = findLastSlots(listSchedules(await listWorkers(tx), config.schedule, now), now);
  // One ms more: a run may have begun at this very instant.
  const nights = await listLastNights(tx, [principal], { slots, to: new Date(now.getTime() + 1) });
  return nights.get(principal) ?? [];
}
