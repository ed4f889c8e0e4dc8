import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { RollcallError } from '../../../src/domain/errors.ts';
import { type Manifest, sealManifest, writeManifest } from '../../../src/history/export/manifest.ts';
import { verifyExport } from '../../../src/history/export/verify.ts';
import { useDatabase } from '../../support/database.ts';
import { night } from '../../support/nights.ts';
import { noHistory } from '../../support/no-history.ts';
import { keepWholeHistory } from '../../support/whole-history.ts';
import { aFolder, exportToFolder, exportToText } from './exporting.ts';

const database = useDatabase();

beforeEach(() => keepWholeHistory(database.db));

/** What is found of an export: what differs, or why there is none. */
async function findIn(place: string): Promise<string[]> {
  try {
    const { faults, history } = await verifyExport(place);
    const mismatches = [
      ...(history?.strays ?? []),
      ...(history?.principals.flatMap(({ mismatch }) => mismatch ?? []) ?? []),
    ];
    return [...faults, ...mismatches.map(({ of, detail }) => `${of}: ${detail}`)];
  } catch (error) {
    if (!(error instanceof RollcallError) || error.code !== 'usage') throw error;
    return [error.message];
  }
}

/** One byte of a file, which becomes another. */
const flips = fc.record({ at: fc.nat(), to: fc.nat({ max: 255 }) });

function flip(content: Buffer, { at, to }: { at: number; to: number }): Buffer {
  const flipped = Buffer.from(content);
  flipped[at % content.length] = to;
  return flipped;
}

test('one byte that is another than it was is found, in any file', async () => {
  const folder = await exportToFolder(database.db);
  const stream = path.join(aFolder(), 'history.ndjson');
  writeFileSync(stream, await exportToText(database.db));
  const files = [stream, ...readdirSync(folder).map((name) => path.join(folder, name))];
  for (const file of files) {
    const content = readFileSync(file);
    if (content.length === 0) continue;
    await fc.assert(
      fc.asyncProperty(flips, async (one) => {
        const flipped = flip(content, one);
        fc.pre(!flipped.equals(content));
        writeFileSync(file, flipped);
        expect(await findIn(file === stream ? stream : folder)).not.toEqual([]);
      }),
      { numRuns: 60 },
    );
    writeFileSync(file, content);
  }
});

/** What an attacker does who knows how: the manifest says what the files are now. */
function adjustManifest(folder: string): void {
  const file = path.join(folder, 'manifest.json');
  const { sha256: _, ...manifest } = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  const files = manifest.files.map((one) => {
    const content = readFileSync(path.join(folder, one.file));
    const rows = content.filter((byte) => byte === 0x0a).length;
    return {
      ...one,
      rows,
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
    };
  });
  writeFileSync(file, writeManifest(sealManifest({ ...manifest, files })));
}

/** What the chain does not cover, beside what is no history. */
const notCovered = new Set([
  ...Object.keys(noHistory),
  'principals.created_at',
  'principals.retired_at',
  'principals.cloudflare_user_id',
  'checkpoints.made_at',
]);

/** The columns in which two files of a table differ; `null` where one of them is none. */
function columnsThatDiffer(table: string, before: Buffer, after: Buffer): string[] | null {
  const rowsOf = (content: Buffer) =>
    content
      .toString('utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  try {
    const [rows, others] = [rowsOf(before), rowsOf(after)];
    return rows.flatMap((row, index) => {
      const other = others[index] ?? {};
      const names = [...new Set([...Object.keys(row), ...Object.keys(other)])];
      return names
        .filter((name) => JSON.stringify(row[name]) !== JSON.stringify(other[name]))
        .map((name) => `${table}.${name}`);
    });
  } catch {
    return null;
  }
}

test.for([
  ['all of it', {}, ['principals', 'runs', 'memberships', 'changes', 'reports']],
  ['a part', { since: night(7) }, ['checkpoints']],
] as const)(
  'of %s, it is found too where the manifest is made to match, by the chain',
  { timeout: 120_000 },
  async ([, part, tables]) => {
    const folder = await exportToFolder(database.db, part);
    for (const table of tables) {
      const file = path.join(folder, `${table}.ndjson`);
      const content = readFileSync(file);
      await fc.assert(
        fc.asyncProperty(flips, async (one) => {
          const flipped = flip(content, one);
          const differing = columnsThatDiffer(table, content, flipped);
          fc.pre(
            !flipped.equals(content) && !(differing?.length === 1 && notCovered.has(differing[0] ?? '')),
          );
          writeFileSync(file, flipped);
          adjustManifest(folder);
          expect(await findIn(folder), `${table} ${JSON.stringify(differing)}`).not.toEqual([]);
        }),
        { numRuns: 150 },
      );
      writeFileSync(file, content);
    }
  },
);

