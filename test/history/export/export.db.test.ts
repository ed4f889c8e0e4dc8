import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'drizzle-orm';
import { beforeEach, expect, test } from 'vitest';
import { queryRows } from '../../../src/database/database.ts';
import { readHistoryRows } from '../../../src/history/rows.ts';
import { exportedTables, type Manifest } from '../../../src/history/export/manifest.ts';
import { verifyExport } from '../../../src/history/export/verify.ts';
import { moveCheckpoint } from '../../../src/snapshot/checkpoint.ts';
import { pruneBefore } from '../../../src/snapshot/prune.ts';
import { useDatabase } from '../../support/database.ts';
import { night } from '../../support/nights.ts';
import { keepWholeHistory } from '../../support/whole-history.ts';
import { aFolder, exportToFolder, exportToText } from './exporting.ts';

const database = useDatabase();

beforeEach(() => keepWholeHistory(database.db));

/** Where the history of each principal ends, as the database has it. */
function readHeads() {
  return queryRows<{ run_id: number; chain: string }>(
    database.db,
    sql`
      select distinct on (principal_id) id::float8 as run_id, chain from rollcall.runs
      where state = 'complete' order by principal_id, id desc`,
  );
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8')) as Manifest;
}

function rowsOf(folder: string, table: string): Record<string, unknown>[] {
  const lines = readFileSync(path.join(folder, `${table}.ndjson`), 'utf8')
    .split('\n')
    .slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** What differs in an export. */
async function findIn(folder: string): Promise<unknown[]> {
  const { faults, history } = await verifyExport(folder);
  const ofPrincipals = history?.principals.flatMap(({ mismatch }) => mismatch ?? []) ?? ['not looked at'];
  return [...faults, ...(history?.strays ?? []), ...ofPrincipals];
}

test('an export in a folder is verified without a database, and says where the history ends', async () => {
  const folder = await exportToFolder(database.db);
  const { faults, history, manifest } = await verifyExport(folder);

  expect(faults).toEqual([]);
  expect(history).toMatchObject({ strays: [], principals: [{ runs: 11 }, { runs: 2 }] });
  expect(history?.principals.map(({ mismatch }) => mismatch)).toEqual([null, null]);
  expect(manifest.principals.map(({ head }) => head)).toEqual(await readHeads());
});

test('an export that is one stream is verified the same', async () => {
  const file = path.join(aFolder(), 'history.ndjson');
  writeFileSync(file, await exportToText(database.db));
  const { faults, history } = await verifyExport(file);

  expect(faults).toEqual([]);
  expect(history).toMatchObject({ strays: [], principals: [{ runs: 11 }, { runs: 2 }] });
});

test('every column of every row is in it, to the character', async () => {
  const folder = await exportToFolder(database.db);
  await database.db.transaction(async (tx) => {
    for (const table of exportedTables) {
      const rows = [];
      for await (const row of readHistoryRows(tx).read(table))
        rows.push(Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)));
      expect(rowsOf(folder, table)).toEqual(rows);
      expect(manifestOf(folder).files).toContainEqual(
        expect.objectContaining({ table, file: `${table}.ndjson`, rows: rows.length }),
      );
    }
  });
});

test('reports are all there and in their order, be they larger than what is read at once or smaller', async () => {
  await database.db.execute(
    sql`update rollcall.reports set html = repeat('<p>é</p>', 40000) where id % 3 = 0`,
  );
  await database.db.execute(
    sql`update rollcall.reports set csv = null, csv_sha256 = null, csv_filename = null`,
  );
  const expected = await queryRows(
    database.db,
    sql`select id::float8 as id, html, csv from rollcall.reports order by principal_id, linked_by, id`,
  );
  const exported = rowsOf(await exportToFolder(database.db), 'reports');

  expect(expected.length).toBeGreaterThan(6);
  expect(exported.map(({ id, html, csv = null }) => ({ id, html, csv }))).toEqual(expected);
});

test('what it writes is for its owner alone', async () => {
  const folder = await exportToFolder(database.db);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(folder))
    expect(statSync(path.join(folder, name)).mode & 0o777, name).toBe(0o600);
  expect(readdirSync(folder).sort()).toEqual(
    [...exportedTables.map((table) => `${table}.ndjson`), 'manifest.json'].sort(),
  );
});

const parts: Readonly<
  Record<string, [part: { since?: Date; until?: Date; principal?: string }, runs: number[]]>
> = {
  'since a night': [{ since: night(4) }, [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 2, 13]],
  'until a night': [{ until: night(8) }, [1, 3, 4, 5, 6, 7, 8, 2]],
  'between two nights': [{ since: night(6), until: night(9) }, [3, 4, 5, 6, 7, 8, 9, 2]],
  'before the first night': [{ until: night(1) }, []],
  'since after the last': [{ since: night(15) }, [10, 11, 12, 13]],
  'from before the first': [
    { since: new Date('2026-07-01T00:00:00Z') },
    [1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 2, 13],
  ],
  'of one principal': [{ principal: 'legacy' }, [2, 13]],
  'of one principal since a night': [{ principal: 'ops-bot', since: night(7) }, [7, 8, 9, 10, 11, 12]],
  'of a principal without history': [{ principal: 'nobody' }, []],
  'of nights that failed': [{ since: night(3), until: night(5) }, [3, 4, 5, 2]],
};

test('a part is verified by itself: from the last complete run before it, to how it stood at its end', async () => {
  for (const [name, [part, runs]] of Object.entries(parts)) {
    const folder = await exportToFolder(database.db, part);
    expect(await findIn(folder), name).toEqual([]);
    expect(
      rowsOf(folder, 'runs').map(({ id }) => id),
      name,
    ).toEqual(runs);
  }
});

test('what is left of a pruned history is verified, all of it and parts', async () => {
  await database.db.execute(sql`update rollcall.deliveries set state = 'sent', sent_at = now()`);
  const before = night(7);
  const checkpoint = await database.db.transaction((tx) => moveCheckpoint(tx, 1, { before, now: night(20) }));
  if (checkpoint === null) throw new Error('Expected something to prune.');
  await pruneBefore(database.db, checkpoint);
  for (const part of [
    {},
    { since: night(2) },
    { since: night(7) },
    { since: night(9) },
    { until: night(9) },
  ]) {
    const folder = await exportToFolder(database.db, part);
    const name = JSON.stringify(part);
    expect(await findIn(folder), name).toEqual([]);
    expect(rowsOf(folder, 'checkpoints').length, name).toBeGreaterThan(0);
  }
});
