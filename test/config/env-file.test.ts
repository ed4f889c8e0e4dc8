import { execFileSync } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEnvFile } from '../../src/config/env-file.ts';
import { collectFaults } from '../../src/config/faults.ts';
import { variables } from '../../src/config/variables.ts';
import { configured, faultsOf, folderWith } from './folder.ts';

/** What rollcall reads, and what the shell has after it has read the same file. */
function readBoth(text: string): { ours: Record<string, string>; shells: Record<string, string> } {
  const faults = collectFaults();
  const ours = [...parseEnvFile(text, '.env', faults)].map(([name, { value }]) => [name, value] as const);
  faults.throwIfAny();
  const folder = folderWith({ env: text });
  const printed = execFileSync('sh', ['-c', 'set -a; . ./env; exec env -0'], { cwd: folder, env: {} });
  const shells = printed
    .toString()
    .split('\0')
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const)
    .filter(([name]) => ours.some(([known]) => known === name));
  return { ours: Object.fromEntries(ours), shells: Object.fromEntries(shells) };
}

describe('a file of variables that rollcall and sh read alike', () => {
  it('is .env.example with every line in force', () => {
    const example = readFileSync(path.join(import.meta.dirname, '../../.env.example'), 'utf8');
    const { ours, shells } = readBoth(example.replaceAll(/^# (?=[A-Z_]+=)/gm, ''));
    expect(Object.keys(ours).sort()).toEqual(Object.keys(variables).sort());
    expect(shells).toEqual(ours);
    expect(ours).toMatchObject({
      MAIL_FROM: 'Rollcall <rollcall@example.com>',
      ROLLCALL_SCHEDULE: '0 2 * * *',
    });
  });

  it('is any in which each value stands between single quotes', () => {
    const values = fc.array(
      fc.string({ unit: 'grapheme-ascii' }).map((text) => text.replaceAll("'", '')),
      {
        minLength: 40,
        maxLength: 40,
      },
    );
    fc.assert(
      fc.property(values, (texts) => {
        const file = texts.map((text, index) => `export A${index}='${text}' # it's a comment\n`).join('\n');
        const { ours, shells } = readBoth(file);
        expect(ours).toEqual(Object.fromEntries(texts.map((text, index) => [`A${index}`, text])));
        expect(shells).toEqual(ours);
      }),
      { numRuns: 5 },
    );
  });

  it.each([
    ['a # within a word', 'A=pa#ss', 'pa#ss'],
    ['a # at its beginning', 'A=#1', '#1'],
    ['a comment behind it', 'A=x # y', 'x'],
    ['a comment in its place', 'A= # y', ''],
    ['escapes between double quotes', String.raw`A="a\"b\\c\$d\ne"`, String.raw`a"b\c$d\ne`],
    ['lines that end as on Windows', "# one\r\n\r\n \t# two\r\nA='x'", 'x'],
  ])('has %s', (_, text, value) => {
    const { ours, shells } = readBoth(text.replaceAll('\r', ''));
    expect([ours, shells]).toEqual([{ A: value }, { A: value }]);
    expect(parseEnvFile(text, '.env', collectFaults()).get('A')?.value).toBe(value);
  });
});

const schedule = "ROLLCALL_SCHEDULE='30 4 * * *'\n";
const isRead = { expression: '30 4 * * *', timezone: 'UTC' };

describe('a .env is read', () => {
  it('with a byte order mark, from its first variable on', () => {
    expect(configured({ files: { '.env': `\uFEFF${schedule}` } }).schedule).toEqual(isRead);
  });

  it.each(['ROLLCALL_SCHEDULE=30 4 * * *', 'MAIL_FROM=Rollcall <a@b>\nROLLCALL_SCHEDULE = "30 4 * * *"'])(
    'without quotes as it always was: %j',
    (text) => {
      expect(configured({ files: { '.env': text } }).schedule).toEqual(isRead);
    },
  );

  it('with variables that are none of ours, for the file of the configuration or for other programs', () => {
    const files = {
      '.env': 'OPS_TOKEN=a\nPOSTGRES_PASSWORD=b\nROLLCALL_OPS_TOKEN=c\nSMTP_HOST=d\n',
      'rollcall.yaml': 'principals: [{ name: a, apiToken: "${ROLLCALL_OPS_TOKEN}" }]',
    };
    expect(faultsOf({ files })).toEqual([]);
  });
});

const secret = 'cfut_hunter2';

describe('a fault of .env is told with its line, and without what stands there', () => {
  it.each<[what: string, text: string, said: RegExp]>([
    [
      'a line that is neither',
      `# x\n\n${secret}`,
      /^\.env, line 3: .*expected NAME=value, a comment .* or a blank line/,
    ],
    ['a line of another kind of file', `SMTP_URL: ${secret}`, /^\.env, line 1: .*expected NAME=value/],
    ['a name that is none', `SMTP-URL=${secret}`, /^\.env, line 1: .*expected NAME=value/],
    ['a command', `set -a\nSMTP_URL=${secret}`, /^\.env, line 1: .*expected NAME=value/],
    [
      'a single quote without an end',
      `LOG_LEVEL=info\nCLOUDFLARE_API_TOKEN='${secret}`,
      /^\.env, line 2: .*CLOUDFLARE_API_TOKEN: expected ' at its end/,
    ],
    [
      'a double quote without an end',
      `CLOUDFLARE_API_TOKEN="${secret}\nLOG_LEVEL=info"`,
      /^\.env, line 1: .*expected " at its end/,
    ],
    [
      'something behind the quotes',
      `MAIL_FROM="Rollcall" <${secret}@b>`,
      /^\.env, line 1: .*MAIL_FROM: expected nothing behind its closing "/,
    ],
    [
      'a quote within single quotes',
      `SMTP_URL='it's${secret}'`,
      /^\.env, line 1: .*expected nothing behind its closing '/,
    ],
    ['quotes of another kind', `SMTP_URL=\`${secret}\``, /^\.env, line 1: .*expected quotes of another kind/],
    [
      'lines that end in a carriage return alone',
      `LOG_LEVEL=info\rSMTP_URL=${secret}`,
      /^\.env, line 1: .*expected no control character/,
    ],
    [
      'a comment that ends in a carriage return alone',
      `# x\rSMTP_URL=${secret}`,
      /^\.env, line 1: .*expected NAME=value/,
    ],
    [
      'a variable that is set twice',
      `SMTP_URL=\nLOG_LEVEL=info\nSMTP_URL=${secret}`,
      /^\.env, line 3: .*expected each variable once, but SMTP_URL is set in line 1/,
    ],
    [
      'a variable of ours that is none',
      `LOG_LEVEL=info\nROLLCALL_SHEDULE=${secret}`,
      /^\.env, line 2: .*such as ROLLCALL_SCHEDULE: got ROLLCALL_SHEDULE/,
    ],
    [
      'one in another case',
      `rollcall_schedule=${secret}`,
      /^\.env, line 1: .*such as ROLLCALL_SCHEDULE: got rollcall_schedule/,
    ],
    ['one slip in another', `SMPT_URL=${secret}`, /^\.env, line 1: .*such as SMTP_URL: got SMPT_URL/],
    [
      'a file for what is no secret',
      `MAIL_TO_FILE=${secret}`,
      /^\.env, line 1: .*expected MAIL_TO itself.*got MAIL_TO_FILE/,
    ],
  ])('%s', (_, text, said) => {
    const faults = faultsOf({ files: { '.env': text } });
    expect(faults.filter((fault) => said.test(fault))).toHaveLength(1);
    expect(faults.join()).not.toContain('hunter2');
  });
});

describe('a file that is no UTF-8 is a fault', () => {
  const text = `# über\nROLLCALL_TIMEZONE=UTC\n`;
  const encodings: [what: string, bytes: Buffer, said: RegExp][] = [
    ['UTF-16', Buffer.from(`\uFEFF${text}`, 'utf16le'), /: expected UTF-8, found UTF-16/],
    [
      'UTF-16, big end first',
      Buffer.from(`\uFEFF${text}`, 'utf16le').swap16(),
      /: expected UTF-8, found UTF-16/,
    ],
    [
      'UTF-16 without a mark',
      Buffer.from(text, 'utf16le'),
      /, line 1: expected UTF-8 text, found a NUL byte/,
    ],
    ['Latin-1', Buffer.from(`a: 1\n${text}`, 'latin1'), /, line 2: expected UTF-8, found another encoding/],
    ['a NUL in its midst', Buffer.from('# x\n\n# \0'), /, line 3: expected UTF-8 text, found a NUL byte/],
  ];

  it.each(encodings)('%s, as .env, as rollcall.yaml and as a secret', (_, bytes, said) => {
    for (const name of ['.env', 'rollcall.yaml']) {
      const faults = faultsOf({ files: { [name]: bytes } });
      expect(faults).toHaveLength(1);
      expect(faults[0]).toMatch(said);
      expect(faults[0]?.startsWith(name)).toBe(true);
    }
    const variables = { CLOUDFLARE_API_TOKEN_FILE: 'token' };
    expect(faultsOf({ files: { token: bytes }, variables })[0]).toMatch(
      /^CLOUDFLARE_API_TOKEN_FILE: .*expected UTF-8/,
    );
  });
});

describe("a variable of the process's environment that is named as ours are", () => {
  it.each([
    ['ROLLCALL_SHEDULE', 'ROLLCALL_SCHEDULE'],
    ['ROLLCALL_TIME_ZONE', 'ROLLCALL_TIMEZONE'],
    ['ROLLCALL_PING_URL_FILES', 'ROLLCALL_PING_URL_FILE'],
    ['rollcall_http', 'ROLLCALL_HTTP'],
  ])('is a fault when it is none: %s', (name, nearest) => {
    expect(faultsOf({ variables: { [name]: 'x' } })).toEqual([
      `${name}: expected a variable that rollcall reads, such as ${nearest}: got ${name}`,
    ]);
  });

  it.each([
    ['is unset', { ROLLCALL_SHEDULE: '' }],
    ['is the file of a secret', { ROLLCALL_PING_URL_FILE: 'url' }],
    [
      'is made by Kubernetes for a service',
      { ROLLCALL_PORT: 'tcp://10.0.0.1:9465', ROLLCALL_WORKER_SERVICE_HOST: '10.0.0.1' },
    ],
    [
      'is made by Kubernetes for its ports',
      { ROLLCALL_PORT_9465_TCP_ADDR: '10.0.0.1', ROLLCALL_SERVICE_PORT_HTTP: '9465' },
    ],
    ["is another program's", { SMPT_URL: 'x', MAIL_TO_FILE: 'x', SMTP_URI: 'x' }],
  ])('is none when it %s', (_, variables) => {
    expect(faultsOf({ variables, files: { url: 'https://hc-ping.com/x' } })).toEqual([]);
  });

  it('is none when the file of the configuration takes it, itself or from its file', () => {
    const yaml = 'principals: [{ name: "${ROLLCALL_TEAM}", apiToken: "${ROLLCALL_TOKEN}" }]';
    const files = { 'rollcall.yaml': yaml, token: 'x' };
    expect(faultsOf({ files, variables: { ROLLCALL_TEAM: 'a', ROLLCALL_TOKEN_FILE: 'token' } })).toEqual([]);
    const [fault, ...others] = faultsOf({
      files: { 'rollcall.yaml': '"' },
      variables: { ROLLCALL_TEAM: 'a' },
    });
    expect([fault?.startsWith('rollcall.yaml'), others]).toEqual([true, []]);
  });
});

it('a .env that is a link to nothing is a fault, and not taken for none', () => {
  const folder = folderWith();
  symlinkSync('nowhere', path.join(folder, '.env'));
  expect(() => configured({}, folder)).toThrow('.env: expected a readable file: it is a link to something');
  writeFileSync(path.join(folder, 'nowhere'), schedule);
  expect(configured({}, folder).schedule).toEqual(isRead);
});
