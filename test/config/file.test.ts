import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { changeKinds } from '../../src/domain/change.ts';
import { configured, faultsOf, faultsOfFile, folderWith, revealed } from './folder.ts';

const example = `
schedule: "0 2 * * *"
timezone: Europe/Madrid
principals:
  - name: ops-bot
    apiToken: \${OPS_BOT_TOKEN}
  - name: legacy
    email: ops@example.com
    apiKeyFile: secrets/legacy-key
reports:
  - to: [security@example.com]
  - to: [agency-a@example.com]
    principals: [ops-bot]
    categories: [invitation]
    kinds: [invited, joined]
    roles: ['*Administrator*']
    about: [changes, quiet]
    csv: false
hold:
  removals: 3
`;

describe('rollcall.yaml', () => {
  it('sets principals, audiences, schedule and thresholds', () => {
    const files = { 'rollcall.yaml': example, 'secrets/legacy-key': 'cfk_key\n' };
    expect(revealed(configured({ files, variables: { OPS_BOT_TOKEN: 'cfut_token' } }))).toMatchObject({
      schedule: { expression: '0 2 * * *', timezone: 'Europe/Madrid' },
      principals: [
        { name: 'ops-bot', token: 'cfut_token' },
        { name: 'legacy', email: 'ops@example.com', key: 'cfk_key' },
      ],
      audiences: [
        { to: ['security@example.com'] },
        {
          to: ['agency-a@example.com'],
          principals: ['ops-bot'],
          categories: ['invitation'],
          kinds: ['invited', 'joined'],
          roles: ['*Administrator*'],
          about: ['changes', 'quiet'],
          csv: false,
        },
      ],
      hold: { removals: 3, share: 0.25 },
    });
  });

  it.each(['', '# nothing but a comment\n', '{}', '$schema: ./rollcall.schema.json'])(
    'may be as good as empty: %j',
    (yaml) => {
      const folder = folderWith({ 'rollcall.yaml': yaml });
      expect(loadConfig({}, folder)).toEqual(loadConfig({ ROLLCALL_CONFIG: '/dev/null' }, folder));
    },
  );

  it('is looked for in the folder that it is asked for, whatever the working folder', () => {
    const files = { 'rollcall.yaml': 'timezone: Asia/Tokyo', 'conf/a.yaml': 'timezone: Asia/Seoul' };
    expect(configured({ files }).schedule.timezone).toBe('Asia/Tokyo');
    expect(configured({ files, variables: { ROLLCALL_CONFIG: 'conf/a.yaml' } }).schedule.timezone).toBe(
      'Asia/Seoul',
    );
  });

  it('with principals of its own takes the credentials of the environment for mere variables', () => {
    const yaml = `principals:
      - { name: a, apiToken: "\${CLOUDFLARE_API_TOKEN}" }
      - { name: b, apiKey: "\${CLOUDFLARE_API_KEY}", email: "\${CLOUDFLARE_EMAIL}" }`;
    const variables = {
      CLOUDFLARE_API_TOKEN: 'cfut_a',
      CLOUDFLARE_API_KEY: 'cfk_b',
      CLOUDFLARE_EMAIL: 'b@example.com',
    };
    expect(revealed(configured({ files: { 'rollcall.yaml': yaml }, variables }))).toMatchObject({
      principals: [
        { name: 'a', token: 'cfut_a' },
        { name: 'b', email: 'b@example.com', key: 'cfk_b' },
      ],
    });
  });

  it('with reports of its own needs no MAIL_TO', () => {
    const variables = { SMTP_URL: 'smtp://mail.example.com', MAIL_FROM: 'a@example.com' };
    expect(faultsOfFile('reports: [{ to: [b@example.com] }]', variables)).toEqual([]);
  });
});