/** What somebody may do to a folder, and what is said of it. */
const harms: Readonly<Record<string, [harm: (folder: string) => void, told: RegExp]>> = {
  'no such folder': [(folder) => rmSync(folder, { recursive: true }), /There is no export at .*not there/],
  'a folder without a manifest': [
    (folder) => rmSync(path.join(folder, 'manifest.json')),
    /no manifest\.json/,
  ],
  'a manifest that is a folder': [
    (folder) => {
      rmSync(path.join(folder, 'manifest.json'));
      mkdirSync(path.join(folder, 'manifest.json'));
    },
    /no manifest\.json/,
  ],
  'a manifest that is not JSON': [
    (folder) => writeFileSync(path.join(folder, 'manifest.json'), '[[[['),
    /its manifest is none/,
  ],
  'a manifest of something else': [
    (folder) => writeFileSync(path.join(folder, 'manifest.json'), '{"name":"app","icons":[]}'),
    /its manifest is none/,
  ],
  'a manifest nested deep': [
    (folder) =>
      writeFileSync(path.join(folder, 'manifest.json'), '['.repeat(1_000_000) + ']'.repeat(1_000_000)),
    /its manifest is none/,
  ],
  'a manifest of a newer format': [
    (folder) => writeFileSync(path.join(folder, 'manifest.json'), '{"format":2}'),
    /made by a newer rollcall/,
  ],
  'a manifest with blanks': [
    (folder) => {
      const file = path.join(folder, 'manifest.json');
      writeFileSync(file, JSON.stringify(JSON.parse(readFileSync(file, 'utf8'))));
    },
    /The manifest is not as it was written/,
  ],
  'a file that is missing': [
    (folder) => rmSync(path.join(folder, 'changes.ndjson')),
    /changes\.ndjson: it is not there/,
  ],
  'a file without a row that is missing': [
    (folder) => rmSync(path.join(folder, 'checkpoints.ndjson')),
    /checkpoints\.ndjson: it is not there/,
  ],
  'a file that is a folder': [
    (folder) => {
      rmSync(path.join(folder, 'runs.ndjson'));
      mkdirSync(path.join(folder, 'runs.ndjson'));
    },
    /runs\.ndjson: it is not there/,
  ],
  'a file that is a pipe': [
    (folder) => {
      rmSync(path.join(folder, 'runs.ndjson'));
      execFileSync('mkfifo', [path.join(folder, 'runs.ndjson')]);
    },
    /runs\.ndjson: it is not there/,
  ],
  'a file that never ends': [
    (folder) => {
      rmSync(path.join(folder, 'runs.ndjson'));
      symlinkSync('/dev/zero', path.join(folder, 'runs.ndjson'));
    },
    /runs\.ndjson: it is not there/,
  ],
  'a file that is cut off': [
    (folder) => truncateSync(path.join(folder, 'memberships.ndjson'), 200),
    /memberships\.ndjson: it ends within a line/,
  ],
  'a file that has lost a row': [
    (folder) => {
      const file = path.join(folder, 'changes.ndjson');
      writeFileSync(file, readFileSync(file, 'utf8').replace(/^.*\n/, ''));
    },
    /changes\.ndjson: it is not what the manifest says/,
  ],
  'a file that has lost a row, with a manifest made to match': [
    (folder) => {
      const file = path.join(folder, 'changes.ndjson');
      writeFileSync(file, readFileSync(file, 'utf8').replace(/^.*\n/, ''));
      adjustManifest(folder);
    },
    /changes: it says that it stored/,
  ],
  'an empty file': [
    (folder) => truncateSync(path.join(folder, 'runs.ndjson')),
    /runs\.ndjson: it is not what the manifest says/,
  ],
  'history cut off at its end, with files made to match': [
    (folder) => {
      for (const name of ['runs', 'memberships', 'changes', 'reports'])
        writeFileSync(path.join(folder, `${name}.ndjson`), '');
      adjustManifest(folder);
    },
    /The manifest says of ops-bot what its history does not/,
  ],
  'principals who are gone, with files made to match': [
    (folder) => {
      for (const name of ['principals', 'runs', 'memberships', 'changes', 'reports'])
        writeFileSync(path.join(folder, `${name}.ndjson`), '');
      adjustManifest(folder);
    },
    /Of ops-bot, whom the manifest names, there is no row/,
  ],
};

