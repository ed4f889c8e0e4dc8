import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { readVersion } from '../../src/project.ts';
import { rollcall, scratchFolder } from '../support/command-line.ts';

const preload = pathToFileURL(path.join(import.meta.dirname, 'loaded.ts')).href;

/** The packages that a command line loads until it ends. */
async function packagesOf(args: readonly string[]): Promise<string[]> {
  const file = path.join(scratchFolder(), 'loaded.json');
  const { status } = await rollcall(args, { NODE_OPTIONS: `--import ${preload}`, LOADED: file });
  expect(status).toBe(0);
  return JSON.parse(readFileSync(file, 'utf8')) as string[];
}

test('--version prints the version alone, and loads what reads the command line', async () => {
  expect(await rollcall(['--version'])).toEqual({ status: 0, stdout: `${readVersion()}\n`, stderr: '' });
  expect(await packagesOf(['--version'])).toEqual(['commander']);
});

test('--help loads neither database, queue nor mailer', async () => {
  expect(await packagesOf(['--help'])).toEqual(['commander']);
});

test('what asks the history loads no embedded database before it is opened', async () => {
  const packages = await packagesOf(['runs', '--help']);

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
