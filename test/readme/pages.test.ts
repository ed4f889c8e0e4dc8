import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { variables } from '../../src/config/variables.ts';
import { families } from '../../src/health/families.ts';
import { faultNames, parseFault } from '../../src/simulator/fault-names.ts';
import { callsIn, leavesOf, parseOnPaper, programOnPaper } from './command-lines.ts';
import {
  anchorsOf,
  blocksOf,
  codeOf,
  pages,
  projectFolder,
  proseOf,
  readPage,
  relativeLinksOf,
  spansOf,
} from './markdown.ts';

const allCode = [...pages.values()].flatMap(codeOf);

describe('every page', () => {
  for (const [file, markdown] of pages) {
    it(`${file} links only to what is there`, () => {
      for (const target of relativeLinksOf(markdown)) {
        const [linked = '', anchor] = target.split('#');
        const page = linked === '' ? file : path.join(path.dirname(file), linked);
        expect(existsSync(path.join(projectFolder, page)), target).toBe(true);
        if (anchor !== undefined) expect(anchorsOf(readPage(page)), target).toContain(anchor);
      }
    });
  }

  it('is linked to from the README, itself or its folder', () => {
    const linked = relativeLinksOf(pages.get('README.md') ?? '').map((target) => target.split('#')[0] ?? '');
    for (const file of pages.keys()) {
      if (file === 'README.md') continue;
      expect(
        linked.some((target) => file === target || file.startsWith(`${target}/`)),
        file,
      ).toBe(true);
    }
  });
});

const leaves = leavesOf((await programOnPaper()).program);

describe('every command line of the pages can be read', () => {
  const inBlocks = [...pages.values()].flatMap((markdown) => blocksOf(markdown)).flatMap(callsIn);
  /** Prose also names commands without calling them. */
  const inProse = [...pages.values()]
    .flatMap((markdown) => spansOf(proseOf(markdown)))
    .flatMap(callsIn)
    .filter((words) => !leaves.has(words.join(' ')));
  const calls = new Map([...inBlocks, ...inProse].map((words) => [words.join(' '), words]));

  it('and there are some', () => {
    expect(calls.size).toBeGreaterThan(15);
  });

  for (const [call, words] of calls) {
    test(`rollcall ${call}`, () => parseOnPaper(words));
  }
});

describe('the pages', () => {
  it('name every script that package.json has, and no other', () => {
    const named = allCode.flatMap((code) => code.match(/(?<=npm run )[\w:]+|(?<=npm )test/g) ?? []);
    expect([...new Set(named)].sort()).toEqual(
      Object.keys(manifest.scripts)
        .filter((name) => name !== 'prepare')
        .sort(),
    );
  });

  it('name only variables that are read', () => {
    const known = Object.keys(variables).flatMap((name) => [name, `${name}_FILE`]);
    const named = allCode.flatMap(
      (code) => code.match(/\b(?:ROLLCALL|CLOUDFLARE|MAIL|SMTP|LOG)_[A-Z_]+\b/g) ?? [],
    );
    expect(named.length).toBeGreaterThan(20);
    for (const name of named) expect(known).toContain(name);
  });

  it('name only metrics that are served, but for CHANGELOG.md, which also tells which were', () => {
    const current = [...pages].flatMap(([file, page]) => (file === 'CHANGELOG.md' ? [] : codeOf(page)));
    const named = current.flatMap((code) => code.match(/\brollcall_[a-z_]+/g) ?? []);
    expect(named.length).toBeGreaterThan(10);
    expect(families.map(({ name }) => name)).toEqual(expect.arrayContaining(named));
  });

  it('write only faults that the simulator knows', () => {
    const faults = codeOf(readPage('docs/simulator.md')).flatMap(faultsIn);
    expect(faults.length).toBeGreaterThan(5);
    for (const fault of faults) expect(parseFault(fault), fault).toHaveProperty('fault');
  });

  it('say what changed in this version', () => {
    expect(anchorsOf(readPage('CHANGELOG.md')).join(' ')).toContain(manifest.version.replaceAll('.', ''));
    expect(readPage('CHANGELOG.md')).toContain('\n## [Unreleased]\n');
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