/** Lines that are no row, in a file that the manifest was made to match. */
const lines: Readonly<Record<string, [line: string, told: RegExp]>> = {
  'ten megabytes without a line end': ['x'.repeat(10_000_000), /runs\.ndjson: it ends within a line/],
  'a line of ten megabytes': [`${'x'.repeat(10_000_000)}\n`, /runs\.ndjson, line 1: it is not JSON/],
  'JSON nested deep': [
    `{"proof":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}\n`,
    /line 1: it is nested too deep/,
  ],
  'a list': ['[]\n', /line 1: it is no row/],
  null: ['null\n', /line 1: it is no row/],
  'an empty line': ['\n', /line 1: it is not JSON/],
  'a column that nobody knows': ['{"constructor":1}\n', /line 1: /],
  'bytes that are no text': ['\xff\n', /runs\.ndjson: it is not UTF-8/],
};

test('a folder that is no export, or not a whole one, is told in a line', async () => {
  const whole = await exportToFolder(database.db);
  const isolated = (harm: (folder: string) => void) => {
    const folder = path.join(aFolder(), 'copy');
    cpSync(whole, folder, { recursive: true });
    harm(folder);
    return folder;
  };
  const cases = [
    ...Object.entries(harms),
    ...Object.entries(lines).map(([name, [line, told]]) => {
      const harm = (folder: string) => {
        writeFileSync(path.join(folder, 'runs.ndjson'), line, 'latin1');
        adjustManifest(folder);
      };
      return [name, [harm, told]] as const;
    }),
  ];
  for (const [name, [harm, told]] of cases) {
    const [found = 'nothing', ...others] = await findIn(isolated(harm));
    expect([found, ...others].join('\n'), name).toMatch(told);
    expect(found, name).not.toContain('\n');
    expect(found.length, name).toBeLessThan(500);
  }
});

/** The same rows, written as others than we write them: what reads them might read something else. */
const otherwise: Readonly<Record<string, [write: (lines: string) => string, told: RegExp]>> = {
  'a blank': [(lines) => lines.replace('"id":1,', '"id": 1,'), /line 1: it is not canonical JSON/],
  'an escape': [
    (lines) => lines.replace('"state":"complete"', '"state":"c\\u006fmplete"'),
    /not canonical JSON/,
  ],
  'a key that is there twice': [(lines) => lines.replace('"id":1,', '"id":2,"id":1,'), /not canonical JSON/],
  'a null': [(lines) => lines.replace('"id":1,', '"error":null,"id":1,'), /not canonical JSON/],
  'another order': [(lines) => lines.replace(/{("abandoned":[a-z]+),(.*)}/, '{$2,$1}'), /not canonical JSON/],
  'a column that nobody knows': [
    (lines) => lines.replace('{"abandoned"', '{"aaa":1,"abandoned"'),
    /line 1: no column is called aaa/,
  ],
};

test('a row that is written otherwise is none, also where the manifest is made to match', async () => {
  const folder = await exportToFolder(database.db);
  const file = path.join(folder, 'runs.ndjson');
  const content = readFileSync(file, 'utf8');
  for (const [name, [write, told]] of Object.entries(otherwise)) {
    writeFileSync(file, write(content));
    adjustManifest(folder);
    expect(readFileSync(file, 'utf8'), name).not.toBe(content);
    expect((await findIn(folder)).join('\n'), name).toMatch(told);
  }
});

test('a file that is no export is told in a line', async () => {
  const text = await exportToText(database.db);
  const cases: Readonly<Record<string, [content: string, told: RegExp]>> = {
    'an empty file': ['', /does not end with a manifest/],
    'a file of something else': ['%PDF-1.7\n', /line 1 is neither a row nor a manifest/],
    'ten megabytes without a line end': ['x'.repeat(10_000_000), /it ends within a line/],
    'one that was cut off within a line': [text.slice(0, 5_000), /it ends within a line/],
    'one that was cut off between lines': [text.slice(0, text.indexOf('\n', 5_000) + 1), /it was cut off/],
    'one that goes on after its end': [text + text, /comes after the manifest/],
    'one whose tables are mixed': [
      text.replace(/({"table":"runs".*\n)({"table":"memberships".*\n)/, '$2$1'),
      /is of runs, which has ended before/,
    ],
  };
  for (const [name, [content, told]] of Object.entries(cases)) {
    const file = path.join(aFolder(), 'history.ndjson');
    writeFileSync(file, content);
    const found = await findIn(file);
    expect(found, name).toHaveLength(1);
    expect(found[0], name).toMatch(told);
  }
  expect((await findIn('/dev/zero')).join()).toMatch(/neither a folder nor a file/);
});
