import { getTableColumns, sql } from 'drizzle-orm';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Database, queryRows } from '../../../src/database/database.ts';
import { codeOf } from '../../../src/database/explain.ts';
import { inRolledBackTransaction } from '../../../src/database/rollback.ts';
import { changes, memberships, reports, runs } from '../../../src/database/schema.ts';
import { columnOf } from '../../../src/domain/membership.ts';
import { readHistoryRows } from '../../../src/history/rows.ts';
import { type Mismatch } from '../../../src/history/verify/mismatch.ts';
import { verifyHistory } from '../../../src/history/verify/verify.ts';
import { useDatabase } from '../../support/database.ts';
import { aMembership, globex, night, takeNight } from '../../support/nights.ts';
import { noHistory } from '../../support/no-history.ts';
import { keepWholeHistory } from '../../support/whole-history.ts';

const database = useDatabase();

beforeEach(() => keepWholeHistory(database.db));

async function verify(tx: Database): Promise<Mismatch[]> {
  const { principals, strays } = await verifyHistory(readHistoryRows(tx));
  return [...strays, ...principals.flatMap(({ mismatch }) => mismatch ?? [])];
}

test('a history that nobody touched matches, and says where it ends', async () => {
  const { principals, strays } = await database.db.transaction((tx) => verifyHistory(readHistoryRows(tx)));
  const chains = await queryRows<{ id: number; chain: string }>(
    database.db,
    sql`select distinct on (principal_id) id::float8, chain from rollcall.runs where state = 'complete' order by principal_id, id desc`,
  );
  expect(strays).toEqual([]);
  expect(principals.map(({ principal, mismatch }) => [principal, mismatch])).toEqual([
    ['ops-bot', null],
    ['legacy', null],
  ]);
  expect(principals.map(({ head }) => head)).toEqual(chains.map(({ id, chain }) => ({ runId: id, chain })));
  expect(principals.map(({ runs: matched }) => matched)).toEqual([11, 2]);
});

const tables = { runs, memberships, changes, reports };

/** Every column that is history, of every table: those of tomorrow too. */
function columnsOf(table: keyof typeof tables): string[] {
  return Object.keys(getTableColumns(tables[table] as typeof runs))
    .map(columnOf)
    .filter((column) => !(`${table}.${column}` in noHistory));
}

describe('what is another than it was', () => {
  for (const table of Object.keys(tables) as (keyof typeof tables)[]) {
    test(`by one character is found, in any column of ${table}`, { timeout: 60_000 }, async () => {
      for (const column of columnsOf(table)) {
        const cells = await readCells(table, column);
        expect(cells, `a row of ${table} with ${column}`).not.toEqual([]);
        const flips = fc.record({
          cell: fc.constantFrom(...cells),
          at: fc.nat(),
          by: fc.constantFrom(...Array.from(characters)),
        });
        let isTried = false;
        await fc.assert(
          fc.asyncProperty(flips, async ({ cell, at, by }) => {
            const value = flip(cell, at, by);
            const found = value === cell.text ? 'no value' : await findFlipped(cell, value);
            // It is no value of that column, or the same one.
            fc.pre(found !== 'no value');
            isTried = true;
            expect(found).not.toEqual([]);
          }),
          { numRuns: 5 },
        );
        expect(isTried, `${table}.${column}`).toBe(true);
      }
    });
  }

  test('is named where it is no history, with the reason', () => {
    const all = Object.entries(tables).flatMap(([table, columns]) =>
      Object.keys(getTableColumns(columns as typeof runs)).map((name) => `${table}.${columnOf(name)}`),
    );
    expect(Object.keys(noHistory).filter((column) => !all.includes(column))).toEqual([]);
  });
});

const characters = '0123456789abcdefX ';

interface Cell {
  table: string;
  column: string;
  row: string;
  /** `null` where no row has a value: then any is another. */
  text: string | null;
  type: string;
}

async function readCells(table: string, column: string): Promise<Cell[]> {
  const read = (condition: string) =>
    queryRows<Pick<Cell, 'row' | 'text' | 'type'>>(
      database.db,
      sql.raw(`
        select ctid::text as row, "${column}"::text as text, pg_typeof("${column}")::text as type
        from rollcall.${table} where ${condition}`),
    );
  const filled = await read(`length("${column}"::text) > 0`);
  const cells = filled.length > 0 ? filled : await read('true');
  return cells.map((cell) => ({ ...cell, table, column }));
}

function flip({ text, type }: Cell, at: number, by: string): string {
  if (text === null) return by;
  if (type === 'boolean') return text === 'true' ? 'false' : 'true';
  const position = at % text.length;
  return text.slice(0, position) + by + text.slice(position + 1);
}

const dataException = '22';
const refusals = ['23502', '23505', '23514'];

