import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSettingsFile } from '../../src/config/settings-file.ts';
import { configured, faultsOf, folderWith } from './folder.ts';

/** What reads a file of settings, and how a configuration names it. */
const readers: [what: string, given: (file: string) => Parameters<typeof faultsOf>[0]][] = [
  ['a secret in its file', (file) => ({ variables: { DATABASE_URL_FILE: file } })],
  ['a token in its file', (file) => ({ variables: { CLOUDFLARE_API_TOKEN_FILE: file } })],
  ['the file of the configuration', (file) => ({ variables: { ROLLCALL_CONFIG: file } })],
];

describe.each(readers)('%s', (_, given) => {
  it('is not waited for when it is a named pipe', () => {
    const pipe = path.join(folderWith(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect(faultsOf(given(pipe)).join()).toMatch(/expected a plain file, found a named pipe$/);
  });

  it.each(['/dev/zero', '/dev/full', '/dev/tty0'])('is not read without end when it is %s', (device) => {
    expect(faultsOf(given(device)).join()).toMatch(/expected a (?:plain file, found a device|readable file)/);
  });

  it('is a fault when it is a folder, and when it is larger than a megabyte', () => {
    const folder = folderWith({ large: '#'.repeat(1024 * 1024 + 1) });
    expect(faultsOf(given(folder)).join()).toMatch(/expected a plain file, found a folder/);
    expect(faultsOf(given(path.join(folder, 'large'))).join()).toMatch(/expected at most a megabyte/);
  });

  it('is a fault when it is a link to nothing, to itself, or to a device', () => {
    const folder = folderWith();
    symlinkSync('nothing', path.join(folder, 'dangling'));
    symlinkSync('itself', path.join(folder, 'itself'));
    symlinkSync('/dev/zero', path.join(folder, 'device'));
    expect(faultsOf(given(path.join(folder, 'dangling'))).join()).toMatch(
      /a link to something that is not there/,
    );
    expect(faultsOf(given(path.join(folder, 'itself'))).join()).toMatch(/expected a readable file: ELOOP/);
    expect(faultsOf(given(path.join(folder, 'device'))).join()).toMatch(
      /expected a plain file, found a device/,
    );
  });
});

it('.env is a fault when it is a named pipe or a device', () => {
  const folder = folderWith();
  execFileSync('mkfifo', [path.join(folder, '.env')]);
  expect(() => configured({}, folder)).toThrow('.env: expected a plain file, found a named pipe');
  const other = folderWith();
  symlinkSync('/dev/zero', path.join(other, '.env'));
  expect(() => configured({}, other)).toThrow('.env: expected a plain file, found a device');
});

it('a megabyte is read, and /dev/null counts as empty', () => {
  const folder = folderWith({ whole: 'x'.repeat(1024 * 1024) });
  expect(readSettingsFile(path.join(folder, 'whole'))).toHaveLength(1024 * 1024);
  expect(readSettingsFile('/dev/null')).toBe('');
});

it.runIf(process.getuid?.() === 0)('a file that this user may not read is a fault that says so', () => {
  const folder = folderWith({ secret: 'x' });
  chmodSync(folder, 0o755);
  chmodSync(path.join(folder, 'secret'), 0o600);
  const module = path.join(import.meta.dirname, '../../src/config/settings-file.ts');
  writeFileSync(
    path.join(folder, 'read.mjs'),
    `import(${JSON.stringify(module)}).then(({ readSettingsFile }) => readSettingsFile('secret')).catch(({ message }) => console.log(message));`,
  );
  const { stdout } = spawnSync('setpriv', ['--reuid=65534', '--clear-groups', process.execPath, 'read.mjs'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(stdout).toContain('expected a readable file: EACCES');
});

describe('a pipe that was given open', () => {
  const read = `import(${JSON.stringify(path.join(import.meta.dirname, '../../src/config/settings-file.ts'))}).then(({ readSettingsFile: read }) => console.log(read(process.argv[1]) + read(process.argv[1])))`;
  const bash = (redirection: string) =>
    spawnSync('bash', ['-c', `"$0" -e "$1" ${redirection}`, process.execPath, read], {
      encoding: 'utf8',
      env: {},
    });

  it.each([
    ['by bash', '<(printf one)'],
    ['by a writer that takes its time', '<(sleep 0.2; printf one)'],
    ['as standard input', '/dev/stdin < <(printf one)'],
  ])('%s is read once, and known from then on', (_, redirection) => {
    expect(bash(redirection)).toMatchObject({ stdout: 'oneone\n', status: 0 });
  });

  it('is a fault when it has no end', () => {
    expect(bash('<(cat /dev/zero)').stderr).toContain('expected at most a megabyte');
  });
});
