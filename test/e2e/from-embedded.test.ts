import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { getTableName, is, sql } from 'drizzle-orm';
import { PgTable } from 'drizzle-orm/pg-core';
import { afterAll, describe, expect, it } from 'vitest';
import { findEmbedded, moveFromEmbedded } from '../../src/context/from-embedded.ts';
import { copiedTables, talliedTables } from '../../src/database/copy.ts';
import { type Database, openEmbedded, openPostgres, queryRows } from '../../src/database/database.ts';
import { migrate } from '../../src/database/migrate.ts';
import * as schema from '../../src/database/schema.ts';
import { Secret } from '../../src/domain/secret.ts';
import { endRunShort } from '../../src/schedule/claim.ts';
import { rollcall, scratchFolder } from '../support/command-line.ts';
import { databaseKind } from '../support/database.ts';
import { databaseEnvironment, lookInto } from '../support/database-environment.ts';
import { deploy } from '../support/deployment.ts';
import { claim, evidence, night, takeNight } from '../support/nights.ts';
import { keepWholeHistory } from '../support/whole-history.ts';

/** Every row of every table that is copied, as text. */
async function readAll(db: Database): Promise<Record<string, unknown>> {
  const all: Record<string, unknown> = {};
  for (const table of [...copiedTables, ...talliedTables]) {
    const rows = await queryRows<{ row: string }>(
      db,
      sql`select to_jsonb(one)::text as row from ${table} as one`,
    );
    all[getTableName(table)] = rows.map(({ row }) => row).toSorted();
  }
  return all;
}

/** Made once, for it takes seconds. */
let template: Promise<string> | undefined;
const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

async function makeTemplate(): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'rollcall-moved-'));
  folders.push(folder);
  await lookInto({ ROLLCALL_DATA_DIR: folder }, async (db) => {
    await migrate(db);
    await keepWholeHistory(db);
    await db.execute(sql`update rollcall.deliveries set state = 'sent', sent_at = now() where id > 1`);
    await db.execute(sql`update rollcall.deliveries set owed_since = now()`);
  });
  return folder;
}

/** An embedded database in which everything has happened, one mail of which is still to be sent, and an empty PostgreSQL. */
async function prepare() {
  const { database, variables, mailServer } = await deploy();
  const folder = scratchFolder();
  const pglite = path.join(folder, 'pglite');
  const embedded = { ROLLCALL_DATA_DIR: folder };
  cpSync(await (template ??= makeTemplate()), folder, { recursive: true });
  return { database, variables, mailServer, folder, pglite, embedded };
}

