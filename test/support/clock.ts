import { sql } from 'drizzle-orm';
import { type Database } from '../../src/database/database.ts';

/** Makes a run look as if its process had died an hour ago: since then, no heartbeat. */
export async function letDie(db: Database, runId: number): Promise<void> {
  await db.execute(
    sql`update rollcall.runs set heartbeat_at = now() - interval '1 hour' where id = ${runId}`,
  );
}

/** Makes every lease on a delivery run out, as when its sender was stopped for minutes. */
export async function letLeasesRunOut(db: Database): Promise<void> {
  await db.execute(sql`
    update rollcall.deliveries set leased_until = now() - interval '1 second' where leased_until is not null`);
}
