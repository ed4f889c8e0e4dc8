import { setTimeout } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { type Database, openPostgres, queryRows } from '../../../src/database/database.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { openQueue } from '../../../src/queue/pg-boss.ts';
import { ageHeartbeats, letBackoffPass } from '../../support/clock.ts';
import { throwError } from '../../support/pglite.ts';
import { type Program } from './borders.ts';

/**
 * Lets time pass on PostgreSQL after a process was killed: who no longer says that it lives counts as dead, and what a
 * worker takes back from the dead has waited out its backoff. `run` takes it back by itself, and does not wait.
 */
export async function letTheDeadBeFound(
  url: string,
  { program, signal }: { program: Program; signal: AbortSignal },
): Promise<void> {
  const database = await openPostgres(new Secret(url));
  const { db } = database;
  try {
    while ((await countOthers(db)) > 0) await setTimeout(10, undefined, { signal });
    await ageHeartbeats(db);
    if (program === 'run') return;
    const queue = await openQueue(database, { onError: throwError });
    await queue.takeBackFromTheDead();
    await queue.close();
    await letBackoffPass(db);
  } finally {
    await database.close();
  }
}

/** Connections that the server has not ended yet, since it is still doing what the dead one had asked for. */
async function countOthers(db: Database): Promise<number> {
  const [found] = await queryRows<{ others: number }>(
    db,
    sql`
      select count(*)::int as others from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`,
  );
  return found?.others ?? 0;
}
