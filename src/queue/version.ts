import { sql } from 'drizzle-orm';
import manifest from 'pg-boss/package.json' with { type: 'json' };
import { type Database, queryRows } from '../database/database.ts';

/** How the tables of the queue stand to those that this version of rollcall works with. */
export type QueueVersion = 'missing' | 'older' | 'current' | 'newer';

/** Looks at the version of the queue that lives beside the tables. Changes nothing. */
export async function lookAtQueueVersion(db: Database): Promise<QueueVersion> {
  const [table] = await queryRows<{ exists: boolean }>(
    db,
    sql`select to_regclass('pgboss.version') is not null as exists`,
  );
  if (table?.exists !== true) return 'missing';
  const [installed] = await queryRows<{ version: number }>(db, sql`select version::int from pgboss.version`);
  if (installed === undefined) return 'missing';
  const ahead = installed.version - manifest.pgboss.schema;
  return ahead === 0 ? 'current' : ahead < 0 ? 'older' : 'newer';
}
