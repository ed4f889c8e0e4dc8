import { describe, expect, test } from 'vitest';
import { printAnswer } from '../../src/terminal/query-answer.ts';
import { type RowOptions } from '../../src/terminal/rows.ts';
import { onPaper } from '../support/paper.ts';

function printed(
  answer: Parameters<typeof printAnswer>[1],
  options: RowOptions = {},
  width: number | null = null,
) {
  const paper = onPaper(width);
  printAnswer(paper.terminal, answer, options);
  return { stdout: paper.printed(), stderr: paper.warned() };
}

const twice = { columns: ['kind', 'count', 'count', 'gone_because'], rows: [['left', 1, 2, null]] };

describe('an answer has all its columns, by their own names and in their order', () => {
  test('in a table, also those that are empty', () => {
    expect(printed(twice).stdout).toBe('kind  count  count  gone_because\nleft  1      2\n');
  });

  test('in CSV', () => {
    expect(printed(twice, { csv: true }).stdout).toBe('kind,count,count,gone_because\r\nleft,1,2,\r\n');
  });

  test('in JSON, where the second of one name has a number that no other has', () => {
    expect(JSON.parse(printed(twice, { json: true }).stdout)).toEqual([
      { kind: 'left', count: 1, count_2: 2, gone_because: null },
    ]);
    const answer = { columns: ['a', 'a', 'a_2', 'a'], rows: [[1, 2, 3, 4]] };
    expect(JSON.parse(printed(answer, { json: true }).stdout)).toEqual([{ a: 1, a_3: 2, a_2: 3, a_4: 4 }]);
  });

  test('in a block for each row, where they do not fit side by side', () => {
    const { stdout } = printed({ ...twice, rows: [...twice.rows, ['joined', 3, 4, null]] }, {}, 30);

    expect(stdout).toBe(
      'kind          left\ncount         1\ncount         2\ngone_because\n\nkind          joined\ncount         3\ncount         4\ngone_because\n',
    );
  });
});

test('no row is a header, and said', () => {
  const nothing = { columns: ['a', 'b'], rows: [] };

  expect(printed(nothing)).toEqual({ stdout: 'a  b\n', stderr: 'No rows.\n' });
  expect(printed(nothing, { csv: true })).toEqual({ stdout: 'a,b\r\n', stderr: '' });
  expect(printed(nothing, { json: true })).toEqual({ stdout: '[]\n', stderr: '' });
});

test('rows without columns are counted', () => {
  const bare = { columns: [], rows: [[], []] };

  expect(printed(bare)).toEqual({ stdout: '', stderr: '2 rows without columns.\n' });
  expect(JSON.parse(printed(bare, { json: true }).stdout)).toEqual([{}, {}]);
});

test('times are written as everywhere, and a number below zero is one in CSV', () => {
  const answer = { columns: ['at', 'days'], rows: [['2026-03-01T02:00:00+00:00', -3]] };

  expect(printed(answer, { csv: true }).stdout).toBe('at,days\r\n2026-03-01T02:00:00.000Z,-3\r\n');
});
