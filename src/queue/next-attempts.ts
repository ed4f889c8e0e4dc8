import { sql } from 'drizzle-orm';
import { type Database, queryRows } from '../database/database.ts';
import { type QueueName } from './queues.ts';

/**
 * When the waiting jobs of these keys are handed out next. A key that none waits for is left out, as are all of them where
 * there is no queue, or the user may not read it. Asks the tables alone, without starting the queue.
 */
export async function readNextAttempts(
  db: Database,
  name: QueueName,
  keys: readonly string[],
): Promise<ReadonlyMap<string, Date>> {
  if (!(await isReadable(db))) return new Map();
  const waiting = await queryRows<{ key: string; ms: number }>(
    db,
    sql`
      select singleton_key as key, (extract(epoch from start_after) * 1000)::float8 as ms
      from pgboss.job
      where name = ${name} and state in ('created', 'retry')
        and singleton_key in (select jsonb_array_elements_text(${JSON.stringify(keys)}::jsonb))`,
  );
  return new Map(waiting.map(({ key, ms }) => [key, new Date(ms)]));
}

async function isReadable(db: Database): Promise<boolean> {
  const [job] = await queryRows<{ readable: boolean }>(
    db,
    sql`
      select exists (
        select from pg_class as class join pg_namespace as namespace on namespace.oid = class.relnamespace
        where namespace.nspname = 'pgboss' and class.relname = 'job'
          and has_schema_privilege(namespace.oid, 'usage') and has_table_privilege(class.oid, 'select')
      ) as readable`,
  );
  return job?.readable === true;
}
