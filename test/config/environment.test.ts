import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type RawEnvironment } from '../../src/config/environment.ts';
import { secretsOf } from '../../src/config/secrets.ts';
import { type VariableName, variables as known } from '../../src/config/variables.ts';
import { configured, faultsOf, folderWith, revealed } from './folder.ts';

const sample: Record<VariableName, string> = {
  DATABASE_URL: 'postgres://user:password@db.example.com:5432/rollcall',
  ROLLCALL_DATA_DIR: '/var/lib/rollcall',
  CLOUDFLARE_API_TOKEN: 'cfut_token',
  CLOUDFLARE_EMAIL: 'ops@example.com',
  CLOUDFLARE_API_KEY: 'cfk_key',
  CLOUDFLARE_BASE_URL: 'https://api.example.com/v4',
  ROLLCALL_PRINCIPAL: 'ops-bot',
  ROLLCALL_SOURCE: 'memberships',
  SMTP_URL: 'smtp://user:password@mail.example.com',
  MAIL_FROM: 'Rollcall <rollcall@example.com>',
  MAIL_TO: 'security@example.com, lead@example.com',
  ROLLCALL_SCHEDULE: '30 4 * * 1-5',
  ROLLCALL_TIMEZONE: 'Europe/Madrid',
  ROLLCALL_PING_URL: 'https://hc-ping.com/5f0c2b9d',
  ROLLCALL_HTTP: '[::1]:9000',
  ROLLCALL_HTTP_HOSTS: 'rollcall.internal, worker',
  ROLLCALL_CONFIG: 'conf/other.yaml',
  ROLLCALL_COMMAND: 'docker compose exec worker rollcall',
  LOG_LEVEL: 'debug',
};
const { CLOUDFLARE_API_TOKEN: _, ...withKey } = sample;
const { CLOUDFLARE_EMAIL: _email, CLOUDFLARE_API_KEY: _key, ...withToken } = sample;
const emptyFile = { 'conf/other.yaml': '' };

const secrets = Object.entries(known).flatMap(([name, variable]) => ('secret' in variable ? [name] : []));

