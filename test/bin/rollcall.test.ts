import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { hasFreshBundle, stampOf } from '../../bin/sources.js';
import { readVersion } from '../../src/project.ts';
import { scratchFolder } from '../support/command-line.ts';

const project = path.join(import.meta.dirname, '../..');

const version = `${readVersion()}\n`;

const ofTheBundle = ['src', 'jobs', 'bundle', 'package.json', 'package-lock.json'];

/** A checkout of its own, gone with the test; the installed packages are this one's. */
function checkOut(): string {
  const folder = scratchFolder();
  for (const part of [...ofTheBundle, 'bin', 'migrations'])
    cpSync(path.join(project, part), path.join(folder, part), { recursive: true, preserveTimestamps: true });
  symlinkSync(realpathSync(path.join(project, 'node_modules')), path.join(folder, 'node_modules'));
  return folder;
}

function start(folder: string, ...args: readonly string[]) {
  const env = { PATH: process.env['PATH'] };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test('the bundle is all that runs where there are no sources, as in the image', () => {
  const folder = checkOut();
  expect(start(folder, 'bundle/build.ts')).toMatchObject({ status: 0, stderr: '' });
  for (const part of ['src', 'jobs', 'bundle', 'package-lock.json'])
    rmSync(path.join(folder, part), { recursive: true });

  expect(start(folder, 'bin/rollcall.js', '--version')).toEqual({ status: 0, stdout: version, stderr: '' });
  const demo = start(folder, 'bin/rollcall.js', 'demo');
  expect(demo.stderr).toMatch(/^embedded database in data\/demo\/pglite: .*\n$/);
  expect(demo.stdout).toContain('As CSV');
  expect(demo.status).toBe(0);
});

test('without esbuild, as after npm ci --omit=dev, no bundle is made, and the sources run', () => {
  const folder = checkOut();
  rmSync(path.join(folder, 'node_modules'));
  expect(start(folder, 'bundle/build.ts', '--if-installed')).toMatchObject({ status: 0 });
  expect(start(folder, 'bundle/build.ts').status).toBe(1);
  symlinkSync(realpathSync(path.join(project, 'node_modules')), path.join(folder, 'node_modules'));

  expect(hasFreshBundle(folder)).toBe(false);
  expect(start(folder, 'bin/rollcall.js', '--version')).toMatchObject({ status: 0, stdout: version });
});

test('a missing --env-file is wrong usage, and for rollcall to refuse, not for Node.js, which has an option of that name', () => {
  const env = { PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env['PATH'] ?? ''}` };
  const command = path.join(project, 'bin/rollcall.js');
  const { status, stderr } = spawnSync(command, ['--env-file', 'none.env', 'runs'], {
    env,
    encoding: 'utf8',
  });
  expect(stderr).toContain('rollcall: --env-file: ');
  expect(stderr).toContain('none.env');
  expect(status).toBe(2);
});

describe('a bundle that is not of these sources does not run', () => {
  const changes: [what: string, change: (folder: string) => void][] = [
    ['a source that was edited', (folder) => appendFileSync(path.join(folder, 'src/log.ts'), '\n')],
    [
      'a source that was edited and kept its size',
      (folder) => utimesSync(path.join(folder, 'jobs/index.ts'), 1, 1),
    ],
    ['a source that was added', (folder) => writeFileSync(path.join(folder, 'src/domain/new.ts'), '')],
    ['a source that was removed', (folder) => rmSync(path.join(folder, 'src/config/write-schema.ts'))],
    ['a source that was renamed', (folder) => renameSourceOf(folder)],
    ['another version', (folder) => appendFileSync(path.join(folder, 'package.json'), '\n')],
    ['other packages', (folder) => appendFileSync(path.join(folder, 'package-lock.json'), '\n')],
    ['another way to bundle', (folder) => appendFileSync(path.join(folder, 'bundle/bundle.ts'), '\n')],
    ['a build that did not come to its end', (folder) => rmSync(path.join(folder, 'dist/stamp'))],
  ];

  for (const [what, change] of changes) {
    test(what, () => {
      const folder = checkOut();
      mkdirSync(path.join(folder, 'dist'));
      writeFileSync(path.join(folder, 'dist/cli.js'), `process.stdout.write('the bundle\\n');`);
      writeFileSync(path.join(folder, 'dist/stamp'), stampOf(folder));
      expect(start(folder, 'bin/rollcall.js', '--version').stdout).toBe('the bundle\n');

      change(folder);

      expect(start(folder, 'bin/rollcall.js', '--version')).toEqual({
        status: 0,
        stdout: version,
        stderr: '',
      });
    });
  }
});

function renameSourceOf(folder: string): void {
  const [from, to] = ['write-schema.ts', 'write-schemb.ts'].map((name) =>
    path.join(folder, 'src/config', name),
  );
  cpSync(from ?? '', to ?? '', { preserveTimestamps: true });
  rmSync(from ?? '');
}
