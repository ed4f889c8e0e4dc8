import { type SQL, sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { queryRows } from '../../src/database/database.ts';
import { listMembers } from '../../src/history/members.ts';
import { useDatabase } from '../support/database.ts';
import { aMembership, night, takeNight } from '../support/nights.ts';

const database = useDatabase();

test('who is retired is not current, and was known until then; seen_at is the last look before the instant', async () => {
  await takeNight(database.db, [aMembership()], { at: night(1) });
  await takeNight(database.db, [aMembership()], { at: night(2) });
  const seenAt = async (relation: SQL) =>
    (
      await queryRows<{ seen: string }>(
        database.db,
        sql`select to_char(seen_at at time zone 'UTC', 'DD') as seen from ${relation} as known`,
      )
    ).map(({ seen }) => seen);
  const asOf = (day: number) =>
    seenAt(sql`rollcall.memberships_as_of(${night(day).toISOString()}::timestamptz)`);
  const current = () => seenAt(sql`rollcall.current_memberships`);

  expect([await current(), await asOf(1), await asOf(4)]).toEqual([['02'], ['01'], ['02']]);
  await database.db.execute(
    sql`update rollcall.principals set retired_at = ${night(3).toISOString()}::timestamptz`,
  );
  expect([await current(), await asOf(1), await asOf(4)]).toEqual([[], ['01'], []]);
  expect((await listMembers(database.db, { at: night(1) })).map(({ seenAt: seen }) => seen)).toEqual([
    night(1),
  ]);
  expect(await listMembers(database.db, { at: night(4) })).toEqual([]);
});
