import { sql } from 'drizzle-orm';
import { expect, onTestFinished, test } from 'vitest';
import { queryRows } from '../../src/database/database.ts';
import { migrate, readMigrations } from '../../src/database/migrate.ts';
import { readFigures } from '../../src/history/figures.ts';
import { endRunShort } from '../../src/schedule/claim.ts';
import { rejectHeldRun, takeHeldRun } from '../../src/snapshot/held.ts';
import { useDatabase } from '../support/database.ts';
import { aMembership, claim, evidence, holdNight, night, takeNight } from '../support/nights.ts';
import { tellStory } from './story.ts';

const database = useDatabase();

const failure = { state: 'failed', error: 'no answer', evidence } as const;

async function read(...principals: string[]) {
  return (await readFigures(database.db, { principals, timeoutMs: 5_000 })).principals;
}

async function fail(principal: string): Promise<void> {
  await endRunShort(database.db, await claim(database.db, { principal }), { ...failure, now: night(1) });
}

test('old history that is deleted makes no counter fall', async () => {
  await tellStory(database.db);
  const [before] = await read('ops-bot');
  await database.db.execute(sql`delete from rollcall.changes`);
  await database.db.execute(sql`delete from rollcall.memberships`);

  expect(await read('ops-bot')).toMatchObject([
    { runs: before?.runs, changes: before?.changes, requests: before?.requests },
  ]);
});

test('runs that go over to another principal are counted there, and a principal that is deleted nowhere', async () => {
  await takeNight(database.db, [], { principal: 'ops-bot' });
  await fail('new-bot');
  await database.db.execute(sql`
    update rollcall.runs set principal_id = (select id from rollcall.principals where name = 'ops-bot')
    where state = 'failed'`);
  await database.db.execute(sql`delete from rollcall.principals where name = 'new-bot'`);
  await database.db.execute(sql`update rollcall.principals set name = 'renamed' where name = 'ops-bot'`);

  expect(await read('new-bot', 'ops-bot', 'renamed')).toMatchObject([
    { principal: 'renamed', runs: { complete: 1, failed: 1 }, requests: 6 },
  ]);
});

test('a held run counts its requests at once and once, whatever becomes of it', async () => {
  await takeNight(database.db, [aMembership()], { at: night(1) });
  const { id } = await holdNight(database.db, [], { at: night(2) });
  expect(await read('ops-bot')).toMatchObject([{ runs: { complete: 1, held: 1 }, requests: 6 }]);
  await database.db.transaction(async (tx) => rejectHeldRun(tx, await takeHeldRun(tx, id)));

  expect(await read('ops-bot')).toMatchObject([{ runs: { complete: 1, held: 0, rejected: 1 }, requests: 6 }]);
});

test('what is taken back was never counted', async () => {
  await takeNight(database.db, []);
  const [before] = await read('ops-bot');
  const takenBack = database.db.transaction(async (tx) => {
    await tx.execute(sql`update rollcall.runs set state = 'failed', chain = null, error = 'no answer'`);
    throw new Error('taken back');
  });
  await expect(takenBack).rejects.toThrow('taken back');

  expect(await read('ops-bot')).toEqual([before]);
});

test('a database of an older version is counted when it is brought to this one', async () => {
  // Later migrations said what is in what is made anew here: whoever comes next makes all of it.
  onTestFinished(async () => {
    await database.db.execute(sql`drop schema rollcall cascade`);
  });
  await tellStory(database.db);
  await fail('legacy');
  const before = await read('ops-bot', 'legacy');
  await forgetTallies();
  expect(await migrate(database.db)).toEqual(['0006_tallies']);

  expect(await read('ops-bot', 'legacy')).toEqual(before);
  await fail('legacy');
  expect(await read('legacy')).toMatchObject([{ runs: { complete: 1, failed: 2 } }]);
});

/** Takes the migration back that made them. */
async function forgetTallies(): Promise<void> {
  const statements = readMigrations().find(({ tag }) => tag === '0006_tallies')?.statements ?? [];
  const named = statements.join('\n');
  for (const [, index] of named.matchAll(/CREATE INDEX "(\w+)"/g))
    await database.db.execute(sql.raw(`drop index rollcall.${index}`));
  for (const [, name] of named.matchAll(/CREATE FUNCTION rollcall\.(\w+)/g))
    await database.db.execute(sql.raw(`drop function rollcall.${name} cascade`));
  for (const [, table] of named.matchAll(/CREATE TABLE "rollcall"\."(\w+)"/g))
    await database.db.execute(sql.raw(`drop table rollcall.${table}`));
  await database.db.execute(sql`alter table rollcall.runs drop column members, drop column invited`);
  await database.db.execute(sql`delete from rollcall.migrations where tag = '0006_tallies'`);
  expect(await queryRows(database.db, sql`select to_regclass('rollcall.run_tallies') as gone`)).toEqual([
    { gone: null },
  ]);
}
