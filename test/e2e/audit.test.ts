import { createHash } from 'node:crypto';
import { readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { applyNight } from '../../src/simulator/night.ts';
import { scratchFolder } from '../support/command-line.ts';
import { deploy } from '../support/deployment.ts';

it('the page is a new file for its maker alone, whose hash is told, and never in place of another unasked', async () => {
  const { simulator, rollcall, readHistory } = await deploy();
  await rollcall(['run']);
  applyNight(simulator.world);
  await rollcall(['run']);
  const folder = scratchFolder();
  const file = path.join(folder, 'audit.html');
  const made = await rollcall(['audit', file]);
  const page = readFileSync(file);
  const { changes, members, runs } = await readHistory();

  expect(made).toMatchObject({ status: 0, stderr: '' });
  expect(made.stdout).toContain(
    `${file}: ${members.length} memberships, ${changes.length} changes, 2 runs, 0 gaps;`,
  );
  expect(made.stdout).toContain(createHash('sha256').update(page).digest('hex'));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  for (const { chain } of runs) expect(page.toString()).toContain(chain);

  const again = await rollcall(['audit', file]);
  expect(again).toMatchObject({ status: 2, stdout: '' });
  expect(again.stderr).toContain(`${file} is there already: --force writes over it`);
  expect(readFileSync(file)).toEqual(page);

  const other = path.join(folder, 'other');
  writeFileSync(other, 'kept');
  const link = path.join(folder, 'link.html');
  symlinkSync(other, link);
  expect(await rollcall(['audit', link])).toMatchObject({ status: 2, stdout: '' });
  const forced = await rollcall(['audit', '--force', '--since', '1d', link]);
  expect(forced).toMatchObject({ status: 0, stderr: '' });
  expect(readFileSync(other, 'utf8')).toBe('kept');
  expect(readFileSync(link, 'utf8')).toMatch(/^<!doctype html>/);

  const nowhere = await rollcall(['audit', path.join(folder, 'no-such-folder', 'audit.html')]);
  expect(nowhere.status).not.toBe(0);
  expect(nowhere.stderr).toMatch(/could not be written: .*ENOENT/);

  const printed = await rollcall(['audit', '-']);
  expect(printed.stdout).toMatch(/^<!doctype html>/);
  expect(printed.stderr).toContain(createHash('sha256').update(printed.stdout).digest('hex'));
});
