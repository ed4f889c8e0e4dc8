import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { findRing, findTrespasses, importsOf, readImports } from './support/floors.ts';

const house = readImports(path.join(import.meta.dirname, '..'), ['src', 'jobs']);

test('nothing imports what stands above it, and no stage another', () => {
  expect(findTrespasses(house)).toEqual([]);
});

test('no import leads back to itself, not through types either', () => {
  expect(findRing(house)).toBeNull();
});

test('every import leads to a file that is there', () => {
  const missing = [...house].flatMap(([file, imported]) =>
    imported.filter((other) => !house.has(other) && !other.endsWith('.json')).map((other) => [file, other]),
  );

  expect(missing).toEqual([]);
});

describe('a house that is out of order is found out', () => {
  const trespasses: [importer: string, imported: string][] = [
    ['src/domain/change.ts', 'src/database/schema.ts'],
    ['src/database/database.ts', 'src/cloudflare/client.ts'],
    ['src/simulator/server.ts', 'src/cloudflare/schema.ts'],
    ['src/snapshot/store.ts', 'src/report/csv.ts'],
    ['src/deliver/owe.ts', 'src/cloudflare/client.ts'],
    ['src/history/runs.ts', 'src/config.ts'],
    ['src/context.ts', 'src/commands/run.ts'],
    ['src/config/file.ts', 'jobs/index.ts'],
    ['src/context.ts', 'src/pipeline/observe.ts'],
    ['src/health/metrics.ts', 'src/pipeline/digest.ts'],
    ['jobs/snapshot.ts', 'src/worker.ts'],
    ['src/terminal/rows.ts', 'src/commands/run.ts'],
  ];

  for (const [importer, imported] of trespasses) {
    test(`${importer} may not import ${imported}`, () => {
      expect(findTrespasses(new Map([[importer, [imported]]]))).toEqual([`${importer} imports ${imported}`]);
    });
  }

  test('a new part has to be given its floor', () => {
    expect(findTrespasses(new Map([['src/helpers/misc.ts', []]]))).toHaveLength(1);
  });

  test('a ring over three files is told in its order', () => {
    const ring = new Map([
      ['start', ['a']],
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['a']],
    ]);

    expect(findRing(ring)).toEqual(['a', 'b', 'c', 'a']);
  });

  test('imports of types, dynamic ones and re-exports count', () => {
    const source = `
      import type { A } from './a.ts';
      import { type B } from '../b.ts';
      export { c } from './c.ts';
      const d = await import('./d.ts');
      import 'node:fs';`;

    expect(importsOf('src/x/y.ts', source)).toEqual(['src/x/a.ts', 'src/b.ts', 'src/x/c.ts', 'src/x/d.ts']);
  });
});
