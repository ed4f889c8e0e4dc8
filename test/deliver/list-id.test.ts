import { expect, test } from 'vitest';
import { listIdOf } from '../../src/deliver/list-id.ts';

test('a name that can be a label is one, and mail about nobody in particular has the list above', () => {
  expect(listIdOf('ops-bot', 'rollcall@example.com')).toBe('<ops-bot.rollcall.example.com>');
  expect(listIdOf(null, 'rollcall@example.com')).toBe('<rollcall.example.com>');
  expect(listIdOf('ops-bot', 'rollcall@bücher.example')).toBe('<ops-bot.rollcall.xn--bcher-kva.example>');
});

test('no two names have one list, whatever the case', () => {
  const long = 'x'.repeat(60);
  const names = [
    'ops-bot',
    'Ops-Bot',
    'ops bot',
    'ops.bot',
    'opsböt',
    'opsbot',
    '株式会社',
    '東京',
    '-',
    '…',
    long,
    `${long}y`,
  ];
  const ids = names.map((name) => listIdOf(name, 'rollcall@example.com').toLowerCase());
  expect(new Set(ids).size).toBe(names.length);
  expect(ids).toEqual(names.map((name) => listIdOf(name, 'rollcall@example.com')));
});

test.each(['rollcall@[192.0.2.1]', 'rollcall', 'rollcall@a b', `rollcall@${'x'.repeat(64)}.example`])(
  'a sender such as %s has no name on the net to give it',
  (sender) => {
    expect(listIdOf('ops-bot', sender)).toMatch(/^<ops-bot\.rollcall\.(?:localhost|rollcall)>$/);
  },
);
