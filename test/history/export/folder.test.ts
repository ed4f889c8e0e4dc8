import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { exportHistory } from '../../../src/history/export/export.ts';
import { prepareFolder } from '../../../src/history/export/folder.ts';
import { ndjson } from '../../../src/history/export/tables.ts';
import { verifyExport } from '../../../src/history/export/verify.ts';
import { type HistoryRows } from '../../../src/history/rows.ts';
import { aFolder, exportedAt } from './exporting.ts';

/** A history of one principal to whom nothing has happened; or one that ends in the middle. */
function aHistory(name: string, breaksAt?: string): HistoryRows {
  return {
    async *read(table) {
      if (table === breaksAt) throw new Error('killed');
      if (table === 'principals') yield { id: 1, name, created_at: '2026-08-01T00:00:00.000Z' };
      await Promise.resolve();
    },
  };
}

async function write(rows: HistoryRows, folder: string, replace = false) {
  const options = { form: ndjson, version: '9.9.9', exportedAt, onRows: () => undefined };
  return exportHistory(rows, await prepareFolder({ folder, form: 'ndjson', replace }), options);
}

test('an export that was killed has no manifest: it is none, and is replaced when that is said', async () => {
  const folder = aFolder();
  await expect(write(aHistory('ops-bot', 'changes'), folder)).rejects.toThrow('killed');
  expect(readdirSync(folder)).not.toContain('manifest.json');

  await expect(verifyExport(folder)).rejects.toThrow(/There is no export at .* was not finished/);
  await expect(write(aHistory('ops-bot'), folder)).rejects.toThrow(
    /is not empty.*--force replaces an export that was not finished/,
  );
  await write(aHistory('ops-bot'), folder, true);
  expect(await verifyExport(folder)).toMatchObject({
    faults: [],
    history: { principals: [{ principal: 'ops-bot' }] },
  });
  expect(readdirSync(folder)).toHaveLength(7);
});

test('one that was killed in place of another leaves that as it was', async () => {
  const folder = aFolder();
  await write(aHistory('before'), folder);
  await expect(write(aHistory('after', 'reports'), folder, true)).rejects.toThrow('killed');

  expect(await verifyExport(folder)).toMatchObject({
    faults: [],
    history: { principals: [{ principal: 'before' }] },
  });
});

test('a link that somebody has put into the folder is removed, and not followed', async () => {
  const folder = aFolder();
  const precious = path.join(aFolder(), 'precious');
  writeFileSync(precious, 'as it was');
  for (const name of ['runs.ndjson', 'runs.ndjson.new', 'manifest.json'])
    symlinkSync(precious, path.join(folder, name));
  await write(aHistory('ops-bot'), folder, true);

  expect(readFileSync(precious, 'utf8')).toBe('as it was');
  expect(await verifyExport(folder)).toMatchObject({ faults: [] });
});