describe('${NAME}', () => {
  const yaml = 'principals: [{ name: "ops ${TEAM}", apiToken: "${TOKEN}" }]';

  it('takes a variable of the environment, of .env, or the file of its NAME_FILE, anywhere in a text', () => {
    const files = { 'rollcall.yaml': yaml, '.env': 'TEAM=red', 'secrets/token': 'cfut_token\n' };
    const variables = { TOKEN_FILE: 'secrets/token' };
    expect(revealed(configured({ files, variables }))).toMatchObject({
      principals: [{ name: 'ops red', token: 'cfut_token' }],
    });
  });

  it('is a fault while it is unset, told once and for itself alone', () => {
    expect(faultsOfFile('reports: [{ to: ["${TEAM}"] }, { to: ["${TEAM}"] }]')).toEqual([
      'rollcall.yaml: reports[0].to[0]: expected the variable TEAM or TEAM_FILE to be set',
      'rollcall.yaml: reports[1].to[0]: expected the variable TEAM or TEAM_FILE to be set',
    ]);
  });

  it('is a fault when it is given both ways', () => {
    const variables = { TEAM: 'red', TOKEN: 'cfut_x', TOKEN_FILE: 'x' };
    expect(faultsOfFile(yaml, variables)).toEqual([
      'TOKEN: expected TOKEN or TOKEN_FILE, not both',
      'rollcall.yaml: principals[0].apiToken: expected the variable TOKEN or TOKEN_FILE to be set',
    ]);
  });

  it.each(['${}', '${TOKEN', '${TOKEN:-cfut_default}', '${A B}'])(
    'is a fault when it is no name: %j',
    (text) => {
      expect(faultsOfFile(`principals: [{ name: a, apiToken: "${text}" }]`)).toEqual([
        'rollcall.yaml: principals[0].apiToken: expected ${NAME} to hold the name of a variable, of letters, digits and _',
      ]);
    },
  );

  it('is taken once: what a variable holds is not looked into', () => {
    const variables = { TOKEN: 'cfut_${TEAM}', TEAM: 'red' };
    expect(revealed(configured({ files: { 'rollcall.yaml': yaml }, variables }))).toMatchObject({
      principals: [{ token: 'cfut_${TEAM}' }],
    });
  });
});

it('the command that mails name may be another, and the environment goes before the file', () => {
  const files = { 'rollcall.yaml': 'command: docker compose exec worker rollcall\n' };
  expect(configured({ files }).command).toBe('docker compose exec worker rollcall');
  expect(configured({ files, variables: { ROLLCALL_COMMAND: '/opt/rollcall' } }).command).toBe(
    '/opt/rollcall',
  );
  expect(configured({}).command).toBe('npx --no rollcall');
});

it('the digest may be moved, or turned off, and so may the catching up', () => {
  const moved = { 'rollcall.yaml': 'digest: 0 9 1 * *\ntimezone: Asia/Tokyo\ncatchUp: { hours: 6 }\n' };
  expect(configured({ files: moved })).toMatchObject({
    digest: { expression: '0 9 1 * *', timezone: 'Asia/Tokyo' },
    catchUpHours: 6,
  });
  const off = { 'rollcall.yaml': 'digest: off\ncatchUp: { hours: 0 }\n' };
  expect(configured({ files: off })).toMatchObject({ digest: null, catchUpHours: 0 });
});

it.each([
  ['30d', 30],
  ['52w', 364],
  ['3y', 1098],
])('history is kept for %s where the file says so, and else for ever', (retention, days) => {
  const files = { 'rollcall.yaml': `retention: ${retention}\n` };
  expect(configured({ files }).retentionMs).toBe(days * 86_400_000);
  expect(configured({}).retentionMs).toBeNull();
});

