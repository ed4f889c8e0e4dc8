import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { blocksOf, readPage, sectionOf } from '../../readme/markdown.ts';
import { useDatabase } from '../../support/database.ts';
import { hasProgram } from '../../support/programs.ts';
import { keepWholeHistory } from '../../support/whole-history.ts';
import { exportToFolder } from './exporting.ts';

const database = useDatabase();

const missing = hasProgram('jq') ? '' : ' (skipped: jq is not installed)';

const [ofFiles = '', ofRun = ''] = blocksOf(
  sectionOf(readPage('docs/history.md'), '### Checking it without rollcall'),
  'sh',
);

/** Runs a block of the page beside a folder, and returns the lines that it prints. */
function follow(block: string, folder: string): string[] {
  const script = block.replaceAll('history-2026', path.basename(folder));
  return execFileSync('sh', ['-ec', script], { cwd: path.dirname(folder), encoding: 'utf8', stdio: 'pipe' })
    .trimEnd()
    .split('\n');
}

test.skipIf(missing !== '')(
  `an auditor needs no rollcall: what docs/history.md says finds what rollcall finds${missing}`,
  async () => {
    await keepWholeHistory(database.db);
    const folder = await exportToFolder(database.db);
    const files = follow(ofFiles, folder);
    expect(files.slice(0, 6)).toEqual(
      ['principals', 'checkpoints', 'runs', 'memberships', 'changes', 'reports'].map(
        (table) => `${table}.ndjson: OK`,
      ),
    );
    expect(files.at(-2)?.split(' ')[0]).toBe(files.at(-1));

    for (const run of [1, 3, 7, 10, 13]) {
      const printed = follow(ofRun.replace('run=7', `run=${run}`), folder).map((line) => line.split(' ')[0]);
      expect(printed, `run ${run}`).toHaveLength(6);
      expect(printed.slice(0, 3), `run ${run}`).toEqual(printed.slice(3));
    }

    for (const [name, before, after] of [
      ['memberships', '"DNS"', '"DNZ"'],
      ['changes', '"roles_changed"', '"role_changed"'],
      ['runs', '"requests":3', '"requests":4'],
    ] as const) {
      const file = path.join(folder, `${name}.ndjson`);
      const content = readFileSync(file, 'utf8');
      writeFileSync(file, content.replaceAll(before, after));
      expect(() => follow(ofFiles, folder), name).toThrow(/did NOT match/);
      const printed = [3, 7].map((run) =>
        follow(ofRun.replace('run=7', `run=${run}`), folder).map((line) => line.split(' ')[0]),
      );
      expect(
        printed.some((lines) => lines.slice(0, 3).join() !== lines.slice(3).join()),
        name,
      ).toBe(true);
      writeFileSync(file, content);
    }
  },
);
