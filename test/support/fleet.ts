import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'drizzle-orm';
import { type Database, queryRows } from '../../src/database/database.ts';
import { type World } from '../../src/simulator/world.ts';

/** Writes a `rollcall.yaml` with every principal of the world into a folder, and returns its path. */
export function writeFleetConfig(folder: string, { principals }: World): string {
  const file = path.join(folder, 'rollcall.yaml');
  const lines = principals.map(({ name, apiToken }) => `  - { name: ${name}, apiToken: ${apiToken} }`);
  writeFileSync(file, ['digest: off', 'principals:', ...lines, ''].join('\n'));
  return file;
}

/** How many principals have had a complete run. */
export async function countComplete(db: Database): Promise<number> {
  const [found] = await queryRows<{ complete: number }>(
    db,
    sql`select count(distinct principal_id)::int as complete from rollcall.runs where state = 'complete'`,
  );
  return found?.complete ?? 0;
}

/** Whether all that is left are jobs that somebody took five seconds ago or more and does not finish: the dead do not. */
export async function areOnlyTheDeadLeft(db: Database): Promise<boolean> {
  const [found] = await queryRows<{ others: number }>(
    db,
    sql`
      select count(*)::int as others from pgboss.job
      where name = 'snapshot' and state < 'completed'
        and not (state = 'active' and started_on < now() - interval '5 seconds')`,
  );
  return found?.others === 0;
}
