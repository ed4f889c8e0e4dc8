import { sql } from 'drizzle-orm';
import { type Database, queryRows } from '../database/database.ts';
import { readDifferences, type Rolls } from '../database/differences.ts';
import { chunksOf } from '../database/membership-columns.ts';
import { underColumns } from '../domain/chain.ts';
import { type Change } from '../domain/change.ts';
import { tellDifferences } from '../domain/difference.ts';
import { type Finding, tellChanges } from './circumstances.ts';

/** What differs between two rolls, told as changes by organization and kind. Stores nothing. */
export async function findChanges(tx: Database, rolls: Rolls, finding: Finding): Promise<Change[]> {
  const differences = [];
  for await (const pairs of readDifferences(tx, rolls))
    differences.push(...pairs.flatMap((pair) => tellDifferences(pair, finding.fields)));
  return tellChanges(tx, differences, finding);
}

/** Makes changes history, and returns them with their ids. */
export async function storeChanges(
  tx: Database,
  found: readonly Change[],
  { principalId }: Pick<Finding, 'principalId'>,
): Promise<Change[]> {
  const stored: Change[] = [];
  for (const chunk of chunksOf(found)) {
    const rows = chunk.map(({ id: _, principal: __, ...change }) => underColumns({ ...change, principalId }));
    const columns = sql.raw(
      Object.keys(rows[0] ?? {})
        .map((name) => `"${name}"`)
        .join(', '),
    );
    const ids = await queryRows<{ id: number }>(
      tx,
      sql`
        insert into rollcall.changes (${columns})
        select ${columns} from jsonb_populate_recordset(null::rollcall.changes, ${JSON.stringify(rows)}::jsonb)
        returning id::float8`,
    );
    stored.push(...chunk.map((change, index) => ({ ...change, id: ids[index]?.id ?? null })));
  }
  return stored;
}
