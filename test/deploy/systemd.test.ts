import { globSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { scratchFolder } from '../support/command-line.ts';
import { ask, hasProgram } from '../support/programs.ts';

const root = path.join(import.meta.dirname, '../..');
const folder = path.join(root, 'docs/deploy/systemd');
const units = globSync('*', { cwd: folder });
const services = units.filter((unit) => unit.endsWith('.service'));
const read = (unit: string) => readFileSync(path.join(folder, unit), 'utf8');

describe('the units for systemd', () => {
  it.each(services)(
    '%s makes no file that others can read, and keeps its data in a folder of its own',
    (unit) => {
      expect(read(unit)).toMatch(/^UMask=0077$/m);
      expect(read(unit)).toMatch(/^StateDirectory=rollcall\nStateDirectoryMode=0700$/m);
      expect(read(unit)).toMatch(/^EnvironmentFile=\/etc\/rollcall\.env$/m);
    },
  );

  it('do not start a worker again whose configuration is wrong', () => {
    expect(read('rollcall-worker.service')).toMatch(/^Restart=always$/m);
    expect(read('rollcall-worker.service')).toMatch(/^RestartPreventExitStatus=2$/m);
  });
});

const withSystemd = test.skipIf(!hasProgram('systemd-analyze'));

withSystemd('systemd finds nothing wrong with the units (skipped without systemd-analyze)', () => {
  const scratch = scratchFolder();
  for (const unit of units) {
    // Where the checkout is here.
    writeFileSync(path.join(scratch, unit), read(unit).replaceAll('/opt/rollcall', root));
  }
  const files = units.map((unit) => path.join(scratch, unit));
  expect(ask('systemd-analyze', ['verify', '--man=no', ...files])).toEqual({ status: 0, said: '' });
});

withSystemd.each(services)('%s is exposed to little (skipped without systemd-analyze)', (unit) => {
  const args = ['security', '--offline=true', '--no-pager', '--threshold=40', path.join(folder, unit)];
  const { status, said } = ask('systemd-analyze', args);
  expect(said).toContain('Overall exposure level');
  expect(status, said).toBe(0);
});
