import { sql } from 'drizzle-orm';
import { type Database } from '../../src/database/database.ts';
import { type Queue } from '../../src/queue/queue.ts';

/** Makes a run look as if its process had died an hour ago: since then, no heartbeat. */
export async function letDie(db: Database, runId: number): Promise<void> {
  await db.execute(
    sql`update rollcall.runs set heartbeat_at = now() - interval '1 hour' where id = ${runId}`,
  );
}

/** Makes every process look dead to the queue, which takes its jobs back. */
export async function letDieInQueue({ db, queue }: { db: Database; queue: Queue }): Promise<void> {
  await ageHeartbeats(db);
  await queue.takeBackFromTheDead();
}

/** Lets an hour pass since anybody said that it lives, be it about a run or about a job of the queue. */
export async function ageHeartbeats(db: Database): Promise<void> {
  await db.execute(
    sql`update rollcall.runs set heartbeat_at = now() - interval '1 hour' where state = 'running'`,
  );
  await db.execute(
    sql`update pgboss.job set heartbeat_on = now() - interval '1 hour' where state = 'active'`,
  );
  // As long ago is the last look at the jobs of the dead.
  await db.execute(sql`update pgboss.queue set monitor_on = null, monitor_claim_on = null`);
}

/** Lets the time pass that a job has yet to wait. */
export async function letBackoffPass(db: Database): Promise<void> {
  await db.execute(sql`update pgboss.job set start_after = now() where state in ('created', 'retry')`);
}