describe('a fault in rollcall.yaml', () => {
  const aToken = 'apiToken: cfut_x';

  it.each([
    ['is no mapping', '[1]', 'rollcall.yaml: expected object, got array'],
    [
      'has an unknown section',
      'schedul: 0 2 * * *',
      'rollcall.yaml: expected only schedule, timezone, principals, reports, catchUp, digest, retention, command, hold; got schedul',
    ],
    [
      'has an unknown key',
      `principals: [{ name: a, token: cfut_secret, ${aToken} }]`,
      'rollcall.yaml: principals[0]: expected only name, apiToken, apiTokenFile, email, apiKey, apiKeyFile, source, pingUrl; got token',
    ],
    ['has no principals', 'principals: []', 'rollcall.yaml: principals: expected at least one principal'],
    [
      'has a principal without a name',
      `principals: [{ ${aToken} }]`,
      'rollcall.yaml: principals[0].name: expected string, got none',
    ],
    [
      'has two principals of one name',
      `principals: [{ name: a, ${aToken} }, { name: b, ${aToken} }, { name: a, ${aToken} }]`,
      'rollcall.yaml: principals[2].name: expected a name of its own, "a" is taken',
    ],
    [
      'has a principal without credentials',
      'principals: [{ name: a }]',
      'rollcall.yaml: principals[0]: expected exactly one of apiToken, apiTokenFile, apiKey and apiKeyFile (these two with email)',
    ],
    [
      'has a principal with two kinds of credentials',
      `principals: [{ name: a, ${aToken}, apiKey: cfk_x, email: a@example.com }]`,
      'rollcall.yaml: principals[0]: expected exactly one of apiToken, apiTokenFile, apiKey and apiKeyFile (these two with email)',
    ],
    [
      'has a key without its email',
      'principals: [{ name: a, apiKey: cfk_x }]',
      'rollcall.yaml: principals[0].email: expected the email that the Global API Key belongs to',
    ],
    [
      'has a token with an email',
      `principals: [{ name: a, ${aToken}, email: a@example.com }]`,
      'rollcall.yaml: principals[0].email: expected none beside an API token',
    ],
    [
      'has a token of two words',
      'principals: [{ name: a, apiToken: cfut_secret and more }]',
      'rollcall.yaml: principals[0].apiToken: expected one word without spaces or line breaks; its value is not shown',
    ],
    [
      'has a token that YAML reads as a number',
      'principals: [{ name: a, apiToken: 1234 }]',
      'rollcall.yaml: principals[0].apiToken: expected string, got number',
    ],
    [
      'names a file that is not there',
      'principals: [{ name: a, apiTokenFile: none }]',
      "rollcall.yaml: principals[0].apiTokenFile: expected a readable file: ENOENT: no such file or directory, open '…/none'",
    ],
    [
      'has an address without @',
      'reports: [{ to: [a@example.com, ops] }]',
      'rollcall.yaml: reports[0].to[1]: expected an address such as security@example.com',
    ],
    [
      'has nobody to write to',
      'reports: [{ to: [] }]',
      'rollcall.yaml: reports[0].to: expected at least one address',
    ],
    [
      'has an unknown category',
      'reports: [{ to: [a@example.com], categories: [roles] }]',
      'rollcall.yaml: reports[0].categories[0]: expected one of "membership" or "invitation"',
    ],
    [
      'has an unknown kind',
      'reports: [{ to: [a@example.com], kinds: [left, gone] }]',
      `rollcall.yaml: reports[0].kinds[1]: expected one of ${changeKinds.map((kind) => `"${kind}"`).join(' or ')}`,
    ],
    [
      'has reports about what none is about',
      'reports: [{ to: [a@example.com], about: [changes, failures] }]',
      'rollcall.yaml: reports[0].about[1]: expected one of "changes" or "trouble" or "digest" or "quiet"',
    ],
    ...[
      ['principals', 'expected at least one principal; leave it out for all'],
      ['categories', 'expected at least one category; leave it out for all'],
      ['kinds', 'expected at least one kind; leave it out for all'],
      ['roles', 'expected at least one role; leave it out for all'],
      ['about', 'expected at least one of changes, trouble, digest and quiet; leave it out for the default'],
    ].map(([key = '', fault = '']) => [
      `has a route with no ${key}`,
      `reports: [{ to: [a@example.com], ${key}: [] }]`,
      `rollcall.yaml: reports[0].${key}: ${fault}`,
    ]),
    [
      'has a role without a letter',
      'reports: [{ to: [a@example.com], roles: [Billing, " "] }]',
      'rollcall.yaml: reports[0].roles[1]: expected a role, such as Billing or *Administrator*',
    ],
    [
      'has a role that is none',
      'reports: [{ to: [a@example.com], roles: [7] }]',
      'rollcall.yaml: reports[0].roles[0]: expected string, got number',
    ],
    [
      'has one role that is no list',
      'reports: [{ to: [a@example.com], roles: Billing }]',
      'rollcall.yaml: reports[0].roles: expected array, got string',
    ],
    [
      'neither has a CSV nor has none',
      'reports: [{ to: [a@example.com], csv: none }]',
      'rollcall.yaml: reports[0].csv: expected true or false',
    ],
    [
      'has an unknown key in a route',
      'reports: [{ to: [a@example.com], kind: [left] }]',
      'rollcall.yaml: reports[0]: expected only to, webhook, webhookFile, secret, secretFile, format, principals, categories, kinds, roles, about, csv; got kind',
    ],
    [
      'has an audience of a principal that is not there',
      `principals: [{ name: a, ${aToken} }, { name: b, ${aToken} }]\nreports: [{ to: [a@example.com], principals: [a, c] }]`,
      'rollcall.yaml: reports[0].principals[1]: expected a configured principal (a, b), got "c"',
    ],
    [
      'catches up for longer than a week',
      'catchUp: { hours: 1000 }',
      'rollcall.yaml: catchUp.hours: expected whole hours, 0 to 168',
    ],
    ...['29d', '3 years', '0y', '-3y', '1e9d', '', '400'].map((retention) => [
      `keeps history for ${retention}`,
      `retention: '${retention}'`,
      'rollcall.yaml: retention: expected for how long history is kept, at least 30d, such as 90d, 52w or 3y',
    ]),
    [
      'has a digest that is no cron expression',
      'digest: weekly',
      'rollcall.yaml: digest: expected a cron expression: expected 5 or 6 fields but got 1',
    ],
    [
      'has a ping URL that is none, which is not shown',
      'principals: [{ name: a, apiToken: b, pingUrl: hc-ping.com/secret }]',
      'rollcall.yaml: principals[0].pingUrl: expected a URL such as https://hc-ping.com/uuid; its value is not shown',
    ],
    [
      'has a command of two lines',
      'command: "rollcall\\nrm"',
      'rollcall.yaml: command: expected a command such as docker compose exec worker rollcall, on one line',
    ],
    [
      'has a share in percent',
      'hold: { share: 25 }',
      'rollcall.yaml: hold.share: expected a share from 0 to 1, such as 0.25',
    ],
    [
      'has a share with a percent sign',
      'hold: { share: 25% }',
      'rollcall.yaml: hold.share: expected a share from 0 to 1, such as 0.25',
    ],
    [
      'has a negative number of removals',
      'hold: { removals: -1 }',
      'rollcall.yaml: hold.removals: expected a whole number, 0 or more',
    ],
    [
      'has half a removal',
      'hold: { removals: 1.5 }',
      'rollcall.yaml: hold.removals: expected a whole number, 0 or more',
    ],
    [
      'has a time zone that nobody knows',
      'timezone: Madrid',
      'rollcall.yaml: timezone: expected an IANA time zone such as Europe/Madrid',
    ],
    [
      'restricts both day fields',
      'schedule: 0 2 1 * 1',
      'rollcall.yaml: schedule: expected a day of the month or a day of the week, not both: crontab would run on either, node-cron only on both',
    ],
  ])('is told with its path when it %s', (_, yaml, fault) => {
    expect(faultsOfFile(yaml)).toEqual([fault]);
  });

  it.each([
    [
      'timezone: UTC\n\tschedule: x',
      /^rollcall\.yaml, line 2, column 1: expected YAML: Tabs are not allowed/,
    ],
    [
      'timezone: UTC\ntimezone: UTC',
      /^rollcall\.yaml, line 2, column 1: expected YAML: Map keys must be unique$/,
    ],
    [
      'a: 1\n---\nb: 2',
      /^rollcall\.yaml, line 2, column 1: expected YAML: Source contains multiple documents/,
    ],
    [
      'principals:\n  - name: a\n    apiToken: "cfut_secret',
      /^rollcall\.yaml, line 3, column \d+: expected YAML: Missing closing/,
    ],
    [
      'principals:\n  - apiToken: "x" cfut_secret',
      /^rollcall\.yaml, line 2, column \d+: expected YAML: Unexpected scalar/,
    ],
    ['principals:\n  - apiToken: *cfut_secret', /^rollcall\.yaml: expected YAML: Unresolved alias/],
    ['a: `cfut_secret', /^rollcall\.yaml, line 1, column 4: expected YAML: Plain value cannot start/],
  ])('is told with its line when it is no YAML, without a word of it: %j', (yaml, fault) => {
    const [first] = faultsOfFile(yaml);
    expect(first).toMatch(fault);
    expect(faultsOfFile(yaml).join()).not.toContain('cfut_secret');
  });

  it('makes up no faults elsewhere: what is only faulty is not called missing', () => {
    const mail = { SMTP_URL: 'smtp://mail.example.com', MAIL_FROM: 'a@example.com' };
    expect(faultsOfFile('reports: [{ to: [ops] }]', mail)).toHaveLength(1);
    expect(faultsOfFile('reports: "', mail)).toHaveLength(1);
    const reports = 'reports: [{ to: [a@example.com], principals: [a, b] }]';
    expect(faultsOfFile(`principals: [{ name: a }, { name: b, ${aToken} }]\n${reports}`)).toHaveLength(1);
    expect(faultsOfFile(`principals: [{ name: a, ${aToken} }, { name: 7 }]\n${reports}`)).toHaveLength(1);
  });

  it('does not hide those of other sections', () => {
    expect(
      faultsOfFile(`timezone: Madrid
principals: [{ name: a, ${aToken} }]
reports: [{ to: [a@example.com], principals: [b] }]`),
    ).toEqual([
      'rollcall.yaml: timezone: expected an IANA time zone such as Europe/Madrid',
      'rollcall.yaml: reports[0].principals[0]: expected a configured principal (a), got "b"',
    ]);
  });
});

