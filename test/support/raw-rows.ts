import { sql } from 'drizzle-orm';
import { type Database, queryRows } from '../../src/database/database.ts';

/** Every row of a relation of ours, as the driver gives it, in the order of its first columns. */
export function rowsOf(db: Database, relation: string): Promise<Record<string, unknown>[]> {
  return queryRows(
    db,
    sql`select * from ${sql.identifier('rollcall')}.${sql.identifier(relation)} order by 1, 2`,
  );
}

/** How many rows each table has that a run writes to. */
export async function countRows(db: Database) {
  const [counts] = await queryRows<
    Record<'runs' | 'memberships' | 'changes' | 'reports' | 'deliveries', number>
  >(
    db,
    sql`
      select
        (select count(*)::int from rollcall.runs) as runs,
        (select count(*)::int from rollcall.memberships) as memberships,
        (select count(*)::int from rollcall.changes) as changes,
        (select count(*)::int from rollcall.reports) as reports,
        (select count(*)::int from rollcall.deliveries) as deliveries`,
  );
  return counts;
}
