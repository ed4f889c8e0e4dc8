import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { mechanismsIn } from '../../../src/deliver/smtp/login.ts';
import { aMail } from '../builders.ts';
import { aScriptedServer, mailerFor } from './mailers.ts';

const password = 'hunter2-very/secret';
const login = `ops:${encodeURIComponent(password)}@`;
const base64 = (text: string) => Buffer.from(text).toString('base64');

/** A server that answers EHLO and lets in whoever gives the password, and all that was said to it. */
async function aServerOffering(ehlo: string, answers: Readonly<Record<string, string>> = {}) {
  const said: string[] = [];
  const server = await aScriptedServer((line) => {
    said.push(line);
    const answer = answers[line];
    if (answer !== undefined) return answer;
    if (line.startsWith('EHLO')) return ehlo;
    if (line.startsWith('HELO')) return '250 old';
    if (line.startsWith('AUTH')) return '235 ok';
    if (line === 'DATA') return '354 go on';
    return /^(?:MAIL|RCPT|RSET|\.$)/.test(line) ? '250 ok' : '';
  });
  return { server, said };
}

describe('where a server offers no way to log in that we know, nothing of the login is sent', () => {
  test.each([
    ['by NTLM', '250-me\r\n250 AUTH NTLM', 'NTLM'],
    ['by GSSAPI and NTLM, in the old form', '250-me\r\n250-AUTH=GSSAPI NTLM\r\n250 SIZE 9', 'GSSAPI, NTLM'],
    ['by a token', '250-me\r\n250 AUTH XOAUTH2 OAUTHBEARER', 'XOAUTH2, OAUTHBEARER'],
    ['by nothing', '250-me\r\n250 AUTH', 'no login'],
    ['not at all', '250-me\r\n250 SIZE 1000', 'no login'],
    ['in its greeting alone', '250-me AUTH PLAIN\r\n250 SIZE 1000', 'no login'],
    [
      'by what only begins so',
      '250-me\r\n250-AUTHENTIC PLAIN\r\n250 AUTH PLAIN-CLIENTTOKEN',
      'PLAIN-CLIENTTOKEN',
    ],
    ['unknown, for it knows no EHLO', '502 no', 'no login'],
  ])('%s', async (_how, ehlo, told) => {
    const { server, said } = await aServerOffering(ehlo);
    const outcome = await mailerFor(server, { login }).send(aMail());

    expect(outcome).toMatchObject({ outcome: 'retry', isServerAway: true });
    expect(outcome).toMatchObject({ error: expect.stringContaining(told) as string });
    expect(said.filter((line) => !/^(?:EHLO|HELO|QUIT)/.test(line))).toEqual([]);
  });
});

describe('a login goes by what is offered', () => {
  test.each([
    {
      way: 'PLAIN',
      ehlo: '250-me\r\n250 AUTH LOGIN PLAIN CRAM-MD5',
      answers: {},
      expected: [`AUTH PLAIN ${base64(`\0ops\0${password}`)}`],
    },
    {
      way: 'LOGIN, in the old form',
      ehlo: '250-me\r\n250 AUTH=LOGIN',
      answers: {
        'AUTH LOGIN': '334 VXNlcm5hbWU6',
        [base64('ops')]: '334 UGFz',
        [base64(password)]: '235 ok',
      },
      expected: ['AUTH LOGIN', base64('ops'), base64(password)],
    },
    {
      way: 'CRAM-MD5',
      ehlo: '250-me\r\n250 auth cram-md5',
      answers: { 'AUTH CRAM-MD5': `334 ${base64('<1.2@me>')}`, [cramAnswer('<1.2@me>')]: '235 ok' },
      expected: ['AUTH CRAM-MD5', cramAnswer('<1.2@me>')],
    },
  ])('$way', async ({ ehlo, answers, expected }) => {
    const { server, said } = await aServerOffering(ehlo, answers);
    expect(await mailerFor(server, { login }).send(aMail())).toMatchObject({ outcome: 'sent' });
    expect(said.slice(1, 1 + expected.length)).toEqual(expected);
  });
});

test('a server that asks for no user after AUTH LOGIN gets neither user nor password', async () => {
  const { server, said } = await aServerOffering('250-me\r\n250 AUTH LOGIN', {
    'AUTH LOGIN': '504 not today',
  });
  expect(await mailerFor(server, { login }).send(aMail())).toMatchObject({
    outcome: 'retry',
    error: expect.stringMatching(/AUTH.*504 not today.*check the user and the password/) as string,
  });
  expect(said.filter((line) => [base64('ops'), base64(password)].includes(line))).toEqual([]);
});

test('what is offered is told only as far as it is names, and not without end', () => {
  const names = Array.from({ length: 100 }, (_, number) => `WAY-${number}`).join(' ');
  const offered = mechanismsIn(`250-me\n250-AUTH ${names}\n250 AUTH <script> \u001B[2J ${'X'.repeat(21)}`);
  expect(offered).toHaveLength(20);
  expect(mechanismsIn(`250-me\n250 AUTH <script> \u001B[2J ${'X'.repeat(21)}`)).toEqual([]);
});

function cramAnswer(challenge: string): string {
  return base64(`ops ${createHmac('md5', password).update(challenge).digest('hex')}`);
}
