import { getTableColumns, sql, type SQL } from 'drizzle-orm';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Database, queryRows } from '../../../src/database/database.ts';
import { codeOf } from '../../../src/database/explain.ts';
import { inRolledBackTransaction } from '../../../src/database/rollback.ts';
import { sealRows } from '../../../src/database/seals.ts';
import { changes, memberships, reports, runs } from '../../../src/database/schema.ts';
import { columnOf } from '../../../src/domain/membership.ts';
import { type JsonRow } from '../../../src/domain/seal.ts';
import { historyTables, type HistoryTable, readHistoryRows } from '../../../src/history/rows.ts';
import { type Mismatch } from '../../../src/history/verify/mismatch.ts';
import { verifyRecorded } from '../../../src/history/verify/recorded.ts';
import { verifyHistory } from '../../../src/history/verify/verify.ts';
import { renamePrincipal } from '../../../src/pipeline/principals.ts';
import { endRunShort } from '../../../src/schedule/claim.ts';
import { databaseKind, useDatabase } from '../../support/database.ts';
import { aMembership, claim, evidence, globex, night, takeNight } from '../../support/nights.ts';
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
  if (type === 'boolean') return text === 'true' ? 'false' : 'true';
  if (text === null) return by;
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

/** What verifying finds after this was done to the history, which is as before then; runs of these ids are sealed anew. */
function findAfter(statement: string, sealed: readonly number[] = []): Promise<Mismatch[]> {
  return inRolledBackTransaction(database.db, async (tx) => {
    await asOwner(tx);
    for (const one of statement.split(';')) await tx.execute(sql.raw(one));
    await sealRows(tx, 'runs', sealed);
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
  'a run that has no seal': [
    'update rollcall.runs set seal = null where id = 12',
    { of: 'run', runId: 12, detail: expect.stringContaining('no seal') as string },
  ],
  'a membership that was added': [
    `insert into rollcall.memberships (principal_id, organization_id, status, first_run_id, valid_from)
     select principal_id, 'added', 'member', id, finished_at from rollcall.runs where id = 10`,
    { of: 'snapshot', runId: 10 },
  ],
  'a membership that was added, and left again': [
    `insert into rollcall.memberships (principal_id, organization_id, status, first_run_id, valid_from, ended_run_id, valid_to)
     select first.principal_id, 'added', 'member', first.id, first.finished_at, last.id, last.finished_at
     from rollcall.runs as first, rollcall.runs as last where first.id = 8 and last.id = 9`,
    { of: 'snapshot', runId: 8 },
  ],
  'a membership of a run that is not complete': [
    `insert into rollcall.memberships (principal_id, organization_id, status, first_run_id, valid_from)
     select principal_id, 'added', 'member', id, finished_at from rollcall.runs where id = 12`,
    { of: 'interval', detail: expect.stringContaining('begins at run 12') as string },
  ],
  'a membership that a run ended which is not complete': [
    `update rollcall.memberships set ended_run_id = 12, valid_to = '2026-08-10T02:00:00Z' where ended_run_id is null and principal_id = 1`,
    { of: 'interval', detail: expect.stringContaining('ended by run 12') as string },
  ],
  'a change that was added': [addedChange(8), { of: 'changes', runId: 8 }],
  'a change of a failed run': [
    addedChange(4),
    { of: 'changes', runId: 7, detail: expect.stringContaining('of run 4') as string },
  ],
  'a change of a run that is not complete': [
    addedChange(12),
    { of: 'changes', detail: expect.stringContaining('run 12') as string },
  ],
  'changes that changed places': [
    `update rollcall.changes set id = -id where run_id = 7`,
    { of: 'changes', runId: 7, detail: expect.stringContaining('digest') as string },
  ],
  'a report that another run links': [
    `update rollcall.reports set linked_by = 8 where kind = 'baseline'`,
    { of: 'records', runId: 3 },
  ],
  'a report that is linked by a run that is not complete': [
    `update rollcall.reports set linked_by = 12 where linked_by is null and principal_id = 1`,
    { of: 'records', detail: expect.stringContaining('run 12') as string },
  ],
  'a run that is linked by one that is not complete': [
    `alter table rollcall.runs drop constraint runs_linked_by_a_later_run; update rollcall.runs set linked_by = 12 where id = 12`,
    { of: 'records', detail: expect.stringContaining('run 12') as string },
  ],
  'a report that no run links yet, and is altered': [
    `update rollcall.reports set text = 'x' where linked_by is null and principal_id = 1`,
    { of: 'report', runId: 12 },
  ],
  'a CSV that is altered': [
    `update rollcall.reports set csv = csv || 'x' where kind = 'baseline'`,
    { of: 'report', detail: expect.stringContaining('SHA-256') as string },
  ],
  'a digest that is altered': [
    `update rollcall.reports set text = 'x' where kind = 'digest'`,
    { principalId: null, of: 'report', runId: null },
  ],
  'a report that has no seal': [
    `update rollcall.reports set seal = null where kind = 'digest'`,
    { of: 'report', detail: expect.stringContaining('no seal') as string },
  ],
  'a time with more digits than were stored': [
    `update rollcall.runs set finished_at = finished_at + interval '1 microsecond' where id = 12`,
    { of: 'run', runId: 12 },
  ],
  'a complete run without its counts': [
    'update rollcall.runs set members = null where id = 10',
    { of: 'snapshot', runId: 10 },
  ],
  'changes of which nobody has a digest': [
    'update rollcall.runs set changes_digest = null where id = 8',
    { of: 'changes', runId: 8 },
  ],
  'a principal whose row is gone': [
    `delete from rollcall.principals where name = 'legacy'`,
    { principalId: 2, of: 'principal', runId: null },
  ],
  'a checkpoint of a run that is not there': [
    `delete from rollcall.changes where principal_id = 2; delete from rollcall.memberships where principal_id = 2;
     delete from rollcall.runs where principal_id = 2;
     insert into rollcall.checkpoints (principal_id, run_id, roll_digest, made_at) values (2, 13, 'x', now())`,
    { of: 'gap', detail: expect.stringContaining('run 13') as string },
  ],
};

/** Adds a change to a run, after those that it has. */
function addedChange(runId: number): string {
  return `
    insert into rollcall.changes (run_id, baseline_run_id, principal_id, organization_id, category, kind, not_before, not_after)
    select ${runId}, baseline_run_id, principal_id, 'added', category, kind, not_before, not_after
    from rollcall.changes where run_id = 7 limit 1`;
}

test('whatever else was done to it is found, and where', { timeout: 60_000 }, async () => {
  for (const [what, [statement, found]] of Object.entries(others)) {
    const mismatches = await findAfter(statement);
    expect(mismatches[0], what).toMatchObject(found);
  }
});

test('a complete run that is rewritten as a failed one, with a seal of its own, is missed by the next', async () => {
  const asFailed = `
    update rollcall.runs set state = 'failed', error = 'x', chain = null, records_digest = null where id = 8`;
  expect(await findAfter(asFailed, [8])).toMatchObject([{ of: 'gap', runId: 9 }]);
});

describe('a run that was added between two others, sealed as it should be', () => {
  const added = 16;

  /** Failed, complete, nothing, complete, complete: the first of those links, and in the gap something could be added. */
  async function keepGap(): Promise<void> {
    for (const at of [night(11), night(12)])
      await endRunShort(database.db, await claim(database.db, { at }), {
        state: 'failed',
        error: 'no answer',
        evidence,
        now: at,
      });
    await database.db.execute(sql`select nextval(pg_get_serial_sequence('rollcall.runs', 'id'))`);
    await takeNight(database.db, [aMembership()], { at: night(13) });
    await takeNight(database.db, [aMembership()], { at: night(14) });
  }

  const add = (linkedBy: string, [state, finishedAt, seal] = ['state', 'finished_at', 'seal']) => `
    insert into rollcall.runs (id, principal_id, trigger, state, started_at, finished_at, error, linked_by, seal)
    select ${added}, principal_id, trigger, ${state}, started_at, ${finishedAt}, error, ${linkedBy}, ${seal}
    from rollcall.runs where id = 15`;

  test('is missed by the complete run after it, whether no run links it or a later one', async () => {
    await keepGap();
    expect(await database.db.transaction(verify)).toEqual([]);
    const leftOut = { of: 'records', runId: 17, detail: expect.stringContaining('run 16') as string };
    expect(await findAfter(add('null'), [added])).toMatchObject([leftOut]);
    expect(await findAfter(add('18'), [added])).toMatchObject([leftOut]);
    expect(await findAfter(add('17'), [added])).toMatchObject([{ of: 'records', runId: 17 }]);
  });

  test('is found where it is said to be under way', async () => {
    await keepGap();
    expect(await findAfter(add('null', [`'running'`, 'null', 'null']))).toMatchObject([
      { of: 'run', runId: added },
    ]);
  });
});

test('a history matches while a run is under way, and after a principal took over what was tried under its new name', async () => {
  const setting = { db: database.db, now: () => night(12) };
  await endRunShort(database.db, await claim(database.db, { principal: 'renamed', at: night(11) }), {
    state: 'failed',
    error: 'another name',
    evidence,
    now: night(11),
  });
  await takeNight(database.db, [aMembership()], { at: night(12) });
  await renamePrincipal(setting, 'ops-bot', 'renamed');
  expect(await database.db.transaction(verify)).toEqual([]);
  await takeNight(database.db, [aMembership()], { principal: 'renamed', at: night(13) });
  await claim(database.db, { principal: 'renamed', at: night(14) });
  expect(await database.db.transaction(verify)).toEqual([]);
});

describe('rows that no database would keep so', () => {
  /** What is found in the rows of the history once they went through this, as those of a file could be. */
  async function findIn(alter: (table: HistoryTable, rows: JsonRow[]) => JsonRow[]): Promise<Mismatch[]> {
    const tables = new Map<HistoryTable, JsonRow[]>();
    await database.db.transaction(async (tx) => {
      const stored = readHistoryRows(tx);
      for (const table of Object.keys(historyTables) as HistoryTable[]) {
        const rows: JsonRow[] = [];
        for await (const row of stored.read(table)) rows.push(row);
        tables.set(table, alter(table, rows));
      }
    });
    // eslint-disable-next-line @typescript-eslint/require-await -- rows come one after the other
    const read = async function* (table: HistoryTable) {
      yield* tables.get(table) ?? [];
    };
    const { principals, strays } = await verifyHistory({ read });
    return [...strays, ...principals.flatMap(({ mismatch }) => mismatch ?? [])];
  }

  const alterAll = (table: HistoryTable, alter: (row: JsonRow) => JsonRow) =>
    findIn((name, rows) => (name === table ? rows.map(alter) : rows));

  test('are as good as others where nobody altered them', async () => {
    expect(await findIn((_, rows) => rows)).toEqual([]);
  });

  test('are found: runs twice, an end that no run made, an end before the beginning, two open at once', async () => {
    const isOpen = (row: JsonRow) => row['ended_run_id'] === null && row['principal_id'] === 1;
    const twice = (of: HistoryTable, isMeant: (row: JsonRow) => boolean) =>
      findIn((table, rows) =>
        table === of ? rows.flatMap((row) => (isMeant(row) ? [row, row] : [row])) : rows,
      );
    expect(await twice('runs', ({ id }) => id === 12)).toMatchObject([{ of: 'run', runId: 12 }]);
    expect(await twice('memberships', isOpen)).toMatchObject([
      { of: 'interval', detail: expect.stringContaining('another is open') as string },
    ]);
    expect(
      await alterAll('memberships', (row) => (isOpen(row) ? { ...row, valid_to: row['valid_from'] } : row)),
    ).toMatchObject([{ of: 'interval', detail: expect.stringContaining('no run that ended it') as string }]);
    expect(
      await alterAll('memberships', (row) =>
        isOpen(row) ? { ...row, ended_run_id: row['first_run_id'] } : row,
      ),
    ).toMatchObject([{ of: 'interval', detail: expect.stringContaining('before it begins') as string }]);
  });

  test('are found: a recipe that nobody knows, and what a complete run never says', async () => {
    const eighth = (said: JsonRow) =>
      alterAll('runs', (row) => (row['id'] === 8 ? { ...row, ...said } : row));
    expect(await eighth({ digest_version: 3 })).toMatchObject([
      { of: 'run', runId: 8, detail: expect.stringContaining('recipe is 3') as string },
    ]);
    for (const column of ['error', 'seal', 'linked_by', 'superseded_by', 'chained_name'])
      expect(await eighth({ [column]: 1 })).toMatchObject([
        { of: 'run', runId: 8, detail: expect.stringContaining(column) as string },
      ]);
  });

  test('are found: of principals that come before, between and after those that there are', async () => {
    for (const principalId of [0, 1.5, 9]) {
      const stray = { principal_id: principalId, id: 99 };
      const inOrder = (rows: JsonRow[]) =>
        [...rows, stray].toSorted((left, right) => Number(left.principal_id) - Number(right.principal_id));
      expect(await findIn((table, rows) => (table === 'changes' ? inOrder(rows) : rows))).toMatchObject([
        { principalId, runId: null, detail: expect.stringContaining('changes') as string },
      ]);
    }
  });
});

test('what was told to stop stops, also where it only goes over what is left of a history that does not match', async () => {
  await database.db.execute(sql`update rollcall.runs set requests = 99 where id = 1`);
  const stop = new AbortController();
  const stopped = new Error('stopped');
  let rows = 0;
  await database.db.transaction(async (tx) => {
    const stored = readHistoryRows(tx);
    const read = async function* (table: HistoryTable) {
      for await (const row of stored.read(table)) {
        rows += 1;
        if (rows === 10) stop.abort(stopped);
        yield row;
      }
    };
    await expect(verifyHistory({ read }, { signal: stop.signal })).rejects.toThrow(stopped);
  });
  expect(rows).toBe(10);
});

test('what cannot be read is no mismatch', async () => {
  const broken = new Error('broken');
  await database.db.transaction(async (tx) => {
    const stored = readHistoryRows(tx);
    const read = async function* (table: HistoryTable) {
      for await (const row of stored.read(table)) {
        if (table === 'changes') throw broken;
        yield row;
      }
    };
    await expect(verifyHistory({ read })).rejects.toThrow(broken);
  });
});

/** A database in whose transactions something else happens before the statement of that number. */
function meanwhile(db: Database, number: number, happens: () => Promise<unknown>): Database {
  let statements = 0;
  const watched = <Target extends object>(target: Target): Target =>
    new Proxy(target, {
      get(_, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (name === 'transaction')
          return (work: (tx: Database) => Promise<unknown>, config: object) =>
            db.transaction((tx) => work(watched(tx)), config);
        if (name !== 'execute') return value;
        return async (query: SQL) => {
          statements += 1;
          if (statements === number) await happens();
          return (target as unknown as Database).execute(query);
        };
      },
    });
  return watched(db);
}

test.runIf(databaseKind() === 'postgres')(
  'a night that is stored in the middle of it is not seen by half',
  { timeout: 60_000 },
  async () => {
    const another = await database.connectAgain();
    for (let statement = 1; statement <= 12; statement += 1) {
      const at = night(10 + statement);
      const name = `Acme ${statement}`;
      const happens = () => takeNight(another, [aMembership({ organizationName: name })], { at });
      const { principals, strays } = await verifyRecorded(meanwhile(database.db, statement, happens));
      const mismatches = [...strays, ...principals.flatMap(({ mismatch }) => mismatch ?? [])];
      expect(mismatches, `before statement ${statement}`).toEqual([]);
    }
    const names = await queryRows(
      database.db,
      sql`select from rollcall.memberships where organization_name like 'Acme %'`,
    );
    expect(names.length).toBeGreaterThanOrEqual(12);
  },
);

test('runs of the first recipe are recomputed as PostgreSQL wrote them, and one that was touched is found', async () => {
  const name = 'old "bot"';
  const roll = [
    aMembership({ organizationName: 'Acme "Ü" \t\\ 😀' }),
    aMembership({ organizationId: globex, permissions: null }),
  ];
  await takeNight(database.db, roll, { principal: name, at: night(1) });
  const failed = await claim(database.db, { principal: name, at: night(1) });
  await endRunShort(database.db, failed, { state: 'failed', error: 'no answer', evidence, now: night(1) });
  const { run } = await takeNight(database.db, roll.slice(1), { principal: name, at: night(2) });
  const [linked] = await queryRows<{ digest: string }>(
    database.db,
    sql`select records_digest as digest from rollcall.runs where id = ${run.id}`,
  );
  await rewriteByFirstRecipe(database.db, run.principalId, name);
  await takeNight(database.db, roll.slice(1), { principal: name, at: night(3) });

  expect(await database.db.transaction(verify)).toEqual([]);
  const ours = `principal_id = ${run.principalId} and ended_run_id is not null`;
  expect(
    await findAfter(`update rollcall.memberships set organization_name = 'Acme' where ${ours}`),
  ).toMatchObject([{ principalId: run.principalId, of: 'snapshot' }]);
  expect(
    await findAfter(`delete from rollcall.changes where principal_id = ${run.principalId}`),
  ).toMatchObject([{ of: 'changes', runId: run.id, detail: expect.stringContaining('stored 1') as string }]);
  const linking = `
    update rollcall.runs set linked_by = ${run.id} where id = ${failed.id};
    update rollcall.runs set records_digest = '${linked?.digest}' where id = ${run.id}`;
  expect(await findAfter(linking)).toMatchObject([
    { of: 'run', runId: run.id, detail: expect.stringContaining('records_digest') as string },
  ]);
  const link = `principal_id = ${run.principalId} and baseline_run_id is null`;
  expect(await findAfter(`update rollcall.runs set chained_name = 'new' where ${link}`)).toMatchObject([
    { of: 'run' },
  ]);
});

/** Gives the complete runs of a principal the digests and links that version 0.1.0 gave them, which SQL made, and which linked nothing else. */
async function rewriteByFirstRecipe(db: Database, principalId: number, name: string): Promise<void> {
  await db.execute(sql`update rollcall.runs set linked_by = null where principal_id = ${principalId}`);
  await db.execute(sql`
    update rollcall.runs as run set
      digest_version = 1, changes_digest = null, records_digest = null, chained_name = ${name}, members = null, invited = null,
      digest = (
        select encode(sha256(convert_to(coalesce(string_agg(
          json_build_array(organization_id, organization_name, status, roles, permissions)::text,
          E'\n' order by organization_id collate "C"
        ), ''), 'UTF8')), 'hex')
        from rollcall.snapshots where run_id = run.id
      )
    where principal_id = ${principalId} and state = 'complete'`);
  const runIds = await queryRows<{ id: number }>(
    db,
    sql`select id::float8 from rollcall.runs where principal_id = ${principalId} and state = 'complete' order by id`,
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
