import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { probeDatabase } from '../../src/health/probe.ts';
import { inRolledBackTransaction } from '../../src/database/rollback.ts';
import { useDatabase } from '../support/database.ts';

const database = useDatabase();

test('a database with tables and queue that takes changes is one to work with', async () => {
  expect(await probeDatabase(database.db)).toEqual({ takesChanges: true, hasQueue: true });
});

test('one that was made read-only takes no changes, though it answers', async () => {
  const found = await database.db.transaction((tx) => probeDatabase(tx), { accessMode: 'read only' });

  expect(found).toEqual({ takesChanges: false, hasQueue: true });
});

test.each([
  ['whose tables are gone', 'alter table rollcall.runs rename to mislaid', { takesChanges: false }],
  ['whose schema is gone', 'alter schema rollcall rename to mislaid', { takesChanges: false }],
  ['whose queue is gone', 'alter schema pgboss rename to mislaid', { takesChanges: true, hasQueue: false }],
])('one %s is none to work with', async (_, change, expected) => {
  const found = await inRolledBackTransaction(database.db, async (tx) => {
    await tx.execute(sql.raw(change));
    return probeDatabase(tx);
  });

  expect(found).toMatchObject(expected);
});

test('one whose user may not write the tables takes no changes', async () => {
  const found = await inRolledBackTransaction(database.db, async (tx) => {
    await tx.execute(sql`create role reader_of_health`);
    await tx.execute(sql`grant usage on schema rollcall, pgboss to reader_of_health`);
    await tx.execute(sql`grant select on all tables in schema rollcall to reader_of_health`);
    await tx.execute(sql`set local role reader_of_health`);
    return probeDatabase(tx);
  });

  expect(found).toEqual({ takesChanges: false, hasQueue: true });
});
