import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type Config } from '../../src/config.ts';
import { fingerprintOf } from '../../src/config/fingerprint.ts';
import { secretsOf } from '../../src/config/secrets.ts';
import { readSource } from '../../src/domain/source.ts';
import { nameWebhook } from '../../src/domain/webhook.ts';
import { configured, faultsOf, faultsOfFile, folderWith } from './folder.ts';

const url = 'https://hooks.example.com/services/T0/B0/Quokka4f9bHookPath';
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

function readBack({ webhooks }: Config) {
  return webhooks.map(({ name, where, format, url, secret }) => ({
    name,
    where,
    format,
    url: readSource(url).reveal(),
    secret: secret === null ? null : readSource(secret).reveal(),
  }));
}

const reports = (entry: string) => ({ 'rollcall.yaml': `reports: [${entry}]` });

describe('a route to a webhook', () => {
  it('has a URL, a secret and a format, json when nothing is said, and is known by what stands for the URL', () => {
    const config = configured({ files: reports(`{ webhook: '${url}', secret: '${secret}' }`) });
    const name = nameWebhook(url);
    expect(readBack(config)).toEqual([{ name, where: 'reports[0]', format: 'json', url, secret }]);
    expect(config.audiences).toEqual([{ to: [], webhook: { name } }]);
    expect(name).toMatch(/^webhook:[0-9a-f]{12}$/);
  });

  it('stands beside addresses, with filters of its own, and a webhook of two routes is one', () => {
    const hook = `webhook: '${url}', secret: '${secret}'`;
    const config = configured({
      files: reports(`{ to: [a@example.com] }, { ${hook}, categories: [invitation] }, { ${hook} }`),
    });
    expect(config.audiences).toMatchObject([
      { to: ['a@example.com'] },
      { webhook: { name: nameWebhook(url) }, categories: ['invitation'] },
      { webhook: { name: nameWebhook(url) } },
    ]);
    expect(config.audiences[0]?.webhook).toBeUndefined();
    expect(readBack(config)).toMatchObject([{ where: 'reports[1]' }]);
  });

  it.each([
    [
      'variables',
      `{ webhook: '\${HOOK_URL}', secret: '\${HOOK_SECRET}' }`,
      { HOOK_URL: url, HOOK_SECRET: secret },
    ],
    [
      'files of variables',
      `{ webhook: '\${HOOK_URL}', secret: '\${HOOK_SECRET}' }`,
      { HOOK_URL_FILE: 'url', HOOK_SECRET_FILE: 'secret' },
    ],
    ['files', '{ webhookFile: url, secretFile: secret }', {}],
    ['a file and a variable', `{ webhookFile: url, secret: '\${HOOK_SECRET}' }`, { HOOK_SECRET: secret }],
  ])('takes URL and secret from %s', (_, entry, variables) => {
    const files = { ...reports(entry), url: `${url}\n`, secret: `${secret}\n` };
    expect(readBack(configured({ files, variables }))).toMatchObject([{ url, secret }]);
  });

  it.each([
    ['{ webhookFile: url, secretFile: secret }', {}],
    [
      `{ webhook: '\${HOOK_URL}', secret: '\${HOOK_SECRET}' }`,
      { HOOK_URL_FILE: 'url', HOOK_SECRET_FILE: 'secret' },
    ],
  ])(
    'reads again what a file holds whenever it is wanted, and keeps both as secrets: %s',
    (entry, variables) => {
      const folder = folderWith({ ...reports(entry), url, secret });
      const config = configured({ variables }, folder);
      const replaced = { url: `${url}Anew`, secret: `${secret}AAAA` };
      for (const [name, text] of Object.entries(replaced)) writeFileSync(path.join(folder, name), text);
      expect(readBack(config)).toMatchObject([{ ...replaced, name: nameWebhook(url) }]);
      const kept = secretsOf(config).map((one) => one.reveal());
      expect(kept).toEqual(expect.arrayContaining([url, secret, replaced.url, replaced.secret]));
    },
  );

  it.each([
    'https://hooks.example.com/x',
    'http://127.0.0.1:8080/x',
    'http://localhost/x',
    'http://[::1]/x?y=1',
  ])('may be at %s', (there) => {
    expect(faultsOfFile(`reports: [{ webhook: '${there}', format: slack }]`)).toEqual([]);
  });

  it('is a secret with its URL, the path of that alone, and what requests are signed with', () => {
    // Of no other test, for what one process has read from a file stays a secret in it.
    const [ours, key] = [`${url}Walrus`, `whsec_${'Walrus00'.repeat(4)}`];
    const config = configured({ files: reports(`{ webhook: '${ours}', secret: '${key}' }`) });
    expect(secretsOf(config).map((one) => one.reveal())).toEqual(
      expect.arrayContaining([ours, new URL(ours).pathname, key, key.slice('whsec_'.length)]),
    );
    const told = [JSON.stringify(config), inspect(config, { depth: 9 })].join();
    for (const part of ['hooks.example.com', 'Walrus']) expect(told).not.toContain(part);
  });

  it('tells two configurations apart by its name, and not by its secret', () => {
    const print = (there: string, key = secret) =>
      fingerprintOf(configured({ files: reports(`{ webhook: '${there}', secret: '${key}' }`) }));
    expect(print(url)).toBe(print(url, `${secret}AAAA`));
    expect(print(url)).not.toBe(print(`${url}2`));
    const slack = fingerprintOf(configured({ files: reports(`{ webhook: '${url}', format: slack }`) }));
    expect(slack).not.toBe(print(url));
  });
});

