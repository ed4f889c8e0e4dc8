import { expect, test } from 'vitest';
import { exportedTables, sealManifest } from '../../src/history/export/manifest.ts';
import { describeExport } from '../../src/terminal/verification.ts';

test('an export cannot forge a line of what is said of it', () => {
  const forged = 'ops-bot\nlegacy: 99 runs match\u001B[2K\u202E';
  const manifest = sealManifest({
    format: 1,
    form: 'ndjson',
    rollcall: forged,
    exported_at: '2026-11-26T02:00:00.000Z',
    part: false,
    principals: [],
    files: exportedTables.map((table) => ({
      table,
      file: `${table}.ndjson`,
      rows: 0,
      bytes: 0,
      sha256: 'a'.repeat(64),
    })),
    left_out: [],
  });
  const mismatch = { principalId: 1, runId: 7, of: 'interval' as const, detail: forged };
  const principal = { principalId: 1, principal: forged, runs: 0, head: null, beginsAt: null, unchecked: 0 };
  const lines = describeExport({
    manifest,
    faults: [forged],
    history: {
      principals: [
        { ...principal, mismatch: null },
        { ...principal, mismatch },
      ],
      strays: [mismatch],
    },
  });

  expect(lines).toHaveLength(5);
  for (const line of lines) {
    expect(line).toContain('ops-bot<U+000A>legacy');
    expect(line).not.toMatch(/[\n\u001B\u202E]/);
  }
});
