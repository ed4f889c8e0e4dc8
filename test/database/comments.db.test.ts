import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { queryRows } from '../../src/database/database.ts';
import { useDatabase } from '../support/database.ts';

const database = useDatabase();

interface Named extends Record<string, unknown> {
  name: string;
  comment: string | null;
}

/** The schema, and every relation, column and function in it, with what the database says of it. */
const everything = sql`
  select 'schema rollcall' as name, obj_description('rollcall'::regnamespace, 'pg_namespace') as comment
  union all
  select relname, obj_description(oid, 'pg_class') from pg_class
  where relnamespace = 'rollcall'::regnamespace and relkind not in ('i', 'I', 'S', 't', 'c')
  union all
  select relname || '.' || attname, col_description(attrelid, attnum)
  from pg_attribute join pg_class on pg_class.oid = attrelid
  where relnamespace = 'rollcall'::regnamespace and relkind not in ('i', 'I', 'S', 't', 'c')
    and attnum > 0 and not attisdropped
  union all
  select proname || '()', obj_description(pg_proc.oid, 'pg_proc') from pg_proc
  where pronamespace = 'rollcall'::regnamespace
    and not exists (select from pg_depend where objid = pg_proc.oid and deptype = 'e')`;

test('the database says of everything in it what it is, in one sentence', async () => {
  const found = await queryRows<Named>(database.db, everything);
  const names = found.map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining([
      'schema rollcall',
      'runs',
      'change_log',
      'change_log.kind',
      'memberships_as_of()',
    ]),
  );
  expect(found.filter(({ comment }) => comment === null).map(({ name }) => name)).toEqual([]);
  for (const { name, comment } of found) expect(comment, name).toMatch(/^\S+ [^\n`]{3,140}\.$/);
});
