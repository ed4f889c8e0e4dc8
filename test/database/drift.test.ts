import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as api from 'drizzle-kit/api';
import { text } from 'drizzle-orm/pg-core';
import { expect, test } from 'vitest';
import * as schema from '../../src/database/schema.ts';

interface Snapshot {
  id: string;
}

/** As documented; the types that it comes with lead to a package that it does not bring. */
interface DrizzleKit {
  generateDrizzleJson: (...given: [Record<string, unknown>, string, undefined, 'snake_case']) => Snapshot;
  generateMigration: (from: Snapshot, to: Snapshot) => Promise<string[]>;
}

const { generateDrizzleJson, generateMigration } = api as unknown as DrizzleKit;

const migrations = path.join(import.meta.dirname, '../../migrations/meta');

/** The SQL that the migrations lack to come to these tables. */
async function findDrift(tables: Record<string, unknown>): Promise<string[]> {
  const journal = readJson('_journal.json') as { entries: { idx: number }[] };
  const latest = String(journal.entries.at(-1)?.idx).padStart(4, '0');
  const migrated = readJson(`${latest}_snapshot.json`) as Snapshot;
  return generateMigration(migrated, generateDrizzleJson(tables, migrated.id, undefined, 'snake_case'));
}

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(path.join(migrations, name), 'utf8'));
}

test('the tables in schema.ts are those that the migrations make: else `npm run migrations:generate`', async () => {
  expect(await findDrift(schema)).toEqual([]);
});

test('a table without a migration is found', async () => {
  const unmigrated = schema.rollcall.table('unmigrated', { note: text() });

  expect(await findDrift({ ...schema, unmigrated })).toEqual([
    expect.stringContaining('CREATE TABLE "rollcall"."unmigrated"'),
  ]);
});
