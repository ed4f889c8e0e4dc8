import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Config } from '../../src/config.ts';
import { listReadSecrets, secretsOf } from '../../src/config/secrets.ts';
import { secretOf } from '../../src/domain/credentials.ts';
import { describeError, RollcallError } from '../../src/domain/errors.ts';
import { readSource } from '../../src/domain/source.ts';
import { configured, faultsOf, folderWith } from './folder.ts';

/** What the principal proves itself with now. */
function secretNow(config: Config, name: string): string {
  const principal = config.principals.find((one) => one.name === name);
  if (principal === undefined) throw new Error(`${name} is not configured`);
  return secretOf(readSource(principal.credentials)).reveal();
}

function refusalNow(config: Config, name: string): RollcallError {
  try {
    secretNow(config, name);
  } catch (error) {
    if (error instanceof RollcallError) return error;
  }
  throw new Error(`${name} can be read`);
}

const other = '  - { name: good, apiToken: cfut_good }';

const byVariable = { variables: { BAD_FILE: 'secret' }, where: 'BAD_FILE' };
const byKey = (key: string) => ({ variables: {}, where: `rollcall.yaml: principals[0].${key}` });

/** The ways in which a principal has its secret in the file `secret`, and what names that file. */
const ways: [what: string, given: { yaml: string; variables: Record<string, string>; where: string }][] = [
  ['apiTokenFile', { yaml: '{ name: bad, apiTokenFile: secret }', ...byKey('apiTokenFile') }],
  ['apiKeyFile', { yaml: '{ name: bad, email: a@b, apiKeyFile: secret }', ...byKey('apiKeyFile') }],
  ['${NAME} in apiToken', { yaml: '{ name: bad, apiToken: "${BAD}" }', ...byVariable }],
  ['${NAME} in apiKey', { yaml: '{ name: bad, email: a@b, apiKey: "${BAD}" }', ...byVariable }],
];

describe.each(ways)('one of two principals with a secret by %s', (_, { yaml, variables, where }) => {
  const files = { 'rollcall.yaml': `principals:\n  - ${yaml}\n${other}\n` };

  it.each<[what: string, put: (file: string) => void, said: RegExp]>([
    ['is not there', () => undefined, /ENOENT/],
    ['is empty', (file) => writeFileSync(file, ' \n'), /found an empty file/],
    ['is a folder', (file) => mkdirSync(file), /found a folder/],
    ['holds two words', (file) => writeFileSync(file, 'hunter2 hunter2'), /expected one word.*not shown/],
    ['is UTF-16', (file) => writeFileSync(file, '\uFEFFhunter2', 'utf16le'), /found UTF-16/],
  ])('is refused by itself while that %s, and read again once it is mended', (_what, put, said) => {
    const folder = folderWith(files);
    const file = path.join(folder, 'secret');
    put(file);
    const config = configured({ variables }, folder);
    expect(secretNow(config, 'good')).toBe('cfut_good');
    const { code, message } = refusalNow(config, 'bad');
    expect(code).toBe('credentials');
    expect(message).toMatch(said);
    expect(message.startsWith(`bad: ${message.includes('one word') ? '' : where}`)).toBe(true);
    expect(message).not.toContain('hunter2');
    rmSync(file, { recursive: true, force: true });
    writeFileSync(file, 'cf_mended\n');
    expect(secretNow(config, 'bad')).toBe('cf_mended');
  });

  it('is read as it is at each time, and everything that was read stays a secret', () => {
    const [first, second] = ['cf_first_of', 'cf_second_of'].map(
      (text) => `${text}_${where.length}_${yaml.length}`,
    );
    const folder = folderWith({ ...files, secret: first ?? '' });
    const config = configured({ variables }, folder);
    expect(secretNow(config, 'bad')).toBe(first);
    writeFileSync(path.join(folder, 'secret'), `\uFEFF${second}\r\n`);
    expect(secretNow(config, 'bad')).toBe(second);
    const known = secretsOf(config).map((secret) => secret.reveal());
    expect(known).toEqual(expect.arrayContaining([first, second]));
  });
});

