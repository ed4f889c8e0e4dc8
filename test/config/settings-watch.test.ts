import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { listSettingsFiles } from '../../src/config.ts';
import { watchSettings } from '../../src/config/settings-watch.ts';
import { folderWith } from './folder.ts';

test('a file of settings that changes, comes or goes is told once for each change, and not when it is as it was', () => {
  const folder = folderWith({ '.env': 'LOG_LEVEL=info\n', url: 'postgres://a/b' });
  const watch = watchSettings(listSettingsFiles({ DATABASE_URL_FILE: 'url' }, folder));
  const put = (name: string, text: string) => writeFileSync(path.join(folder, name), text);
  expect(watch.findChanged()).toEqual([]);
  put('.env', 'LOG_LEVEL=warn\n');
  put('rollcall.yaml', 'timezone: UTC\n');
  expect(watch.findChanged()).toEqual(['.env', 'rollcall.yaml']);
  expect(watch.findChanged()).toEqual([]);
  put('.env', 'LOG_LEVEL=error\n');
  put('url', 'postgres://a/c');
  expect(watch.findChanged()).toEqual(['.env', 'DATABASE_URL_FILE']);
  rmSync(path.join(folder, 'url'));
  expect(watch.findChanged()).toEqual(['DATABASE_URL_FILE']);
  put('.env', 'LOG_LEVEL=info\n');
  rmSync(path.join(folder, 'rollcall.yaml'));
  put('url', 'postgres://a/b');
  expect(watch.findChanged()).toEqual([]);
});

test('the file that ROLLCALL_CONFIG names is watched, and the file of a token is not', () => {
  const variables = { ROLLCALL_CONFIG: 'conf/a.yaml', CLOUDFLARE_API_TOKEN_FILE: 'token' };
  expect(listSettingsFiles(variables, '/srv')).toEqual([
    { name: '.env', file: '/srv/.env' },
    { name: 'conf/a.yaml', file: '/srv/conf/a.yaml' },
  ]);
});
