import { asc, eq } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { reports } from '../database/schema.ts';

/** The first report about a run, or `null` when it had nothing to say. */
export async function findReport(db: Database, runId: number) {
  const [report] = await db
    .select()
    .from(reports)
    .where(eq(reports.runId, runId))
    .orderBy(asc(reports.id))
    .limit(1);
  return report ?? null;
}