describe('the configuration is refused', () => {
  it('when no principal at all can be read, with a fault for each', () => {
    const yaml = 'principals: [{ name: a, apiTokenFile: none }, { name: b, apiToken: "${B}" }]';
    expect(faultsOf({ files: { 'rollcall.yaml': yaml, b: '' }, variables: { B_FILE: 'b' } })).toEqual([
      expect.stringMatching(/^rollcall\.yaml: principals\[0\]\.apiTokenFile: .*ENOENT/),
      expect.stringMatching(/^B_FILE: .*an empty file/),
    ]);
    for (const name of ['CLOUDFLARE_API_TOKEN', 'CLOUDFLARE_API_KEY']) {
      const email = name === 'CLOUDFLARE_API_KEY' ? { CLOUDFLARE_EMAIL: 'a@b' } : {};
      const faults = faultsOf({ variables: { [`${name}_FILE`]: 'none', ...email } });
      expect(faults).toEqual([expect.stringMatching(new RegExp(`^${name}_FILE: .*ENOENT`))]);
    }
  });

  it.each([
    ['both kinds', '{ name: bad, email: a@b, apiKeyFile: x, apiToken: "${BAD}" }', /exactly one of/],
    ['no credential', '{ name: bad }', /exactly one of/],
    ['a key without its email', '{ name: bad, apiKey: "${BAD}" }', /expected the email/],
    ['a token with one', '{ name: bad, email: a@b, apiToken: "${BAD}" }', /expected none beside/],
    [
      'a variable that is nowhere',
      '{ name: bad, apiToken: "${BAD}${NOWHERE}" }',
      /variable NOWHERE or NOWHERE_FILE/,
    ],
  ])('for %s of one principal, however many others there are', (_, yaml, said) => {
    const files = { 'rollcall.yaml': `principals:\n  - ${yaml}\n${other}\n`, bad: 'x' };
    const faults = faultsOf({ files, variables: { BAD_FILE: 'bad' } });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(said);
  });
});

it('a ping URL in a file is read when it is wanted, and is a fault of its own', () => {
  const yaml = `principals: [{ name: a, apiToken: cfut_a, pingUrl: "\${PING}" }]`;
  const folder = folderWith({ 'rollcall.yaml': yaml });
  const [principal] = configured({ variables: { PING_FILE: 'ping' } }, folder).principals;
  const read = () => (principal?.pingUrl == null ? '' : readSource(principal.pingUrl).reveal());
  expect(read).toThrow(/PING_FILE/);
  writeFileSync(path.join(folder, 'ping'), 'hc-ping.com/hunter2');
  expect(read).toThrow(/expected a URL/);
  writeFileSync(path.join(folder, 'ping'), 'https://hc-ping.com/hunter2\n');
  expect(read()).toBe('https://hc-ping.com/hunter2');
});

it("the mail server's URL has to be right at the start, and is read as it is from then on", () => {
  const variables = { SMTP_URL_FILE: 'url', MAIL_FROM: 'a@b', MAIL_TO: 'a@b' };
  expect(faultsOf({ variables })).toEqual([expect.stringMatching(/^SMTP_URL_FILE: .*ENOENT/)]);
  const folder = folderWith({ url: 'smtp://ops:first@127.0.0.1' });
  const { smtpUrl } = configured({ variables }, folder);
  const read = () => (smtpUrl === null ? '' : readSource(smtpUrl).reveal());
  writeFileSync(path.join(folder, 'url'), 'smtp://ops:hunter-second@127.0.0.1\n');
  expect(read()).toBe('smtp://ops:hunter-second@127.0.0.1');
  expect(listReadSecrets().map((secret) => secret.reveal())).toContain('hunter-second');
  writeFileSync(path.join(folder, 'url'), 'http://ops:hunter-third@127.0.0.1\n');
  try {
    read();
    expect.unreachable();
  } catch (error) {
    expect(describeError(error)).toMatch(/SMTP_URL_FILE: expected smtp:/);
    expect(describeError(error)).not.toContain('hunter');
  }
});
