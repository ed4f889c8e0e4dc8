import { isAwayDatabaseError } from '../database/explain.ts';
import { type Watch } from '../database/transaction.ts';
import { describeError } from '../domain/errors.ts';
import { type Log } from '../log.ts';

/**
 * Logs once that the database is away, whoever notices it and however often, and once that it is back. One that never
 * answered is told by whoever opens it.
 */
export function watchDatabase(log: Log, now: () => Date): Watch {
  let hasAnswered = false;
  let awaySince: Date | null = null;
  return {
    failed(error) {
      if (!hasAnswered || awaySince !== null || !isAwayDatabaseError(error)) return;
      awaySince = now();
      log.error({ error: describeError(error) }, 'database is away, and tried again until it is back');
    },
    answered() {
      hasAnswered = true;
      if (awaySince === null) return;
      const seconds = Math.round((now().getTime() - awaySince.getTime()) / 1000);
      awaySince = null;
      log.info({ seconds }, 'database is back');
    },
  };
}
