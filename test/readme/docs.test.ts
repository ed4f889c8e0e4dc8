import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { grantsOfReader } from '../../src/database/reader.ts';
import { deliveries, reports } from '../../src/database/schema.ts';
import { chainOf, digestChanges, type Link } from '../../src/domain/chain.ts';
import { digestRecords } from '../../src/domain/seal.ts';
import { changeKinds } from '../../src/domain/change.ts';
import { digestRoll } from '../../src/domain/digest.ts';
import { runStates } from '../../src/domain/run.ts';
import { families } from '../../src/health/families.ts';
import { writeCsv } from '../../src/report/forms/csv.ts';
import { blocksOf, plain, projectFolder, readPage, sectionOf, spansOf, tableOf } from './markdown.ts';
import { nothingKnown } from '../../src/domain/membership.ts';

const contributing = readPage('CONTRIBUTING.md');
const database = readPage('docs/database.md');
const history = readPage('docs/history.md');
const operations = readPage('docs/operations.md');
const states = readPage('docs/states.md');

describe('the page of operations', () => {
  it('has every metric with its type and labels, in the order in which they are served, and no other', () => {
    const described = tableOf(sectionOf(operations, '## Metrics')).map(([name, type, labels = '']) => [
      plain(name),
      type,
      spansOf(labels),
    ]);
    expect(described).toEqual(families.map(({ name, type, labels }) => [name, type, labels]));
  });

  it('has every kind of report', () => {
    const described = tableOf(sectionOf(operations, '## Mail')).map(([kind]) => plain(kind));
    expect(described.sort()).toEqual([...reports.kind.enumValues].sort());
  });
});

describe('the page of the history', () => {
  it('names every kind of change, in the order of a report', () => {
    const described = tableOf(sectionOf(history, '## What a change says')).map(([kind]) => plain(kind));
    expect(described).toEqual(changeKinds);
  });

  it('names every state of a run and of a delivery', () => {
    expect(sectionOf(history, '### runs')).toContain(`(${runStates.join(', ')})`);
    expect(sectionOf(history, '### deliveries')).toContain(`(${deliveries.state.enumValues.join(', ')})`);
  });

  it('shows the header of the CSV as it is written', () => {
    expect(blocksOf(history, 'csv').map((block) => block.trimEnd())).toEqual([writeCsv([]).trimEnd()]);
  });
});

describe('the page of the database', () => {
  it('grants by hand what --reader-role grants', () => {
    const block = blocksOf(sectionOf(database, '## A role for dashboards'), 'sql').join('');
    const [create, ...grants] = block.replaceAll(/\s+/g, ' ').trim().split(/; ?/).filter(Boolean);
    expect(create).toMatch(/^create role dashboards login /);
    expect(grants).toEqual(
      grantsOfReader('dashboards').map((grant) => grant.replace('"dashboards"', 'dashboards')),
    );
  });
});

/** The arrows of a diagram, and of the table beside it. */
function arrowsUnder(heading: string): { drawn: string[]; told: string[] } {
  const section = sectionOf(states, heading);
  const [diagram = ''] = blocksOf(section, 'mermaid');
  const drawn = [...diagram.matchAll(/^ *(\S+) --> (\S+)$/gm)].map(([, from, to]) => `${from} → ${to}`);
  const told = tableOf(section).map(([from, to]) => `${from === '(none)' ? '[*]' : from} → ${to}`);
  return { drawn, told };
}

function statesIn(arrows: readonly string[]): string[] {
  const named = arrows.flatMap((arrow) => arrow.split(' → '));
  return [...new Set(named)].filter((state) => state !== '[*]').sort();
}

describe('the page of states', () => {
  for (const heading of ['## Run', '## Hold', '## Delivery']) {
    it(`draws the arrows that it tells, under ${heading}`, () => {
      const { drawn, told } = arrowsUnder(heading);
      expect(drawn.length).toBeGreaterThan(4);
      expect([...new Set(told)].sort()).toEqual(drawn.sort());
    });
  }

  it('has every state of a run and of a delivery, and no other', () => {
    expect(statesIn(arrowsUnder('## Run').told)).toEqual([...runStates].sort());
    expect(statesIn(arrowsUnder('## Delivery').told)).toEqual([...deliveries.state.enumValues].sort());
  });
});

describe('the page for developers', () => {
  const parts = readdirSync(path.join(projectFolder, 'src'));

  it('has everything that stands in src, with its floor', () => {
    const [layout = ''] = blocksOf(sectionOf(contributing, '## Layout'), 'text');
    const entries = [...layout.matchAll(/^ {2}(\S+)/gm)].map(([, entry = '']) => entry.replace(/\/$/, ''));
    const floors = spansOf(sectionOf(contributing, '### Floors'));
    for (const part of parts) {
      const name = path.basename(part, '.ts');
      expect(floors).toContain(name);
      expect(entries.includes(part) || entries.includes(`${name}.ts`), part).toBe(true);
    }
  });

  it('names types of a night that are where it says', () => {
    const glossary = tableOf(sectionOf(contributing, '## The types of one night'));
    expect(glossary.length).toBeGreaterThan(5);
    for (const [, , type, home] of glossary) {
      const source = readFileSync(path.join(projectFolder, plain(home)), 'utf8');
      expect(source).toMatch(new RegExp(`^export (?:interface|type) ${plain(type)}\\b`, 'm'));
    }
  });
});

describe('the digests of docs/history.md', () => {
  const vectors = blocksOf(history, 'sh').filter((block) => /^# [0-9a-f]{64}$/m.test(block));

  it('are there', () => {
    expect(vectors).toHaveLength(4);
  });

  for (const [number, vector] of vectors.entries()) {
    it(`are what sha256sum gives, ${number + 1}`, () => {
      const [, expected] = /^# ([0-9a-f]{64})$/m.exec(vector) ?? [];
      expect(execFileSync('sh', ['-c', vector], { encoding: 'utf8' }).split(' ')[0]).toBe(expected);
    });
  }

  it('are those that rollcall makes of the same', () => {
    const roll = [
      {
        ...nothingKnown,
        organizationId: '023e105f4ecef8ad9ca31a8372d0c353',
        organizationName: 'Acme "Ü"',
        status: 'member',
        roles: ['Administrator', 'Billing'],
        permissions: null,
      },
      {
        ...nothingKnown,
        organizationId: '7c5dae5552338874e5053f2534d2767a',
        organizationName: null,
        status: 'invited',
        roles: [],
        permissions: ['#zones:read'],
      },
    ];
    const link: Link = {
      digestVersion: 2,
      runId: 1,
      principalId: 1,
      cloudflareUserId: null,
      source: 'organizations',
      trigger: 'manual',
      slot: null,
      startedAt: new Date('2026-11-26T02:00:00Z'),
      finishedAt: new Date('2026-11-26T02:00:05.250Z'),
      baselineRunId: null,
      organizations: 2,
      members: 1,
      invited: 1,
      changes: 0,
      requests: 4,
      retries: 0,
      listings: 2,
      pages: 2,
      proof: [],
      conclusion: 'listings 1 and 2 agree',
      digest: digestRoll(roll),
      changesDigest: digestChanges([]),
      recordsDigest: null,
      previous: null,
    };
    const records = [
      { table: 'reports' as const, id: 7, seal: '00bb' },
      { table: 'runs' as const, id: 4, seal: '00aa' },
    ];
    const made = [digestRoll(roll), digestChanges([]), chainOf(link), digestRecords(records)];
    expect(vectors.map((vector) => /^# ([0-9a-f]{64})$/m.exec(vector)?.[1])).toEqual(made);
  });
});
