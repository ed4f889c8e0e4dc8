import { expect, test } from 'vitest';
import { copyRows, countRows } from '../../src/database/copy.ts';
import { verifyRecorded } from '../../src/history/verify/recorded.ts';
import { useDatabase } from '../support/database.ts';
import { keepWholeHistory } from '../support/whole-history.ts';

const source = useDatabase();
const target = useDatabase();

test('rows that refer to rows after them go over in however many pieces', async () => {
  await keepWholeHistory(source.db);
  const rows = await countRows(source.db);
  expect(rows).toBeGreaterThan(30);

  await source.db.transaction((from) => target.db.transaction((to) => copyRows(from, to, { rowsAtOnce: 1 })));

  expect(await countRows(target.db)).toBe(rows);
  const heads = async (db: typeof source.db) =>
    (await verifyRecorded(db)).principals.map(({ principal, head, mismatch }) => ({
      principal,
      head,
      mismatch,
    }));
  expect(await heads(target.db)).toEqual(await heads(source.db));
});
