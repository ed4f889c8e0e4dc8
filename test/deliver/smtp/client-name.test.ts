import { expect, test } from 'vitest';
import { chooseClientName } from '../../../src/deliver/smtp/client-name.ts';
import { aMail } from '../builders.ts';
import { aScriptedServer, mailerFor } from './mailers.ts';

test.each([
  ['relay.example.net', 'rollcall@example.com', 'relay.example.net'],
  ['3f9a2c', 'rollcall@example.com', 'example.com'],
  ['3f9a2c', 'Rollcall <rollcall@mail.example.com>', 'mail.example.com'],
  ['3f9a2c', 'rollcall@bücher.example', 'xn--bcher-kva.example'],
  ['192.0.2.7', 'rollcall@example.com', '[192.0.2.7]'],
  ['2001:db8::7', 'rollcall@example.com', '[IPv6:2001:db8::7]'],
  ['my host.local', 'rollcall@example.com', 'example.com'],
  ['3f9a2c', 'rollcall@localhost', '[127.0.0.1]'],
])('a machine called %s that sends as %s greets as %s', (hostname, mailFrom, name) => {
  expect(chooseClientName({ given: null, hostname, mailFrom })).toBe(name);
});

test('the name in SMTP_URL goes before both', () => {
  const names = { given: 'audit', hostname: 'relay.example.net', mailFrom: 'rollcall@example.com' };
  expect(chooseClientName(names)).toBe('audit');
});

/** A relay that takes mail from those alone who greet it by that name. */
function relayFor(name: string) {
  return aScriptedServer((line) => {
    if (line.startsWith('EHLO')) return line === `EHLO ${name}` ? '250 relay' : '421 4.7.1 Who are you?';
    if (line === 'DATA') return '354 go on';
    return /^(?:MAIL|RCPT|RSET|\.$)/.test(line) ? '250 ok' : '';
  });
}

test('a relay that refuses other names takes mail, and check finds so', async () => {
  const mailer = mailerFor(await relayFor('audit.example.com'), { query: '?name=audit.example.com' });
  expect(await mailer.send(aMail())).toMatchObject({ outcome: 'sent' });
  await expect(mailer.verify()).resolves.toBeUndefined();
});

test.each(['', '?tls=on'])('where it does not, what to set is named %s', async (query) => {
  const mailer = mailerFor(await relayFor('audit.example.com'), { query });
  await expect(mailer.verify()).rejects.toThrow(/EHLO.*421 4\.7\.1 Who are you\?.*\?name=/);
  expect(await mailer.send(aMail())).toMatchObject({ outcome: 'retry', isServerAway: true });
});