describe('the environment', () => {
  it('may be empty: everything has a default, and nobody is configured', () => {
    const folder = folderWith();
    expect(revealed(configured({}, folder))).toEqual({
      databaseUrl: null,
      embeddedFolder: path.join(folder, 'data/pglite'),
      outboxFolder: path.join(folder, 'data/outbox'),
      cloudflareBaseUrl: 'https://api.cloudflare.com/client/v4',
      proxies: { http: null, https: null, except: [] },
      principals: [],
      smtpUrl: null,
      mailFrom: 'rollcall@localhost',
      command: 'npx --no rollcall',
      audiences: [{ to: ['outbox@localhost'] }],
      webhooks: [],
      schedule: { expression: '0 2 * * *', timezone: 'UTC' },
      catchUpHours: 24,
      retentionMs: null,
      digest: { expression: '0 8 * * 1', timezone: 'UTC' },
      hold: { removals: 10, share: 0.25 },
      httpHosts: [],
      logLevel: 'info',
    });
  });

  it('sets everything that has a variable', () => {
    expect(revealed(configured({ variables: withToken, files: emptyFile }))).toEqual({
      databaseUrl: 'postgres://user:password@db.example.com:5432/rollcall',
      embeddedFolder: '/var/lib/rollcall/pglite',
      outboxFolder: '/var/lib/rollcall/outbox',
      cloudflareBaseUrl: 'https://api.example.com/v4',
      proxies: { http: null, https: null, except: [] },
      principals: [{ name: 'ops-bot', token: 'cfut_token', pingUrl: 'https://hc-ping.com/5f0c2b9d' }],
      smtpUrl: 'smtp://user:password@mail.example.com',
      mailFrom: 'Rollcall <rollcall@example.com>',
      command: 'docker compose exec worker rollcall',
      audiences: [{ to: ['security@example.com', 'lead@example.com'] }],
      webhooks: [],
      schedule: { expression: '30 4 * * 1-5', timezone: 'Europe/Madrid' },
      catchUpHours: 24,
      retentionMs: null,
      digest: { expression: '0 8 * * 1', timezone: 'Europe/Madrid' },
      hold: { removals: 10, share: 0.25 },
      http: { host: '::1', port: 9000 },
      httpHosts: ['rollcall.internal', 'worker'],
      logLevel: 'debug',
    });
    expect(configured({ variables: withKey, files: emptyFile }).principals).toMatchObject([
      { name: 'ops-bot', credentials: { kind: 'key', email: 'ops@example.com' } },
    ]);
  });

  it.each([
    ['9000', { host: '127.0.0.1', port: 9000 }],
    ['0.0.0.0:9000', { host: '0.0.0.0', port: 9000 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
    ['off', null],
  ])('ROLLCALL_HTTP=%s says where the worker answers', (text, http) => {
    expect(configured({ variables: { ROLLCALL_HTTP: text } }).http).toEqual(http);
  });

  it.each(['worker:9465', 'http://worker', 'worker,', '*', '[::1]'])(
    'ROLLCALL_HTTP_HOSTS=%s names no hosts, and is a fault',
    (text) => {
      expect(faultsOf({ variables: { ROLLCALL_HTTP_HOSTS: text } })).toEqual([
        `ROLLCALL_HTTP_HOSTS: expected names of hosts such as rollcall.internal, comma-separated, got "${text}"`,
      ]);
    },
  );

  it.each(['on', ':9000', 'localhost', '127.0.0.1:70000', 'http://localhost:9000'])(
    'ROLLCALL_HTTP=%s is a fault',
    (text) => {
      expect(faultsOf({ variables: { ROLLCALL_HTTP: text } })).toEqual([
        `ROLLCALL_HTTP: expected host:port such as 127.0.0.1:9465, a port, or off, got "${text}"`,
      ]);
    },
  );

  it('says what it was told to nobody: a configuration prints without its secrets', () => {
    const config = configured({ variables: withToken, files: emptyFile });
    expect(JSON.stringify(config)).not.toMatch(/cfut_token|user:password/);
  });

  it('counts an empty variable, and one of spaces, as unset', () => {
    const empty = Object.fromEntries(Object.keys(known).map((name, index) => [name, index % 2 ? '' : '  ']));
    const folder = folderWith();
    expect(configured({ variables: empty }, folder)).toEqual(configured({}, folder));
  });

  it('goes before .env, and .env before the defaults', () => {
    const files = {
      '.env': 'LOG_LEVEL=warn\nROLLCALL_PRINCIPAL="from .env"\nROLLCALL_TIMEZONE=Asia/Tokyo\n',
    };
    const variables = { LOG_LEVEL: 'error', ROLLCALL_TIMEZONE: '', CLOUDFLARE_API_TOKEN: 'cfut_token' };
    expect(configured({ variables, files })).toMatchObject({
      logLevel: 'error',
      principals: [{ name: 'from .env' }],
      schedule: { timezone: 'Asia/Tokyo' },
    });
  });

  it('goes before .env in either form of a secret', () => {
    const files = {
      '.env': 'CLOUDFLARE_API_TOKEN_FILE=lower\nDATABASE_URL=postgres://lower/db\n',
      lower: 'cfut_lower',
      upper: 'postgres://upper/db\n',
    };
    const variables = { CLOUDFLARE_API_TOKEN: 'cfut_upper', DATABASE_URL_FILE: 'upper' };
    expect(revealed(configured({ variables, files }))).toMatchObject({
      principals: [{ token: 'cfut_upper' }],
      databaseUrl: 'postgres://upper/db',
    });
  });

  it('goes before rollcall.yaml', () => {
    const files = { 'rollcall.yaml': 'schedule: 0 5 * * *\ntimezone: Asia/Tokyo\n' };
    expect(configured({ files }).schedule).toEqual({ expression: '0 5 * * *', timezone: 'Asia/Tokyo' });
    const variables = { ROLLCALL_SCHEDULE: '0 3 * * *', ROLLCALL_TIMEZONE: 'UTC' };
    expect(configured({ variables, files }).schedule).toEqual({ expression: '0 3 * * *', timezone: 'UTC' });
  });
});

describe('a secret in a file', () => {
  it.each(secrets)('is read from %s_FILE, without its last line end', (name) => {
    const set: RawEnvironment = name === 'CLOUDFLARE_API_TOKEN' ? withToken : withKey;
    const text = set[name] ?? '';
    const variables = { ...set, [name]: undefined, [`${name}_FILE`]: 'secrets/it' };
    const files = { ...emptyFile, 'secrets/it': `${text}\n` };
    expect(JSON.stringify(revealed(configured({ variables, files })))).toContain(text);
  });

  it.each(secrets)('is a fault beside %s itself', (name) => {
    const variables = { [name]: sample[name as VariableName], [`${name}_FILE`]: 'secrets/it' };
    expect(faultsOf({ variables, files: { 'secrets/it': 'x' } })).toContain(
      `${name}: expected ${name} or ${name}_FILE, not both`,
    );
  });

  it('is a fault when the file is missing, a folder, or empty', () => {
    const faults = (file: string) =>
      faultsOf({ variables: { CLOUDFLARE_API_TOKEN_FILE: file }, files: { 'secrets/none': ' \n' } });
    expect(faults('nowhere')).toEqual([
      "CLOUDFLARE_API_TOKEN_FILE: expected a readable file: ENOENT: no such file or directory, open '…/nowhere'",
    ]);
    expect(faults('secrets')).toEqual(['CLOUDFLARE_API_TOKEN_FILE: expected a plain file, found a folder']);
    expect(faults('secrets/none')).toEqual([
      'CLOUDFLARE_API_TOKEN_FILE: expected a secret in …/secrets/none, found an empty file',
    ]);
  });
});

describe('a fault', () => {
  it.each<[string, RawEnvironment, string]>([
    [
      'two kinds of credentials at once',
      { CLOUDFLARE_API_TOKEN: 'cfut_x', CLOUDFLARE_API_KEY: 'cfk_x', CLOUDFLARE_EMAIL: 'ops@example.com' },
      'CLOUDFLARE_API_TOKEN: expected an API token or an email with its Global API Key, not both kinds at once',
    ],
    [
      'a token beside an email',
      { CLOUDFLARE_API_TOKEN: 'cfut_x', CLOUDFLARE_EMAIL: 'ops@example.com' },
      'CLOUDFLARE_API_TOKEN: expected an API token or an email with its Global API Key, not both kinds at once',
    ],
    [
      'a key without its email',
      { CLOUDFLARE_API_KEY: 'cfk_x' },
      'CLOUDFLARE_EMAIL: expected the email that CLOUDFLARE_API_KEY belongs to',
    ],
    [
      'an email without its key',
      { CLOUDFLARE_EMAIL: 'ops@example.com' },
      'CLOUDFLARE_API_KEY: expected the Global API Key of CLOUDFLARE_EMAIL',
    ],
    [
      'a token that no header can carry',
      { CLOUDFLARE_API_TOKEN: 'cfut_x\nsecond line' },
      'CLOUDFLARE_API_TOKEN: expected one word without spaces or line breaks; its value is not shown',
    ],
    [
      'an address without @',
      { MAIL_TO: 'security@example.com,ops' },
      'MAIL_TO: expected addresses such as security@example.com, comma-separated, got "security@example.com,ops"',
    ],
    [
      'a sender without @',
      { MAIL_FROM: 'Rollcall' },
      'MAIL_FROM: expected an address such as Rollcall <rollcall@example.com>, got "Rollcall"',
    ],
    [
      'a time zone that nobody knows',
      { ROLLCALL_TIMEZONE: 'Europe/Madird' },
      'ROLLCALL_TIMEZONE: expected an IANA time zone such as Europe/Madrid, got "Europe/Madird"',
    ],
    [
      'an expression that is none',
      { ROLLCALL_SCHEDULE: 'nightly' },
      'ROLLCALL_SCHEDULE: expected a cron expression: expected 5 or 6 fields but got 1, got "nightly"',
    ],
    [
      'an expression that restricts both day fields',
      { ROLLCALL_SCHEDULE: '0 2 1 * 1' },
      'ROLLCALL_SCHEDULE: expected a day of the month or a day of the week, not both: crontab would run on either, node-cron only on both, got "0 2 1 * 1"',
    ],
    [
      'another log level',
      { LOG_LEVEL: 'verbose' },
      'LOG_LEVEL: expected one of trace, debug, info, warn, error, fatal, silent, got "verbose"',
    ],
    [
      'another database',
      { DATABASE_URL: 'mysql://user:hunter2@db/rollcall' },
      'DATABASE_URL: expected a URL such as postgres://user:password@host:5432/database',
    ],
    [
      'a mail server without smtp://',
      { SMTP_URL: 'mail.example.com:587', MAIL_FROM: 'a@b', MAIL_TO: 'a@b' },
      'SMTP_URL: expected a URL such as smtp://user:password@mail.example.com:587',
    ],
    [
      'a mail server with a user and no password',
      { SMTP_URL: 'smtp://user@mail.example.com', MAIL_FROM: 'a@b', MAIL_TO: 'a@b' },
      'SMTP_URL: expected both a user and a password, or neither',
    ],
    [
      'a base URL with a password',
      { CLOUDFLARE_BASE_URL: 'https://user:hunter2@api.example.com/' },
      'CLOUDFLARE_BASE_URL: expected a URL such as https://api.cloudflare.com/client/v4, without user, password, ? or #',
    ],
    [
      'a name with a control character',
      { ROLLCALL_PRINCIPAL: 'ops\nbot' },
      'ROLLCALL_PRINCIPAL: expected a name without control characters, got "ops\\nbot"',
    ],
    [
      'a configuration file that is not there',
      { ROLLCALL_CONFIG: 'none.yaml' },
      "none.yaml: expected a readable file: ENOENT: no such file or directory, open '…/none.yaml'",
    ],
  ])('is %s', (_what, variables, fault) => {
    expect(faultsOf({ variables })).toEqual([fault]);
  });

  it('is a mail server without sender and recipients', () => {
    expect(faultsOf({ variables: { SMTP_URL: 'smtp://mail.example.com' } })).toEqual([
      'MAIL_FROM: expected a sender, since SMTP_URL is set',
      'MAIL_TO: expected recipients, since SMTP_URL is set and rollcall.yaml has no reports',
    ]);
  });

  it('is a .env that cannot be read', () => {
    expect(faultsOf({ files: { '.env/x': '' } })).toEqual(['.env: expected a plain file, found a folder']);
  });

  it('never repeats a secret, nor what stands where people put one by mistake', () => {
    const secret = 'hunter2 hunter2';
    const names = Object.entries(known).flatMap(([name, variable]) =>
      'secret' in variable || 'confidential' in variable ? [name] : [],
    );
    const faults = faultsOf({ variables: Object.fromEntries(names.map((name) => [name, secret])) });
    expect(faults.length).toBeGreaterThanOrEqual(names.length);
    expect(faults.join()).not.toContain('hunter2');
  });
});

describe('what is asked or told in clear text', () => {
  const yaml = (url: string) => `principals: [{ name: a, apiToken: cfut_x, pingUrl: '${url}' }]`;
  const token = { CLOUDFLARE_API_TOKEN: 'cfut_x' };

  it.each([
    'http://api.example.com/client/v4',
    'http://10.0.0.1/',
    'http://localhost.example.com/',
    'http://127.0.0.1.example.com/',
    'http://[::2]/',
    'http://0.0.0.0/',
    'HTTP://example.com/?tls=on',
  ])('%s is a fault: it leaves this machine, and nobody has said that it may', (url) => {
    expect(faultsOf({ variables: { CLOUDFLARE_BASE_URL: url } })[0]).toMatch(
      /^CLOUDFLARE_BASE_URL: expected/,
    );
    for (const faults of [
      faultsOf({ variables: { ...token, ROLLCALL_PING_URL: url } }),
      faultsOf({ variables: { ...token, ROLLCALL_PING_URL_FILE: 'url' }, files: { url } }),
      faultsOf({ files: { 'rollcall.yaml': yaml(url) } }),
    ]) {
      expect(faults).toHaveLength(1);
      expect(faults[0]).toMatch(/(?:ROLLCALL_PING_URL|pingUrl): expected https:.*\?tls=off/);
      expect(faults[0]).not.toContain('example.com');
    }
  });

  it.each([
    ['http://api.example.com/client/v4?tls=off', 'http://api.example.com/client/v4'],
    ['http://localhost:8080/x', 'http://localhost:8080/x'],
    ['http://127.9.9.9/x', 'http://127.9.9.9/x'],
    ['http://[::1]/x', 'http://[::1]/x'],
    ['https://example.com/x', 'https://example.com/x'],
  ])('%s is used as %s', (url, used) => {
    expect(configured({ variables: { CLOUDFLARE_BASE_URL: url } }).cloudflareBaseUrl).toBe(used);
    for (const given of [
      { variables: { ...token, ROLLCALL_PING_URL: url } },
      { variables: { ...token, ROLLCALL_PING_URL_FILE: 'url' }, files: { url } },
      { files: { 'rollcall.yaml': yaml(url) } },
    ]) {
      const config = configured(given);
      expect(revealed(config)).toMatchObject({ principals: [{ pingUrl: used }] });
      expect(secretsOf(config).map((secret) => secret.reveal())).toContain(used);
    }
  });
});

describe('the proxies of the network', () => {
  const proxiesOf = (variables: RawEnvironment) => {
    const { http, https, except } = configured({ variables }).proxies;
    return { http: http?.reveal() ?? null, https: https?.reveal() ?? null, except };
  };

  it('are read as other programs read them: small letters first, with or without http://, unless * is excepted', () => {
    const variables = {
      HTTPS_PROXY: 'http://other:1',
      https_proxy: 'proxy:3128',
      HTTP_PROXY: 'http://a:b@p:1',
      no_proxy: 'a, .b c',
    };
    expect(proxiesOf(variables)).toEqual({
      http: 'http://a:b@p:1/',
      https: 'http://proxy:3128/',
      except: ['a', '.b', 'c'],
    });
    expect(proxiesOf({ HTTPS_PROXY: 'socks5://p:1', NO_PROXY: '*' })).toMatchObject({ https: null });
  });

  it('have passwords, which are told to nobody', () => {
    const config = configured({ variables: { HTTPS_PROXY: 'http://ops:hunter%2022@proxy:3128' } });
    expect(secretsOf(config).map((secret) => secret.reveal())).toEqual(
      expect.arrayContaining(['hunter%2022', 'hunter 22']),
    );
    expect(JSON.stringify(config)).not.toContain('hunter');
  });

  it.each(['socks5://hunter2@proxy:1080', 'http://', 'http://hunter2@'])(
    '%s is a fault that says what to set',
    (url) => {
      const faults = faultsOf({ variables: { HTTPS_PROXY: url } });
      expect(faults).toEqual([
        expect.stringMatching(/^HTTPS_PROXY: expected a proxy such as http:.*NO_PROXY=\*/),
      ]);
      expect(faults[0]).not.toContain('hunter2');
    },
  );
});
