import { describe, expect, test } from 'vitest';
import { askHistory } from '../../src/history/query.ts';
import { useDatabase } from '../support/database.ts';
import { aMembership, takeNight } from '../support/nights.ts';
import { countRows } from '../support/raw-rows.ts';

const database = useDatabase();

test('a query is answered, one that ends in a semicolon or a comment too', async () => {
  await takeNight(database.db, [aMembership()]);
  const query = 'select organization_name, status from rollcall.current_memberships';

  for (const text of [
    query,
    `${query};`,
    ` ${query} -- who; is where`,
    `${query} ; /* who; */ -- is; where\n`,
  ]) {
    expect(await askHistory(database.db, text)).toEqual({
      columns: ['organization_name', 'status'],
      rows: [['Acme', 'member']],
    });
  }
});

describe('columns keep their names and their order', () => {
  const answers: Record<string, { query: string; columns: string[]; rows: unknown[][] }> = {
    'of one name twice': {
      query: 'select 1 as a, 2 as a, 3 as b',
      columns: ['a', 'a', 'b'],
      rows: [[1, 2, 3]],
    },
    'that hold nothing': {
      query: 'select null as zero, 1 as "a_B c"',
      columns: ['zero', 'a_B c'],
      rows: [[null, 1]],
    },
    'without a name': { query: `select 1, 'x'::text`, columns: ['?column?', 'text'], rows: [[1, 'x']] },
    'without a row': { query: 'select 1 as b, 2 as a where false', columns: ['b', 'a'], rows: [] },
    'of which there are none': { query: 'select from generate_series(1, 2)', columns: [], rows: [[], []] },
    'of a table of values': { query: 'values (1, 2)', columns: ['column1', 'column2'], rows: [[1, 2]] },
    'of what is no query to ask about': { query: 'show timezone', columns: ['TimeZone'], rows: [['UTC']] },
    'behind texts that look like an end': {
      query: `select ';--' as a, $$;$$ as b, E'\\';' as c`,
      columns: ['a', 'b', 'c'],
      rows: [[';--', ';', "';"]],
    },
    'of numbers that JavaScript would round': {
      query: 'select 12345678901234567890 as a, 1.50 as b, 0.1::float8 as c, -0.12345678901234567 as d',
      columns: ['a', 'b', 'c', 'd'],
      rows: [['12345678901234567890', 1.5, 0.1, '-0.12345678901234567']],
    },
  };

  for (const [what, { query, ...answer }] of Object.entries(answers)) {
    test(what, async () => {
      expect(await askHistory(database.db, query)).toEqual(answer);
    });
  }
});

describe('a text that leaves the place it was put in changes nothing', () => {
  const texts = {
    'a second statement': 'select 1; drop schema rollcall cascade',
    'an end of the transaction in the middle':
      'select 1 as a) as answer; rollback; drop schema rollcall cascade; select row_to_json(answer)::text as json from (select 2 as b',
    'a commit': 'select 1 as a) as answer; commit; delete from rollcall.memberships; select (select 1',
    'an end of the transaction alone': 'commit',
    'a statement that writes': 'delete from rollcall.memberships returning 1',
    'a query that writes': 'with gone as (delete from rollcall.memberships returning 1) select * from gone',
    'the end of the block that opens it': 'select 1 $$; drop schema rollcall cascade; do $$ begin end',
    'no query at all': 'selec',
    'a comment alone': '-- nothing',
    'a comment that does not end': 'select 1 /*',
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
