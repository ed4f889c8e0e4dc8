import { describe, expect, test } from 'vitest';
import { askHistory } from '../../src/history/query.ts';
import { useDatabase } from '../support/database.ts';
import { aMembership, takeNight } from '../support/nights.ts';
import { countRows } from '../support/raw-rows.ts';

const database = useDatabase();

test('a query is answered, one that ends in a semicolon or a comment too', async () => {
  await takeNight(database.db, [aMembership()]);
  const query = 'select organization_name, status from rollcall.current_memberships';

  for (const text of [query, `${query};`, ` ${query} -- who is where`]) {
    expect(await askHistory(database.db, text)).toEqual(['{"organization_name":"Acme","status":"member"}']);
  }
});

describe('a text that leaves the place it was put in changes nothing', () => {
  const texts = {
    'a second statement': 'select 1; drop schema rollcall cascade',
    'an end of the transaction in the middle':
      'select 1 as a) as answer; rollback; drop schema rollcall cascade; select row_to_json(answer)::text as json from (select 2 as b',
    'a commit': 'select 1 as a) as answer; commit; delete from rollcall.memberships; select (select 1',
    'a statement that writes': 'delete from rollcall.memberships returning 1',
    'a query that writes': 'with gone as (delete from rollcall.memberships returning 1) select * from gone',
    'the end of the block that opens it': 'select 1 $$; drop schema rollcall cascade; do $$ begin end',
    'no query at all': 'selec',
  };

  for (const [what, text] of Object.entries(texts)) {
    test(what, async () => {
      await takeNight(database.db, [aMembership()]);

      await expect(askHistory(database.db, text)).rejects.toThrow();
      expect(await countRows(database.db)).toMatchObject({ runs: 1, memberships: 1 });
    });
  }

  test('a function that writes is taken back', async () => {
    const before = await askHistory(database.db, 'select count(*) from pg_largeobject_metadata');
    await askHistory(database.db, 'select lo_creat(1) > 0 as made').catch(() => undefined);

    expect(await askHistory(database.db, 'select count(*) from pg_largeobject_metadata')).toEqual(before);
  });
});