/** What verifying finds; `refused` where a constraint did not let it happen, `no value` where it is none or the same. */
async function findFlipped(
  { table, column, row, type }: Cell,
  value: string,
): Promise<Mismatch[] | 'refused' | 'no value'> {
  const quoted = `'${value.replaceAll("'", "''")}'::${type}`;
  try {
    return await inRolledBackTransaction(database.db, async (tx) => {
      await asOwner(tx);
      const changed = await queryRows(
        tx,
        sql.raw(`
          update rollcall.${table} set "${column}" = ${quoted}
          where ctid = '${row}' and "${column}" is distinct from ${quoted} returning 1 as one`),
      );
      return changed.length === 0 ? 'no value' : verify(tx);
    });
  } catch (error) {
    const code = codeOf(error);
    if (refusals.includes(code)) return 'refused';
    if (code.startsWith(dataException)) return 'no value';
    throw error;
  }
}

/** Whoever owns the database can put off what refers to what, and write ids. */
async function asOwner(tx: Database): Promise<void> {
  await tx.execute(sql`set local session_replication_role = replica`);
  for (const table of Object.keys(tables))
    await tx.execute(sql.raw(`alter table rollcall.${table} alter id set generated by default`));
}

/** What verifying finds after this was done to the history, which is as before then. */
function findAfter(...statements: readonly string[]): Promise<Mismatch[]> {
  return inRolledBackTransaction(database.db, async (tx) => {
    await asOwner(tx);
    for (const statement of statements) await tx.execute(sql.raw(statement));
    return verify(tx);
  });
}

const others: Readonly<Record<string, [statement: string, found: Partial<Mismatch>]>> = {
  'a complete run that is gone': ['delete from rollcall.runs where id = 3', { of: 'gap', runId: 7 }],
  'a failed run that is gone': ['delete from rollcall.runs where id = 4', { of: 'records', runId: 7 }],
  'a change that is gone': [
    'delete from rollcall.changes where id = (select min(id) from rollcall.changes)',
    { of: 'changes', runId: 3 },
  ],
  'a membership that is gone': [
    'delete from rollcall.memberships where first_run_id = 3 and ended_run_id is null or first_run_id = 7',
    { of: 'snapshot', runId: 7 },
  ],
  'a report that is gone': [
    `delete from rollcall.reports where kind = 'baseline'`,
    { of: 'records', runId: 3 },
  ],
  'a run that has lost its link': [
    'update rollcall.runs set linked_by = null where id = 4',
    { of: 'records', runId: 7 },
  ],
};

test.for(Object.entries(others))('%s is found, and where', async ([, [statement, found]]) => {
  expect(await findAfter(statement)).toMatchObject([found]);
});

test('runs of the first recipe are recomputed as PostgreSQL wrote them, and one that was touched is found', async () => {
  const name = 'old "bot"';
  const roll = [
    aMembership({ organizationName: 'Acme "Ü" \t\\ 😀' }),
    aMembership({ organizationId: globex, permissions: null }),
  ];
  await takeNight(database.db, roll, { principal: name, at: night(1) });
  const { run } = await takeNight(database.db, roll.slice(1), { principal: name, at: night(2) });
  await rewriteByFirstRecipe(database.db, run.principalId, name);
  await takeNight(database.db, roll.slice(1), { principal: name, at: night(3) });

  expect(await database.db.transaction(verify)).toEqual([]);
  const ours = `principal_id = ${run.principalId} and ended_run_id is not null`;
  expect(
    await findAfter(`update rollcall.memberships set organization_name = 'Acme' where ${ours}`),
  ).toMatchObject([{ principalId: run.principalId, of: 'snapshot' }]);
  const link = `principal_id = ${run.principalId} and baseline_run_id is null`;
  expect(await findAfter(`update rollcall.runs set chained_name = 'new' where ${link}`)).toMatchObject([
    { of: 'run' },
  ]);
});

/** Gives the complete runs of a principal the digests and links that version 0.1.0 gave them, which SQL made. */
async function rewriteByFirstRecipe(db: Database, principalId: number, name: string): Promise<void> {
  await db.execute(sql`
    update rollcall.runs as run set
      digest_version = 1, changes_digest = null, chained_name = ${name}, members = null, invited = null,
      digest = (
        select encode(sha256(convert_to(coalesce(string_agg(
          json_build_array(organization_id, organization_name, status, roles, permissions)::text,
          E'\n' order by organization_id collate "C"
        ), ''), 'UTF8')), 'hex')
        from rollcall.snapshots where run_id = run.id
      )
    where principal_id = ${principalId}`);
  const runIds = await queryRows<{ id: number }>(
    db,
    sql`select id::float8 from rollcall.runs where principal_id = ${principalId} order by id`,
  );
  for (const { id } of runIds) {
    await db.execute(sql`
      update rollcall.runs as run set chain = encode(sha256(convert_to(concat_ws(E'\n',
        coalesce((select chain from rollcall.runs where id = run.baseline_run_id), ''), id::text, chained_name,
        to_char(finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), digest
      ), 'UTF8')), 'hex')
      where id = ${id}`);
  }
}
