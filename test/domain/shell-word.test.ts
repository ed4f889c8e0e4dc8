import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { shellWord } from '../../src/domain/shell-word.ts';

describe('a name in a command line that somebody copies', () => {
  test.each(['ops-bot', 'ops bot', "d'Arc", '$(id)', '`id`', '-x;id', 'Straße', '*', '~', ' '])(
    '%j is the one word that a shell reads there',
    (name) => {
      expect(execFileSync('sh', ['-c', `printf %s ${shellWord(name)}`], { encoding: 'utf8' })).toBe(name);
    },
  );

  test('stands as it is where nothing in it means anything to a shell', () => {
    expect(shellWord('legacy-2')).toBe('legacy-2');
  });
});
