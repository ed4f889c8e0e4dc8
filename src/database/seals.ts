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
    const rows = await queryRows<{ row: JsonRow }>(
      tx,
      sql`
        select ${asJson('sealed')} as row from ${tables[table]} as sealed
        where ${inArray(sql.raw('sealed.id'), chunk)}`,
    );
    const seals = rows.map(({ row }) => ({ id: row['id'], seal: sealOf(table, readJsonRow(row, times)) }));
    await tx.execute(sql`
      update ${tables[table]} as sealed set seal = made.seal
      from jsonb_to_recordset(${JSON.stringify(seals)}::jsonb) as made (id bigint, seal text)
      where sealed.id = made.id`);
  }
}

/** Seals every row that an earlier version, which had no seals, wrote to its end. Returns how many. */
export async function sealEarlierRows(db: Database): Promise<number> {
  return db.transaction(async (tx) => {
    const ended = sql`select id::float8 from ${runs} where seal is null and state not in ('running', 'complete') for update`;
    const written = sql`select id::float8 from ${reports} where seal is null for update`;
    const runIds = (await queryRows<{ id: number }>(tx, ended)).map(({ id }) => id);
    const reportIds = (await queryRows<{ id: number }>(tx, written)).map(({ id }) => id);
    await sealRows(tx, 'runs', runIds);
    await sealRows(tx, 'reports', reportIds);
    return runIds.length + reportIds.length;
  });
}
