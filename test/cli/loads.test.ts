import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { readVersion } from '../../src/project.ts';
import { rollcall, scratchFolder } from '../support/command-line.ts';

const preload = pathToFileURL(path.join(import.meta.dirname, 'loaded.ts')).href;

const sources = path.join(import.meta.dirname, '../../src/cli.ts');

/** The packages that a command line loads until it ends: from its sources, since a bundle has them within. */
function packagesOf(args: readonly string[]): string[] {
  const file = path.join(scratchFolder(), 'loaded.json');
  execFileSync(process.execPath, ['--import', preload, sources, ...args], {
    env: { PATH: process.env['PATH'], LOADED: file },
    cwd: scratchFolder(),
  });
  return JSON.parse(readFileSync(file, 'utf8')) as string[];
}

test('--version prints the version alone, and loads what reads the command line', async () => {
  expect(await rollcall(['--version'])).toEqual({ status: 0, stdout: `${readVersion()}\n`, stderr: '' });
  expect(packagesOf(['--version'])).toEqual(['commander']);
});

test('--help loads neither database, queue nor mailer', () => {
  expect(packagesOf(['--help'])).toEqual(['commander']);
});

test('what asks the history loads no embedded database before it is opened', () => {
  const packages = packagesOf(['runs', '--help']);

  expect(packages).toContain('drizzle-orm');
  expect(packages).not.toContain('@electric-sql/pglite');
});

test('what names a secret by mistake is not repeated', async () => {
  const { status, stderr } = await rollcall(['cfut_secret-token'], {
    CLOUDFLARE_API_TOKEN: 'cfut_secret-token',
  });

  expect(status).toBe(2);
  expect(stderr).toContain('unknown command');
  expect(stderr).not.toContain('cfut_secret-token');
});
