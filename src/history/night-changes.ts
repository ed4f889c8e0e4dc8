import { sql } from 'drizzle-orm';
import { type Database, queryRows } from '../database/database.ts';
import { type NightChange } from '../domain/nights.ts';
import { nightsAndRuns, type NightsInRow } from './night-runs.ts';

/** What changed in each of these nights, equal changes counted, by principal; one of whom nothing changed is left out. */
export async function listNightChanges(
  db: Database,
  names: readonly string[],
  nights: NightsInRow,
): Promise<Map<string, NightChange[]>> {
  const { slots, to } = nights;
  type Row = Omit<NightChange, 'due'> & { principal: string; number: number };
  const found = await queryRows<Row & Record<string, unknown>>(
    db,
    sql`
      with ${nightsAndRuns(nights)}
      select
        principal.name as principal, run.number, change.kind, change.category, change.added, change.removed,
        change.offered, change.super_administrator as "superAdministrator", count(*)::int as count
      from run
      join rollcall.principals as principal on principal.id = run.principal_id
      join rollcall.changes as change on change.run_id = run.id
      where run.changes > 0 and run.state = 'complete' and run.number > 0
        and principal.name in (select jsonb_array_elements_text(${JSON.stringify(names)}::jsonb))
      group by 1, 2, 3, 4, 5, 6, 7, 8
      order by 1, 2`,
  );
  return Map.groupBy(
    found.map(({ number, ...change }) => ({ ...change, due: slots[number - 1] ?? to })),
    ({ principal }) => principal,
  );
}