describe.runIf(databaseKind() === 'postgres')('moving out of the embedded database', () => {
  it('copies everything as it is, sends what was owed, and leaves the folder as it was, marked as moved', async () => {
    const { database, variables, mailServer, folder, pglite, embedded } = await prepare();
    const before = await lookInto(embedded, readAll);
    const moved = await rollcall(['migrate', '--from-embedded', folder], variables);

    expect(moved).toMatchObject({ status: 0, stderr: '' });
    expect(moved.stdout).toMatch(/ops-bot: the chain matches on both sides, up to run \d+: [0-9a-f]{64}\n/);
    expect(moved.stdout).toContain('1 mail still to be sent');
    expect(await lookInto(database, readAll)).toEqual(before);
    expect(await lookInto(embedded, readAll)).toEqual(before);
    expect(await rollcall(['verify'], variables)).toMatchObject({ status: 0 });

    const goesOn = await rollcall(['runs'], { ...embedded, CLOUDFLARE_API_TOKEN: 'cfut_t' });
    expect(goesOn).toMatchObject({ status: 2, stdout: '' });
    expect(goesOn.stderr).toMatch(
      /goes on elsewhere\. Moved to the PostgreSQL at .* Set DATABASE_URL; or delete .*pglite\.moved/,
    );
    expect(existsSync(`${pglite}.moved`)).toBe(true);

    const run = await rollcall(['run'], variables);
    expect(run.stdout).toContain('sent to security@example.com: [rollcall] baseline');
    expect(mailServer.messages.filter((message) => message.includes('[rollcall] baseline'))).toHaveLength(1);
    expect(await rollcall(['verify'], variables)).toMatchObject({ status: 0 });
  });

  it('moves all or nothing: killed anywhere it starts over, and killed before it could say so it says so then', async () => {
    const { variables, pglite, folder, database } = await prepare();
    const to = await openPostgres(new Secret((database as { DATABASE_URL: string }).DATABASE_URL));
    const queue = { enqueue: () => Promise.resolve() };
    for (const table of ['runs', 'changes', 'deliveries', 'run_tallies']) {
      const killed = new Error('killed');
      const onCopied = (copied: string) => {
        if (copied === table) throw killed;
      };
      await expect(moveFromEmbedded(pglite, { to, queue, now: new Date(), onCopied })).rejects.toThrow(
        killed,
      );
      expect(await queryRows(to.db, sql`select 1 as one from rollcall.principals`)).toEqual([]);
      expect(existsSync(`${pglite}.moved`)).toBe(false);
    }
    await moveFromEmbedded(pglite, { to, queue, now: new Date() });
    // What killed it came before the mark, and a night before it was started over.
    rmSync(`${pglite}.moved`);
    await takeNight(to.db, [], { at: night(12) });
    const again = await rollcall(['migrate', '--from-embedded', folder], variables);
    await to.close();

    expect(again).toMatchObject({ status: 0 });
    expect(again.stdout).toContain('the chain matches on both sides');
    expect(existsSync(`${pglite}.moved`)).toBe(true);
  });

  it('never makes one history of two: of two moves at once one waits and is refused, and so is one without a complete run', async () => {
    const database = await databaseEnvironment();
    const url = new Secret((database as { DATABASE_URL: string }).DATABASE_URL);
    const [to, other] = [await openPostgres(url), await openPostgres(url)];
    await migrate(to.db);
    const queue = { enqueue: () => Promise.resolve() };
    const folders = await Promise.all(
      [1, 1001].map(async (firstId) => {
        const folder = scratchFolder();
        await lookInto({ ROLLCALL_DATA_DIR: folder }, async (db) => {
          await migrate(db);
          // Ids that none of the other has.
          for (const table of ['principals', 'runs'])
            await db.execute(sql.raw(`alter table rollcall.${table} alter id restart with ${firstId}`));
          const run = await claim(db, { principal: `of ${firstId}`, at: night(1) });
          await endRunShort(db, run, { state: 'failed', error: 'no answer', evidence, now: night(1) });
        });
        return path.join(folder, 'pglite');
      }),
    );
    const moves = await Promise.allSettled(
      folders.map((folder, index) =>
        moveFromEmbedded(folder, { to: index === 0 ? to : other, queue, now: new Date() }),
      ),
    );
    const principals = await queryRows(to.db, sql`select name from rollcall.principals`);
    await Promise.all([to.close(), other.close()]);

    expect(moves.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(principals).toHaveLength(1);
    for (const [index, move] of moves.entries()) {
      expect(existsSync(`${folders[index]}.moved`)).toBe(move.status === 'fulfilled');
      if (move.status === 'rejected')
        expect(String(move.reason)).toContain('has a history already, which is another one');
    }
  });

  it('refuses a history that is not empty and another one, and one that does not match, and moves nothing', async () => {
    const { variables, folder, pglite, embedded, database } = await prepare();
    const move = () => rollcall(['migrate', '--from-embedded', folder], variables);
    await lookInto(embedded, (db) => db.execute(sql`update rollcall.runs set requests = 77 where id = 3`));
    const altered = await move();
    expect(altered).toMatchObject({ status: 1 });
    expect(altered.stderr).toMatch(
      /^rollcall: The history in the embedded database does not match .*run 3.*Nothing was moved\.\n$/,
    );
    await lookInto(embedded, (db) => db.execute(sql`update rollcall.runs set requests = 3 where id = 3`));

    await lookInto(database, (db) => takeNight(db, [], { at: night(1) }));
    const other = await move();
    expect(other).toMatchObject({ status: 2 });
    expect(other.stderr).toMatch(/has a history already, which is another one/);
    await lookInto(database, (db) => db.execute(sql`update rollcall.runs set requests = 77`));
    expect((await move()).stderr).toMatch(/^rollcall: The history in the PostgreSQL .* does not match/);
    expect(existsSync(`${pglite}.moved`)).toBe(false);
  });

  it('says what is missing before it does anything', async () => {
    const database = await databaseEnvironment();
    const folder = scratchFolder();
    const call = (...args: string[]) =>
      rollcall(['migrate', ...args], { CLOUDFLARE_API_TOKEN: 'cfut_t', ...database });
    expect((await call('--from-embedded', folder)).stderr).toMatch(
      /^rollcall: There is no embedded database in .*; nothing was done\.\n$/,
    );
    const without = await rollcall(['migrate', '--from-embedded', folder], {
      CLOUDFLARE_API_TOKEN: 'cfut_t',
      ROLLCALL_DATA_DIR: folder,
    });
    expect(without).toMatchObject({ status: 2 });
    expect(without.stderr).toMatch(/--from-embedded needs a PostgreSQL in DATABASE_URL/);
    expect(() => findEmbedded(folder)).toThrow('nothing was done');
  });
});

it('every table is copied, or its rows are of processes alone', () => {
  const all = Object.values(schema)
    .filter((value) => is(value, PgTable))
    .map((table) => getTableName(table));
  const copied = [...copiedTables, ...talliedTables].map((table) => getTableName(table));
  expect(all.filter((name) => !copied.includes(name))).toEqual(['workers']);
});

it('an embedded database that was opened is none that was moved', async () => {
  const folder = scratchFolder();
  const database = await openEmbedded(path.join(folder, 'pglite'));
  await database.close();
  expect(findEmbedded(folder)).toBe(path.join(folder, 'pglite'));
});
