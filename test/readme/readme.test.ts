import { describe, expect, it, test } from 'vitest';
import { type Variable, variables } from '../../src/config/variables.ts';
import { rollcall, scratchFolder } from '../support/command-line.ts';
import { callsIn, leavesOf, parseOnPaper, programOnPaper } from './command-lines.ts';
import { blocksOf, plain, readme, readPage, sectionOf, spansOf, tableOf } from './markdown.ts';

const leaves = leavesOf((await programOnPaper()).program);

/** The commands of the README, in its order: their words, and what the row says of each. */
const documented = tableOf(sectionOf(readme, '## Commands')).map(([name, does = '']) => ({
  name: plain(name).replaceAll(/ [A-Z]+/g, ''),
  options: optionsIn(does),
}));

function optionsIn(text: string): string[] {
  return spansOf(text).flatMap((span) => span.match(/--[a-z-]+/g) ?? []);
}

/** What the README says once of all commands that list, and what a page of its own tells. */
const toldElsewhere = [
  ...optionsIn(sectionOf(readme, '## Commands')).filter((option) => ['--json', '--csv'].includes(option)),
  ...tableOf(readPage('docs/simulator.md')).flatMap(([option = '']) => optionsIn(option)),
];

describe('the README', () => {
  it('documents every variable with its default and its file, and no other', () => {
    const described = tableOf(sectionOf(readme, '## Variables')).map((cells) => cells.slice(0, 3).map(plain));
    expect(described).toEqual(
      Object.entries<Variable>(variables).map(([name, variable]) => [
        name,
        variable.default ?? '',
        variable.secret === true ? `${name}_FILE` : '',
      ]),
    );
  });

  it('documents every command, in the order of --help, and no other', () => {
    expect(documented.map(({ name }) => name)).toEqual([...leaves.keys()]);
  });

  it('documents every option that stands before the command', async () => {
    const { program } = await programOnPaper();
    const offered = program.options.flatMap(({ long }) => long ?? []);
    expect(offered).toContain('--env-file');
    const told = ['## Commands', '## Variables'].flatMap((title) => optionsIn(sectionOf(readme, title)));
    expect(told).toEqual(expect.arrayContaining(offered));
  });

  for (const [name, command] of leaves) {
    const offered = command.options.flatMap(({ long }) => long ?? []);
    const told = documented.find((one) => one.name === name)?.options ?? [];

    it(`names every option of ${name}, and no other`, () => {
      const elsewhere = offered.filter((option) => toldElsewhere.includes(option));
      expect(offered).toEqual(expect.arrayContaining(told));
      expect([...told, ...elsewhere]).toEqual(expect.arrayContaining(offered));
    });
  }

  it('is not too long to be read', () => {
    expect(readme.split('\n').length).toBeLessThan(300);
  });
});

describe('every command has help with an example that can be read', () => {
  for (const [name, command] of leaves) {
    test(name, async () => {
      const { program, printed } = await programOnPaper();
      leavesOf(program).get(name)?.outputHelp();
      const [, examples = ''] = printed.join('\n').split(/^Examples?:$/m);
      const calls = examples.split('\n').flatMap(callsIn);
      for (const words of calls) await parseOnPaper(words);
      expect(calls.length > 0 || examples.includes(`npm run ${command.name()}`), examples).toBe(true);
    });
  }
});

test('the sample of the demo is what the demo prints', { timeout: 60_000 }, async () => {
  const { stdout, status } = await rollcall(['demo'], {}, scratchFolder());
  expect(status).toBe(0);
  const printed = stdout.split('\n').map(withoutWhatVaries);
  const sample = blocksOf(readme, 'console').flatMap((block) => block.trimEnd().split('\n'));
  expect(sample.length).toBeGreaterThan(10);
  for (const line of sample.filter((one) => one !== '…')) expect(printed).toContain(withoutWhatVaries(line));
});

/** Dates, ports and hashes differ from day to day. */
function withoutWhatVaries(line: string): string {
  return line.replaceAll(/\d{4}-\d{2}-\d{2}|(?<=127\.0\.0\.1:)\d+|[0-9a-f]{64}/g, '…');
}