it.each([
  `{ webhook: '${url}', secretFile: 'whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ+/w==' }`,
  `{ webhook: '${url}', secretFile: 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0+w==' }`,
  "{ webhookFile: 'hooks.slack.com/services/T0/B0/c2VjcmV0LXNlY3JldC1z', format: slack }",
  "{ webhookFile: 'https://example.com/c2VjcmV0', format: slack }",
])('what was given in place of its file is not shown: %s', (entry) => {
  const faults = faultsOfFile(`reports: [${entry}]`);
  expect(faults).toHaveLength(1);
  expect(faults.join()).toContain('looks like a secret and is not shown');
  expect(faults.join()).not.toMatch(/c2VjcmV0/);
});

describe('a fault of a webhook is told with its place, and without its value', () => {
  const at = 'rollcall.yaml: reports[0]';
  const hook = `webhook: '${url}'`;

  it.each([
    [
      'nowhere to go',
      '{ categories: [invitation] }',
      `${at}: expected exactly one of to, webhook and webhookFile`,
    ],
    [
      'two ways',
      `{ to: [a@example.com], ${hook}, secret: '${secret}' }`,
      `${at}: expected exactly one of to, webhook and webhookFile`,
    ],
    [
      'two URLs',
      `{ ${hook}, webhookFile: x, secret: '${secret}' }`,
      `${at}: expected exactly one of to, webhook and webhookFile`,
    ],
    [
      'no secret',
      `{ ${hook} }`,
      `${at}: expected exactly one of secret and secretFile, to sign what is sent with`,
    ],
    [
      'two secrets',
      `{ ${hook}, secret: '${secret}', secretFile: x }`,
      `${at}: expected exactly one of secret and secretFile, to sign what is sent with`,
    ],
    [
      'a secret that Slack would not look at',
      `{ ${hook}, format: slack, secret: '${secret}' }`,
      `${at}.secret: expected none with format slack, which has no signature`,
    ],
    [
      'the file of one',
      `{ ${hook}, format: slack, secretFile: x }`,
      `${at}.secretFile: expected none with format slack, which has no signature`,
    ],
    [
      'a format beside addresses',
      '{ to: [a@example.com], format: slack }',
      `${at}.format: expected none beside to: it is for a webhook`,
    ],
    [
      'a secret beside addresses',
      `{ to: [a@example.com], secret: '${secret}' }`,
      `${at}.secret: expected none beside to: it is for a webhook`,
    ],
    ['an unknown format', `{ ${hook}, format: teams }`, `${at}.format: expected one of "json" or "slack"`],
    [
      'a URL that is none',
      `{ webhook: hooks.example.com/Quokka, format: slack }`,
      `${at}.webhook: expected a URL such as https://hooks.example.com/path; its value is not shown`,
    ],
    [
      'another scheme',
      `{ webhook: 'ftp://hooks.example.com/Quokka', format: slack }`,
      `${at}.webhook: expected a URL such as https://hooks.example.com/path; its value is not shown`,
    ],
    [
      'clear text to another machine',
      `{ webhook: 'http://hooks.example.com/Quokka', format: slack }`,
      `${at}.webhook: expected https://, for whoever reads it on the way could post too; its value is not shown`,
    ],
    [
      'a password',
      `{ webhook: 'https://a:Quokka@hooks.example.com/', format: slack }`,
      `${at}.webhook: expected a URL without user, password or #; its value is not shown`,
    ],
    [
      'a secret of another kind',
      `{ ${hook}, secret: 'sk_QuokkaQuokkaQuokkaQuokkaQuokka' }`,
      `${at}.secret: expected whsec_ and the base64 of 24 to 64 bytes, as of \`openssl rand -base64 32\`; its value is not shown`,
    ],
    [
      'a short secret',
      `{ ${hook}, secret: 'whsec_Quokka' }`,
      `${at}.secret: expected whsec_ and the base64 of 24 to 64 bytes, as of \`openssl rand -base64 32\`; its value is not shown`,
    ],
    [
      'a file that is not there',
      `{ webhookFile: none, format: slack }`,
      `${at}.webhookFile: expected a readable file: ENOENT: no such file or directory, open '…/none'`,
    ],
    [
      'a URL in place of its file',
      `{ webhookFile: '${url}', format: slack }`,
      `${at}.webhookFile: expected a readable file: what was given looks like a secret and is not shown`,
    ],
    [
      'a variable that is not set',
      `{ webhook: '\${HOOK_URL}', format: slack }`,
      `${at}.webhook: expected the variable HOOK_URL or HOOK_URL_FILE to be set`,
    ],
  ])('%s', (_, entry, fault) => {
    expect(faultsOf({ files: reports(entry) })).toEqual([fault]);
  });

  it('in its file too', () => {
    const files = { ...reports('{ webhookFile: url, secretFile: secret }'), url: 'Quokka', secret: '' };
    expect(faultsOf({ files })).toEqual([
      `${at}.webhookFile: expected a URL such as https://hooks.example.com/path; its value is not shown`,
      `${at}.secretFile: expected a secret in …/secret, found an empty file`,
    ]);
  });

  it('one webhook with two secrets or two formats', () => {
    const one = `{ ${hook}, secret: '${secret}' }`;
    for (const other of [`{ ${hook}, secret: '${secret}AAAA' }`, `{ ${hook}, format: slack }`]) {
      expect(faultsOf({ files: reports(`${one}, ${other}`) })).toEqual([
        'rollcall.yaml: reports[1]: expected the secret and the format of reports[0], which is the same webhook',
      ]);
    }
  });
});
