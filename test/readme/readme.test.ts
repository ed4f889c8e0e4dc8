import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { type Variable, variables } from '../../src/config/variables.ts';
import { changeKinds } from '../../src/domain/change.ts';
import { runStates } from '../../src/domain/run.ts';
import { writeCsv } from '../../src/report/forms/csv.ts';
import { faultNames, parseFault } from '../../src/simulator/fault-names.ts';
import { rollcall, scratchFolder } from '../support/command-line.ts';
import { callsIn, leavesOf, parseOnPaper, programOnPaper } from './command-lines.ts';
import {
  blocksOf,
  codeOf,
  plain,
  projectFolder,
  readme,
  relativeLinksOf,
  sectionOf,
  spansOf,
  tableOf,
} from './markdown.ts';

const leaves = leavesOf(programOnPaper().program);

describe('the README', () => {
  it('documents every variable with its default and its file, and no other', () => {
    const documented = tableOf(sectionOf(readme, '## Variables')).map((cells) =>
      cells.slice(0, 3).map(plain),
    );
    expect(documented).toEqual(
      Object.entries<Variable>(variables).map(([name, variable]) => [
        name,
        variable.default ?? '',
        variable.secret === true ? `${name}_FILE` : '',
      ]),
    );
  });

  it('documents every command, in the order of --help, and no other', () => {
    const documented = tableOf(sectionOf(readme, '## Commands')).map(([name]) => plain(name));
    expect(documented.map((name) => name.replaceAll(/ [A-Z]+/g, ''))).toEqual([...leaves.keys()]);
  });

  it('names only options that their command has', () => {
    for (const [name, does = ''] of tableOf(sectionOf(readme, '## Commands'))) {
      const command = leaves.get(plain(name).replaceAll(/ [A-Z]+/g, ''));
      const options = spansOf(does).flatMap((span) => span.match(/--[a-z-]+/g) ?? []);
      expect(command?.options.map(({ long }) => long)).toEqual(expect.arrayContaining(options));
    }
  });

  it('names every kind of change, in the order of a report', () => {
    const documented = tableOf(sectionOf(readme, '### Changes')).map(([kind]) => plain(kind));
    expect(documented).toEqual(changeKinds);
  });

  it('names every state of a run', () => {
    expect(sectionOf(readme, '## Ask the history')).toContain(`(${runStates.join(', ')})`);
  });

  it('shows the header of the CSV as it is written', () => {
    expect(blocksOf(readme, 'csv').map((block) => block.trimEnd())).toEqual([writeCsv([]).trimEnd()]);
  });

  it('names only scripts that package.json has', () => {
    const named = codeOf(readme).flatMap((code) => code.match(/(?<=npm run )[\w:]+|(?<=npm )test/g) ?? []);
    expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining(named));
    expect(named).toEqual(expect.arrayContaining(['demo', 'test', 'check', 'test:sdk']));
  });

  it('links only to what is there', () => {
    const anchors = [...readme.matchAll(/^#+ (.+)$/gm)].map(
      ([, title = '']) =>
        `#${title
          .toLowerCase()
          .replaceAll(/[^\w -]/g, '')
          .replaceAll(' ', '-')}`,
    );
    for (const target of relativeLinksOf(readme)) {
      const [file = '', anchor] = target.split('#');
      if (file === '') expect(anchors).toContain(`#${anchor}`);
      else expect(existsSync(path.join(projectFolder, file)), target).toBe(true);
    }
  });

  it('writes only faults that the simulator knows', () => {
    const simulator = codeOf(readme.split('## The simulator')[1] ?? '');
    const faults = simulator.flatMap(faultsIn);
    expect(faults.length).toBeGreaterThan(5);
    for (const fault of faults) expect(parseFault(fault), fault).toHaveProperty('fault');
  });
});

/** What is sent to the simulator as a fault, or a span that begins with a fault's name and goes on as a fault does. */
function faultsIn(code: string): string[] {
  const [sent] = /(?<="fault":")[^"]+/.exec(code) ?? [];
  if (sent !== undefined) return [sent];
  return faultNames.some((name) => code.startsWith(name) && /^[=:@#x]/.test(code.slice(name.length)))
    ? [code]
    : [];
}

describe('every command line of the README can be read', () => {
  const calls = codeOf(readme).flatMap(callsIn);

  it('and there are some', () => {
    expect(calls.length).toBeGreaterThan(10);
  });

  for (const words of calls) {
    test(`rollcall ${words.join(' ')}`, () => parseOnPaper(words));
  }
});

describe('every command has help with an example that can be read', () => {
  for (const [name, command] of leaves) {
    test(name, () => {
      const { program, printed } = programOnPaper();
      leavesOf(program).get(name)?.outputHelp();
      const [, examples = ''] = printed.join('\n').split(/^Examples?:$/m);
      const calls = examples.split('\n').flatMap(callsIn);
      for (const words of calls) parseOnPaper(words);
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
