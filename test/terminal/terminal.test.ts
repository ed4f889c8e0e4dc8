import { PassThrough, Writable } from 'node:stream';
import { type ReadStream, type WriteStream } from 'node:tty';
import { onTestFinished, describe, expect, test } from 'vitest';
import { createTerminal } from '../../src/terminal/terminal.ts';
import { printJson } from '../../src/terminal/json.ts';
import { printRows } from '../../src/terminal/rows.ts';

interface Setting {
  isTTY: boolean;
  columns?: number;
  /** What standard output answers to each write. Default: it takes it. */
  failure?: NodeJS.ErrnoException;
}

/** A terminal on streams in memory, and what was written to them. */
function aTerminal({ isTTY, columns = 40, failure }: Setting) {
  const written = { stdout: '', stderr: '' };
  const streamOf = (name: keyof typeof written, failing?: Error) =>
    Object.assign(
      new Writable({
        write(text: Buffer, _encoding, done) {
          written[name] += text.toString();
          done(failing);
        },
      }),
      { isTTY, columns },
    ) as unknown as WriteStream;
  const stdin = Object.assign(new PassThrough(), { isTTY }) as unknown as ReadStream;
  const terminal = createTerminal({ stdin, stdout: streamOf('stdout', failure), stderr: streamOf('stderr') });
  onTestFinished(() => void terminal.close());
  return { terminal, written, stdin };
}

const hidden = [
  '\u001B[31m',
  '\u009B31m',
  '\u202E',
  '\u2066',
  '\u200F',
  '\u061C',
  '\u200B',
  '\u007F',
  '\0',
  '\r',
  '\t',
];

const names = hidden.map((characters) => `Acme ${characters}Ltd`);

const raw = /[\0-\u0009\u000B-\u001F\u007F-\u009F\u061C\u200B\u200E\u200F\u202A-\u202E\u2066-\u2069]/;

const rows = { rows: names.map((name) => ({ name })), columns: ['name'], table: ['name'], whenEmpty: '' };

describe('on a terminal, characters that hide themselves or others are shown', () => {
  test.each(names)('%j in results, warnings and progress', (name) => {
    const { terminal, written } = aTerminal({ isTTY: true });
    terminal.print(`a ${name}\nand a second line`);
    terminal.warn(`b ${name}`);
    terminal.progress(`c ${name}`);

    expect(written.stdout).not.toMatch(raw);
    expect(written.stdout).toMatch(/^a Acme <U\+.*\nand a second line\n$/);
    expect(written.stderr.replaceAll('\r\u001B[K', '')).not.toMatch(raw);
  });

  test.each([
    ['a table', {}],
    ['CSV', { csv: true }],
    ['JSON', { json: true }],
  ])('in %s', (_, options) => {
    const { terminal, written } = aTerminal({ isTTY: true });
    printRows(terminal, rows, options);

    expect(written.stdout.replaceAll('\r\n', '\n')).not.toMatch(raw);
    expect(written.stdout).toMatch(/009B/i);
  });

  test('in JSON by escapes, so that it says the same', () => {
    const { terminal, written } = aTerminal({ isTTY: true });
    const told = [...names, '\u{E0041} beyond', 'two\nlines', '👩‍💻 株式会社'];
    printJson(terminal, told);

    expect(written.stdout).toContain(String.raw`\u009b`);
    expect(written.stdout).toContain('👩‍💻 株式会社');
    expect(JSON.parse(written.stdout)).toEqual(told);
  });

  test('in CSV without a line of its own for a line end in a name', () => {
    const { terminal, written } = aTerminal({ isTTY: true });
    printRows(terminal, { ...rows, rows: [{ name: 'Acme\r\n7,forged' }] }, { csv: true });

    expect(written.stdout.trimEnd().split('\r\n')).toEqual(['name', '"Acme<U+000D><U+000A>7,forged"']);
  });

  test('in a question', async () => {
    const { terminal, written, stdin } = aTerminal({ isTTY: true });
    const asked = terminal.ask('Leave Acme \u009B1m?');
    stdin.push('yes\n');

    expect(await asked).toBe('yes');
    expect(written.stderr).toContain('Leave Acme <U+009B>1m?');
  });
});

describe('where results go into a file or a pipe', () => {
  test.each([{ csv: true }, { json: true }])('%j has every character as it is', (options) => {
    const { terminal, written } = aTerminal({ isTTY: false });
    printRows(terminal, rows, options);

    for (const name of names) {
      expect(written.stdout).toContain(options.json === true ? JSON.stringify(name) : name);
    }
  });

  test('nothing is drawn, and nothing is cut', () => {
    const { terminal, written } = aTerminal({ isTTY: false, columns: 10 });
    terminal.progress('waiting');
    printRows(terminal, { ...rows, rows: [{ name: 'x'.repeat(300) }] }, {});

    expect(written).toEqual({ stdout: `name\n${'x'.repeat(300)}\n`, stderr: '' });
  });
});

test.each(['ops-bot: request 12345…', '株式会社株式会社株式会社: request 1…', '👩‍💻👩‍💻👩‍💻👩‍💻👩‍💻👩‍💻'])(
  'progress on %s stays on its line',
  (text) => {
    const { terminal, written } = aTerminal({ isTTY: true, columns: 20 });
    terminal.progress(text);

    const drawn = written.stderr.replaceAll('\r\u001B[K', '');
    const width = Array.from(drawn).reduce((sum, one) => sum + (/[\x20-\x7E]/.test(one) ? 1 : 2), 0);
    expect(width).toBeLessThan(20);
    expect(text.startsWith(drawn)).toBe(true);
  },
);

test.each([
  [0, 80],
  [7, 20],
  [132, 132],
])('a terminal that says it has %i columns is taken for one of %i', (columns, width) => {
  expect(aTerminal({ isTTY: true, columns }).terminal.width).toBe(width);
});

describe('a result that cannot be written', () => {
  const failureOf = (code: string) => Object.assign(new Error(`${code}: no`), { code });

  test.each(['ENOSPC', 'EIO', 'EFBIG'])('for %s is told once, and closing says so', async (code) => {
    const { terminal, written } = aTerminal({ isTTY: false, failure: failureOf(code) });
    terminal.print('one');
    terminal.print('two');

    expect(await terminal.close()).toBe(false);
    expect(written.stderr).toMatch(new RegExp(`^rollcall: The result could not be written.*${code}.*\n$`));
  });

  test('for a reader that has seen enough is no failure', async () => {
    const { terminal, written } = aTerminal({ isTTY: false, failure: failureOf('EPIPE') });
    terminal.print('one');
    terminal.print('two');

    expect(await terminal.close()).toBe(true);
    expect(written.stderr).toBe('');
  });

  test('a long one is gone on with while somebody takes it, and no further', async () => {
    const read = aTerminal({ isTTY: false });
    expect(await read.terminal.pour('one')).toBe(true);
    expect(await read.terminal.pour('two')).toBe(true);
    expect(read.written.stdout).toBe('onetwo');
    for (const code of ['EPIPE', 'ENOSPC']) {
      const { terminal, written } = aTerminal({ isTTY: false, failure: failureOf(code) });
      expect(await terminal.pour('one')).toBe(false);
      expect(await terminal.pour('two')).toBe(false);
      expect(written.stdout).toBe('one');
    }
  });
});
