import { expect, test } from 'vitest';
import { askHistory } from '../../src/history/query.ts';
import { describeQueryFault } from '../../src/terminal/query-fault.ts';
import { useDatabase } from '../support/database.ts';

const database = useDatabase();

/** What is said of a query that fails. */
async function faultOf(query: string): Promise<string | null> {
  const error: unknown = await askHistory(database.db, query).catch((thrown: unknown) => thrown);
  return describeQueryFault(error, query);
}

test.each([
  ['a word that is none', 'selec', ['ERROR:  syntax error at or near "selec"', 'LINE 1: selec', '        ^']],
  [
    'a column that is not there, on the second line',
    'select 1,\n  nope from rollcall.runs;',
    ['ERROR:  column "nope" does not exist', 'LINE 2:   nope from rollcall.runs;', '          ^'],
  ],
  [
    'a fault behind wide characters',
    "select '東京', nope",
    ['ERROR:  column "nope" does not exist', "LINE 1: select '東京', nope", '                       ^'],
  ],
  [
    'a fault behind a tab, in a line that ends in CRLF',
    'select\tnope\r\nfrom rollcall.runs',
    ['ERROR:  column "nope" does not exist', 'LINE 1: select nope', '               ^'],
  ],
  [
    'a function that is not there, with what may help',
    'select foo(1)',
    [
      'ERROR:  function foo(integer) does not exist',
      'LINE 1: select foo(1)',
      '               ^',
      /^HINT: {2}No function/,
    ],
  ],
  ['a fault that has no place', 'select 1 / id from (values (0)) as a (id)', ['ERROR:  division by zero']],
  [
    'an end that is missing',
    'select (1',
    [/^ERROR: {2}syntax error at end of input/, 'LINE 1: select (1', '                 ^'],
  ],
  [
    'a table that does not exist',
    'table rollcall.nothing',
    [/relation "rollcall\.nothing" does not exist/, 'LINE 1: table rollcall.nothing', '              ^'],
  ],
])('psql’s words for %s', async (_, query, expected) => {
  const lines = (await faultOf(query))?.split('\n') ?? [];

  expect(lines).toEqual(
    expected.map((line): unknown => (typeof line === 'string' ? line : expect.stringMatching(line))),
  );
  expect(lines.join('\n')).not.toMatch(/answer|row_to_json|rollcall_question/);
});

test('of a long line what is around the fault', async () => {
  const [, line = '', caret = ''] =
    (await faultOf(`select ${'1, '.repeat(100)} nope ${', 1'.repeat(100)}`))?.split('\n') ?? [];

  expect(line.length).toBeLessThan(90);
  expect(line.slice(caret.indexOf('^'))).toMatch(/^nope , 1.*\.\.\.$/);
});

test('a fault with text from outside shows what that hides', async () => {
  expect(await faultOf(`select 'Acme \u202E'::int`)).toMatch(/"Acme <U\+202E>"/);
});

test('what is no fault of the database is left to others', () => {
  expect(describeQueryFault(new Error('out of coffee'), 'select 1')).toBeNull();
});
