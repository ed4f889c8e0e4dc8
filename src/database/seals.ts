import { inArray, sql } from 'drizzle-orm';
import { type JsonRow, sealOf, type SealedTable } from '../domain/seal.ts';
import { type Database, queryRows } from './database.ts';
import { asJson, readJsonRow, timeColumnsOf } from './json-rows.ts';
import { chunksOf } from './membership-columns.ts';
import { reports, runs } from './schema.ts';

const tables = { runs, reports } as const satisfies Record<SealedTable, unknown>;

/** A report may carry a file of many megabytes. */
const rowsAtOnce: Readonly<Record<SealedTable, number>> = { runs: 500, reports: 5 };

/**
 * Seals rows as they stand: call it in the transaction that writes them, once they say all that they will. A row that is
 * written again is sealed again.
 */
export async function sealRows(tx: Database, table: SealedTable, ids: readonly number[]): Promise<void> {
  const times = timeColumnsOf(tables[table]);
  for (const chunk of chunksOf(ids, rowsAtOnce[table])) {
    const isMeant = inArray(sql.raw('sealed.id'), chunk);
    const rows = await queryRows<{ row: JsonRow }>(
      tx,
      sql`
        select ${asJson('sealed')} as row from ${tables[table]} as sealed
        where ${isMeant}`,
    );
    const seals = rows.map(({ row }) => ({ id: row['id'], seal: sealOf(table, readJsonRow(row, times)) }));
    await tx.execute(sql`
      update ${tables[table]} as sealed set seal = made.seal
      from jsonb_to_recordset(${JSON.stringify(seals)}::jsonb) as made (id bigint, seal text)
      where sealed.id = made.id and ${isMeant}`);
  }
}

/**
 * Seals what a version that had no seals wrote to its end: all of it, or what is of one principal. Such a version may be at
 * work still when the database is brought to this one. Returns how many rows.
 */
export async function sealEarlierRows(tx: Database, principalId?: number): Promise<number> {
  const whose = principalId === undefined ? sql`true` : sql`principal_id = ${principalId}`;
  const found = await queryRows<{ table: SealedTable; id: number }>(
    tx,
    sql`
      select 'runs' as "table", id::float8 as id from ${runs}
      where ${whose} and linked_by is null and state not in ('running', 'complete') and seal is null
      union all
      select 'reports', id::float8 from ${reports} where ${whose} and linked_by is null and seal is null`,
  );
  for (const table of Object.keys(tables) as SealedTable[]) {
    const ids = found.filter((one) => one.table === table).map(({ id }) => id);
    await sealRows(tx, table, ids);
  }
  return found.length;
}