describe('the message', () => {
  const given = {
    variables: { SMTP_URL: 'smtp://user:hunter2@mail.example.com', MAIL_FROM: 'rollcall' },
    files: {
      '.env': 'OPS_BOT_TOKEN=cfut_secret of two words\n',
      'rollcall.yaml':
        'principals:\n  - name: ops-bot\n    apiToken: ${OPS_BOT_TOKEN}\n  - name: ops-bot\n    apiTokenFile: none\n',
    },
  };

  it('tells all faults at once, each with its place and what was expected', () => {
    const folder = folderWith(given.files);
    const load = () => loadConfig(given.variables, folder);
    expect(load).toThrow(
      expect.objectContaining({
        code: 'configuration',
        message: `The configuration has 5 faults; nothing was done.
  rollcall.yaml: principals[0].apiToken: expected one word without spaces or line breaks; its value is not shown
  rollcall.yaml: principals[1].name: expected a name of its own, "ops-bot" is taken
  rollcall.yaml: principals[1].apiTokenFile: expected a readable file: ENOENT: no such file or directory, open '${folder}/none'
  MAIL_FROM: expected an address such as Rollcall <rollcall@example.com>, got "rollcall"
  MAIL_TO: expected recipients, since SMTP_URL is set and rollcall.yaml has no reports`,
      }) as Error,
    );
  });

  it('repeats no secret', () => {
    expect(faultsOf(given).join()).not.toMatch(/hunter2|cfut_secret/);
  });

  it('counts one fault as one', () => {
    expect(() => loadConfig({ LOG_LEVEL: 'loud' }, folderWith())).toThrow(
      'The configuration has one fault; nothing was done.',
    );
  });
});
