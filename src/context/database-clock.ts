import { sql } from 'drizzle-orm';
import { type Database, queryRows } from '../database/database.ts';
import { clockToleranceMs, nameSpan } from '../domain/clock-ahead.ts';
import { type Log } from '../log.ts';

/** A clock that is this machine's, as long as that agrees with the database's, and else keeps the database's time. */
export interface DatabaseClock {
  now(): Date;
  /** Asks the database what time it is there. What fails changes nothing: the next time will do. */
  compare(): Promise<void>;
}

/** What to compare, and who is told that they differ, and when they agree again. */
export interface ClockOptions {
  db: Database;
  log: Log;
  /** This machine's. */
  system: () => Date;
}

/**
 * Runs of all workers make one history, so one clock times them: a worker whose own is far off would store a night as of
 * next year, and everybody after it would be blind until then.
 */
export function followDatabaseClock({ db, log, system }: ClockOptions): DatabaseClock {
  let aheadMs = 0;
  return {
    now: () => new Date(system().getTime() - aheadMs),
    async compare() {
      const found = await measure(db, system).catch(() => null);
      if (found === null) return;
      const before = aheadMs;
      aheadMs = Math.abs(found) > clockToleranceMs ? found : 0;
      if (aheadMs !== 0 && before === 0) {
        const way = aheadMs > 0 ? 'ahead of' : 'behind';
        const clock = `${nameSpan(aheadMs)} ${way} the database's`;
        log.warn({ clock }, "this machine's clock differs from the database's, which is followed");
      }
      if (aheadMs === 0 && before !== 0) log.info("this machine's clock agrees with the database's again");
    },
  };
}

/** How far this machine's clock is ahead of the database's, in milliseconds: as of halfway between question and answer. */
async function measure(db: Database, system: () => Date): Promise<number> {
  const askedAt = system().getTime();
  const [answer] = await queryRows<{ ms: number }>(
    db,
    sql`select extract(epoch from clock_timestamp())::float8 * 1000 as ms`,
  );
  if (answer === undefined) throw new Error('A query without a condition answered no row.');
  return Math.round((askedAt + system().getTime()) / 2 - answer.ms);
}
