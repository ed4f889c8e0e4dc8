import { describe, expect, it } from 'vitest';
import { type RawEnvironment } from '../../src/config/environment.ts';
import { secretsOf } from '../../src/config/secrets.ts';
import { configured, faultsOf, faultsOfFile } from './folder.ts';

const mail = { MAIL_FROM: 'a@example.com', MAIL_TO: 'b@example.com' };

const secretsIn = (variables: RawEnvironment, files = {}) =>
  secretsOf(configured({ variables, files })).map((secret) => secret.reveal());

describe('the secrets of a configuration', () => {
  it('are none when nothing is configured', () => {
    expect(secretsIn({})).toEqual([]);
  });

  it("are the database's URL, and the password within it as it is written and as it is", () => {
    const url = 'postgres://rollcall:p%40ss%2fword@db.example.com/rollcall';
    expect(secretsIn({ DATABASE_URL: url })).toEqual(
      expect.arrayContaining([url, 'p%40ss%2fword', 'p@ss/word']),
    );
  });

  it('are the password in a URL without a host', () => {
    const url = 'postgres://rollcall:hunter22@/rollcall?host=/var/run/postgresql';
    expect(secretsIn({ DATABASE_URL: url })).toEqual(expect.arrayContaining([url, 'hunter22']));
  });

  it('are not a password that the URL gives as user or database too', () => {
    const url = 'postgres://rollcall:rollcall@db.example.com/rollcall';
    expect(secretsIn({ DATABASE_URL: url })).toContain(url);
    expect(secretsIn({ DATABASE_URL: url })).not.toContain('rollcall');
  });

  it("are the mail server's URL and password", () => {
    const url = 'smtp://ops:hunter%252@mail.example.com';
    expect(secretsIn({ SMTP_URL: url, ...mail })).toEqual(
      expect.arrayContaining([url, 'hunter%252', 'hunter%2']),
    );
  });

  it("are each principal's credentials and ping URL", () => {
    const file = `
      principals:
        - { name: one, apiToken: cfut_one, pingUrl: 'https://hc-ping.com/one/' }
        - { name: two, email: two@example.com, apiKey: cfk_two }`;
    expect(secretsIn({}, { 'rollcall.yaml': file })).toEqual(
      expect.arrayContaining(['cfut_one', 'cfk_two', 'https://hc-ping.com/one/', 'https://hc-ping.com/one']),
    );
  });
});

describe('a fault does not repeat', () => {
  it.each(['7/word', '7?word', '7#word'])(
    'the rest of the password %s, which would end the host',
    (password) => {
      const variables = { DATABASE_URL: `postgres://ops:${password}@db.example.com/rollcall` };
      const faults = faultsOf({ variables });
      expect(faults).toHaveLength(1);
      expect(faults[0]).toContain('DATABASE_URL: expected user and password percent-encoded');
      expect(faults[0]).not.toContain('7');
    },
  );

  it('a password in a ping URL, which would have to be told to fetch', () => {
    const fault = 'expected a URL without user and password; its value is not shown';
    const url = 'https://ops:hunter22@ping.example.com/uuid';
    expect(faultsOf({ variables: { ROLLCALL_PING_URL: url } })).toEqual([`ROLLCALL_PING_URL: ${fault}`]);
    const yaml = `principals: [{ name: one, apiToken: cfut_one, pingUrl: '${url}' }]`;
    expect(faultsOfFile(yaml)).toEqual([`rollcall.yaml: principals[0].pingUrl: ${fault}`]);
  });

  it.each(['cfut_0123456789abcdefghij0123456789abcdef', 'postgres://ops:hunter22@db.example.com/rollcall'])(
    'the secret %s that stands where its file was asked for',
    (secret) => {
      const fault = 'expected a readable file: what was given looks like a secret and is not shown';
      expect(faultsOf({ variables: { CLOUDFLARE_API_TOKEN_FILE: secret } })).toEqual([
        `CLOUDFLARE_API_TOKEN_FILE: ${fault}`,
      ]);
    },
  );
});
