import { expect, test } from 'vitest';
import { discreet } from '../../src/terminal/discreet.ts';
import { type Terminal } from '../../src/terminal/terminal.ts';
import { Secret } from '../../src/domain/secret.ts';

/** A terminal, and what it printed and warned of. */
function aTerminal() {
  const said: string[] = [];
  const terminal: Terminal = {
    print: (text) => void said.push(`printed: ${text}`),
    write: () => undefined,
    pour: () => Promise.resolve(true),
    warn: (text) => void said.push(`warned: ${text}`),
    progress: () => undefined,
    ask: () => Promise.resolve(''),
    width: null,
    signal: new AbortController().signal,
    close: () => Promise.resolve(true),
  };
  return { terminal, said };
}

test('a warning has no secret in it', () => {
  const { terminal, said } = aTerminal();
  discreet(terminal, () => [new Secret('cfut_token')]).warn('rollcall: cfut_token is refused');
  expect(said).toEqual(['warned: rollcall: [secret] is refused']);
});

test('secrets are asked for at a warning, and not before', () => {
  const { terminal, said } = aTerminal();
  let asked = 0;
  const quiet = discreet(terminal, () => {
    asked += 1;
    return [];
  });
  quiet.print('a result');
  expect(asked).toBe(0);
  quiet.warn('one');
  quiet.warn('two');
  expect(asked).toBeGreaterThan(0);
  expect(said).toEqual(['printed: a result', 'warned: one', 'warned: two']);
});
