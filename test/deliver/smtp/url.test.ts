import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { parseSmtpUrl } from '../../../src/deliver/smtp/url.ts';
import { Secret } from '../../../src/domain/secret.ts';

function parse(url: string) {
  return parseSmtpUrl(new Secret(url));
}

test.each([
  ['smtp://mail.example.com', { host: 'mail.example.com', port: 587, tls: 'starttls' }],
  ['smtp://mail.example.com:25', { host: 'mail.example.com', port: 25, tls: 'starttls' }],
  ['smtps://Mail.Example.com', { host: 'mail.example.com', port: 465, tls: 'implicit' }],
  ['smtp://[2001:db8::1]:2525', { host: '2001:db8::1', port: 2525, tls: 'starttls' }],
])('%s needs TLS', (url, server) => {
  expect(parse(url)).toEqual({ ...server, clientName: null, login: null });
});

test.each(['smtp://localhost:1025', 'smtp://127.0.0.1', 'smtp://[::1]', 'smtp://mail.example.com?tls=off'])(
  '%s is in the clear',
  (url) => {
    expect(parse(url)).toMatchObject({ tls: 'off' });
  },
);

test.each(['smtp://127.0.0.1.example.com', 'smtp://localhost.example.com', 'smtp://localhost?tls=on'])(
  '%s is not',
  (url) => {
    expect(parse(url)).toMatchObject({ tls: 'starttls' });
  },
);

test.each([
  ['smtp://mail.example.com?name=audit.example.com', 'audit.example.com'],
  ['smtps://mail.example.com?name=audit', 'audit'],
  ['smtp://mail.example.com?tls=off&name=[192.0.2.7]', '[192.0.2.7]'],
])('%s gives the name in EHLO', (url, clientName) => {
  expect(parse(url)).toMatchObject({ clientName });
});

test('a user and a password are percent-decoded', () => {
  const { login } = parse('smtp://ops%40example.com:p%2Fa%23s%25s@mail.example.com');
  expect(login?.user).toBe('ops@example.com');
  expect(login?.password.reveal()).toBe('p/a#s%s');
});

test.each([
  ['mail.example.com', 'a URL such as'],
  ['smtp:mail.example.com', 'a URL such as'],
  ['https://mail.example.com', 'smtp:// or smtps://'],
  ['smtp://ops:hunter2/x@mail.example.com', 'a URL such as'],
  ['smtp://ops:123/hunter2@mail.example.com', '%2F'],
  ['smtp://ops:123#hunter2@mail.example.com', '%23'],
  ['smtp://ops:hunter2%zz@mail.example.com', '%25'],
  ['smtp://ops@mail.example.com', 'both a user and a password'],
  ['smtp://:hunter2@mail.example.com', 'both a user and a password'],
  ['smtp://mail.example.com?tls=maybe', 'tls to be on or off'],
  ['smtp://mail.example.com?debug=true&pass=hunter2', 'no parameters other than tls and name'],
  ['smtps://mail.example.com?tls=off', 'no tls behind smtps://'],
  ['smtp://mail.example.com?name=two%20words', 'name to be a host name'],
  ['smtp://mail.example.com?name=x%0d%0aRSET', 'name to be a host name'],
  ['smtps://mail.example.com?name=', 'name to be a host name'],
])('%s is refused, saying what was expected and not what was given', (url, expected) => {
  const failure = failureOf(() => parse(url));
  expect(failure).toMatchObject({
    code: 'configuration',
    message: expect.stringContaining(expected) as string,
  });
  expect(inspect(failure)).not.toContain('hunter2');
});

function failureOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
