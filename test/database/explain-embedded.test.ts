import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { lookAtDatabase } from '../../src/checks/database.ts';
import { loadConfig } from '../../src/config.ts';
import { openEmbedded } from '../../src/database/database.ts';
import { explainFullDisk } from '../../src/database/explain.ts';
import { explainEmbeddedError } from '../../src/database/explain-embedded.ts';
import { RollcallError } from '../../src/domain/errors.ts';
import { rollcall, scratchFolder } from '../support/command-line.ts';

const isAnyRemedy = /ROLLCALL_DATA_DIR to another folder, or DATABASE_URL\.$/;

// The bundle of the tests is for their user alone.
const sources = path.join(import.meta.dirname, '../../src/cli.ts');

describe('an embedded database that cannot be opened is told with its folder and the remedy for it', () => {
  it.each<[what: string, put: (data: string) => void]>([
    ['a file in place of its folder', (data) => writeFileSync(path.join(data, 'pglite'), '')],
    [
      'a file that is no lock in place of its lock',
      (data) => writeFileSync(path.join(data, 'pglite.lock'), 'x'.repeat(9000)),
    ],
    ['a link in place of its lock', (data) => symlinkSync('elsewhere', path.join(data, 'pglite.lock'))],
  ])('%s', async (_, put) => {
    const data = scratchFolder();
    put(data);
    const opening = openEmbedded(path.join(data, 'pglite'));
    await expect(opening).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringMatching(isAnyRemedy) as string,
    });
    await expect(opening).rejects.toThrow(
      `the embedded database in ${path.join(data, 'pglite')}: something else is in its place`,
    );
  });

  it('a link to nothing, as to a disk that is not mounted', async () => {
    const data = scratchFolder();
    symlinkSync('nothing', path.join(data, 'pglite'));
    await expect(openEmbedded(path.join(data, 'pglite'))).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringMatching(/a link to something that is not there.*ROLLCALL_DATA_DIR/) as string,
    });
  });

  it('a file in place of the data folder, with exit status 2 and in check too', async () => {
    const folder = scratchFolder();
    writeFileSync(path.join(folder, 'data'), '');
    const migrate = await rollcall(['migrate'], {}, folder);
    expect(migrate.status).toBe(2);
    expect(migrate.stderr).toMatch(/data\/pglite: something else is in its place.*ROLLCALL_DATA_DIR/);
  });

  it.runIf(process.getuid?.() === 0).each([
    ["another user's folder that everybody may write", 0o777],
    ["another user's folder that everybody may read", 0o755],
    ["another user's folder that nobody else may enter", 0o700],
  ])('%s', (_, mode) => {
    const folder = scratchFolder();
    chmodSync(folder, 0o755);
    mkdirSync(path.join(folder, 'data/pglite'), { recursive: true });
    writeFileSync(path.join(folder, 'data/pglite/PG_VERSION'), '18\n');
    for (const place of ['data/pglite', 'data']) chmodSync(path.join(folder, place), mode);
    const asNobody = (...args: string[]) =>
      spawnSync('setpriv', ['--reuid=65534', '--clear-groups', process.execPath, sources, ...args], {
        cwd: folder,
        encoding: 'utf8',
        env: { CLOUDFLARE_API_TOKEN: 'cfut_x', CLOUDFLARE_BASE_URL: 'http://127.0.0.1:1' },
      });
    const migrate = asNobody('migrate');
    expect(migrate.stderr).toMatch(
      /data\/pglite: this user may not read and write there \(E.*chown -R.*ROLLCALL_DATA_DIR/,
    );
    expect(migrate.status).toBe(2);
    if (mode === 0o700) return;
    const check = asNobody('check')
      .stdout.split('\n')
      .find((line) => line.startsWith('FAIL  database'));
    expect(check).toMatch(/data\/pglite: this user may not.*ROLLCALL_DATA_DIR/);
    expect(check).not.toContain('server');
  });

  it.each([
    ['the file system of PGlite', { name: 'ErrnoError', errno: 51 }],
    ['the system', Object.assign(new Error('ENOSPC: no space left on device, mkdir'), { code: 'ENOSPC' })],
    [
      'the lock',
      Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR', errcode: 13 }),
    ],
    ['Postgres', Object.assign(new Error('could not extend file'), { code: '53100' })],
  ])('a full disk, as %s tells it', (_, thrown) => {
    const { code, message } = explainEmbeddedError(thrown, '/srv/pglite');
    expect(code).toBe('database');
    expect(message).toMatch(
      /database in \/srv\/pglite: the disk that it is on is full.*make room.*ROLLCALL_DATA_DIR/,
    );
  });

  it('a folder in which there is no whole database, in check too', async () => {
    const data = scratchFolder();
    mkdirSync(path.join(data, 'pglite'));
    writeFileSync(path.join(data, 'pglite/PG_VERSION'), '18\n');
    const config = { ...loadConfig({}, '/nowhere'), embeddedFolder: path.join(data, 'pglite') };
    const { check, opened } = await lookAtDatabase(config);
    expect([check.state, opened]).toEqual(['fail', null]);
    expect(check.found).toContain(`the embedded database in ${config.embeddedFolder}`);
    expect(check.remedy).toMatch(/read and write that folder.*ROLLCALL_DATA_DIR/);
  });

  it('whatever else is thrown, without a word of [object Object]', () => {
    expect(explainEmbeddedError({ errno: 99 }, '/srv/pglite').message).toContain('/srv/pglite: error 99');
    expect(explainEmbeddedError(undefined, '/srv/pglite').message).not.toContain('object');
    const ours = new RollcallError('busy', 'in use');
    expect(explainEmbeddedError(ours, '/srv/pglite')).toBe(ours);
  });
});

it('a disk that is full under a run is told with the database that it is of', () => {
  const full = new Error('Failed query', {
    cause: Object.assign(new Error('could not extend file'), { code: '53100' }),
  });
  expect(explainFullDisk(full, 'embedded database in data/pglite')).toMatchObject({
    code: 'database',
    message: expect.stringMatching(
      /disk of the embedded database in data\/pglite is full.*make room/,
    ) as string,
  });
  const other = new Error('x');
  expect(explainFullDisk(other, 'x')).toBe(other);
});
