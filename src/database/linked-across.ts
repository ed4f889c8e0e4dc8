import { sql, type SQL } from 'drizzle-orm';

/**
 * That no run earlier than `run`, an alias, waits for its link still, or has it from a later one: then the history can
 * begin there, and every link after it covers what is kept. Earlier versions linked nothing, and a run may come from
 * another principal.
 */
export function nothingIsLinkedAcross(run: string): SQL {
  const [id, principalId] = [sql.raw(`${run}.id`), sql.raw(`${run}.principal_id`)];
  return sql`not exists (
    select from rollcall.runs as earlier
    where earlier.principal_id = ${principalId} and earlier.id < ${id} and earlier.state <> 'complete'
      and (earlier.linked_by is null or earlier.linked_by > ${id})
  )`;
}
