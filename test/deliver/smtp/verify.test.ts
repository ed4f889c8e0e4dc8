import { expect, test } from 'vitest';
import { aScriptedServer, aServer, mailerFor, reply } from './mailers.ts';

test('goes as far as the sender, drops it, and sends nothing', async () => {
  const said: string[] = [];
  const server = await aScriptedServer((line) => {
    said.push(line);
    return '250 ok';
  });
  await expect(mailerFor(server).verify()).resolves.toBeUndefined();
  expect(said.slice(1, 3)).toEqual(['MAIL FROM:<rollcall@example.com>', 'RSET']);
  expect(said.filter((line) => /^(?:RCPT|DATA)/.test(line))).toEqual([]);
});

test('a sender is named as in a mail: without its name, its domain in ASCII', async () => {
  const said: string[] = [];
  const server = await aScriptedServer((line) => {
    said.push(line);
    return '250 ok';
  });
  await mailerFor(server, { mailFrom: 'Roll, the call <rollcall@bücher.example>' }).verify();
  expect(said).toContain('MAIL FROM:<rollcall@xn--bcher-kva.example>');
});

test.each([
  [530, '5.7.0 Authentication required', /530 5\.7\.0.*correct SMTP_URL.*user and a password/],
  [550, '5.7.1 Sender not owned', /550 5\.7\.1 Sender not owned.*correct MAIL_FROM/],
  [553, 'who is that?', /553 who is that\?.*correct MAIL_FROM/],
  [451, '4.3.0 try later', /451 4\.3\.0 try later.*check again/],
])('a sender that is answered by %i %s is not well', async (code, text, told) => {
  const server = await aServer({ onMailFrom: (_address, _session, done) => done(reply(code, text)) });
  await expect(mailerFor(server).verify()).rejects.toMatchObject({
    code: 'delivery',
    message: expect.stringMatching(told) as string,
  });
});

test('a MAIL_FROM that is no address is told', async () => {
  await expect(mailerFor(await aServer(), { mailFrom: 'nobody' }).verify()).rejects.toThrow('MAIL_FROM');
});

test('a server that closes the session with 421 is told by its words', async () => {
  const server = await aScriptedServer((line) => (line.startsWith('MAIL') ? '421 4.3.2 closing' : '250 ok'));
  await expect(mailerFor(server).verify()).rejects.toThrow(/MAIL FROM.*421 4\.3\.2 closing/);
});
