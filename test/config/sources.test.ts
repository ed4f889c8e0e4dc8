import { expect, test } from 'vitest';
import { listSources } from '../../src/config.ts';
import { folderWith } from './folder.ts';

test('what a configuration is read from is named, and no value', () => {
  const folder = folderWith({
    '.env': 'CLOUDFLARE_API_TOKEN_FILE=token\nMAIL_TO=a@example.com\nSOMETHING_ELSE=1\n',
    token: 'a-secret-token',
    'rollcall.yaml': 'timezone: UTC\n',
  });

  expect(listSources({ SMTP_URL: 'smtp://ops:hunter2@localhost', MAIL_FROM: '' }, folder)).toEqual({
    files: ['rollcall.yaml', '.env', 'token'],
    variables: ['CLOUDFLARE_API_TOKEN_FILE', 'SMTP_URL', 'MAIL_TO'],
  });
});

test('where nothing is configured, nothing is named', () => {
  expect(listSources({}, folderWith())).toEqual({ files: [], variables: [] });
});
