import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { deliveries, reports } from '../../src/database/schema.ts';
import { changeKinds } from '../../src/domain/change.ts';
import { runStates } from '../../src/domain/run.ts';
import { families } from '../../src/health/families.ts';
import { writeCsv } from '../../src/report/forms/csv.ts';
import { blocksOf, plain, projectFolder, readPage, sectionOf, spansOf, tableOf } from './markdown.ts';

const contributing = readPage('CONTRIBUTING.md');
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
  it.todo('names every kind of change, in the order of a report', () => {
    const described = tableOf(sectionOf(history, '## What a change says')).map(([kind]) => plain(kind));
    expect(described).toEqual(changeKinds);
  });

  it.todo('names every state of a run and of a delivery', () => {
    expect(sectionOf(history, '### runs')).toContain(`(${runStates.join(', ')})`);
    expect(sectionOf(history, '### deliveries')).toContain(`(${deliveries.state.enumValues.join(', ')})`);
  });

  it.todo('shows the header of the CSV as it is written', () => {
    expect(blocksOf(history, 'csv').map((block) => block.trimEnd())).toEqual([writeCsv([]).trimEnd()]);
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

  it.todo('has every state of a run and of a delivery, and no other', () => {
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
