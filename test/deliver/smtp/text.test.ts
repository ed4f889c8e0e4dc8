import { describe, expect, test } from 'vitest';
import { SmtpRefusal } from '../../../src/deliver/smtp/dialogue.ts';
import { explainFailure, quoteServer } from '../../../src/deliver/smtp/text.ts';
import { type SmtpServer } from '../../../src/deliver/smtp/url.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { aMail } from '../builders.ts';
import { aServer, mailerFor, reply } from './mailers.ts';

function aServerWith(password: string | null): SmtpServer {
  const login = password === null ? null : { user: 'ops', password: new Secret(password) };
  return { host: 'mail.example.com', port: 587, tls: 'starttls', clientName: null, login };
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe.each(['a', 'ab', 'xyz', 'Q9', 'é', 'five5'])(
  'a password of %j, too short to be looked for',
  (password) => {
    test('leaves no gaps in words that it was never in', () => {
      const failure = new Error('A certificate was expected: error:0A00010B:SSL routines, abcxyzQ9éfive5');
      const told = explainFailure(failure, aServerWith(password));
      expect(told).toContain('A certificate was expected: error:0A00010B:SSL routines, abcxyzQ9éfive5');
    });

    test('is not told where a server repeats it: of its answers the codes alone are', () => {
      for (const spelled of [
        password,
        base64(password),
        base64(`\0ops\0${password}`),
        encodeURIComponent(password),
      ]) {
        expect(quoteServer(`535 5.7.8 wrong: <${spelled}>`, aServerWith(password))).toBe('535 5.7.8');
        expect(quoteServer(`250 <${spelled}>`, aServerWith(password))).toBe('250');
        expect(quoteServer(`<${spelled}> nonsense`, aServerWith(password))).toBe('0');
      }
    });

    test('is in no outcome of a login that is refused', async () => {
      const server = await aServer({
        disabledCommands: ['STARTTLS'],
        allowInsecureAuth: true,
        onAuth: ({ password: given }, _session, done) =>
          done(reply(535, `no: ${given} ${base64(String(given))}`)),
      });
      const mailer = mailerFor(server, { login: `ops:${encodeURIComponent(password)}@` });
      const outcome = await mailer.send(aMail());
      expect(outcome).toMatchObject({
        outcome: 'retry',
        error: `127.0.0.1:${server.port}: the server answers AUTH with: 535; check the user and the password in SMTP_URL`,
      });
    });
  },
);

test.each(['sixsix', 'hunter2-very/secret'])('a password of %j is looked for, and taken out', (password) => {
  const failure = new SmtpRefusal('AUTH', `535 5.7.8 wrong: ${password} ${base64(`\0ops\0${password}`)}`);
  expect(explainFailure(failure, aServerWith(password))).toContain('535 5.7.8 wrong: [secret] [secret]');
});

test('without a login, an answer is told whole, on one line', () => {
  const failure = new SmtpRefusal('MAIL FROM', '550-5.7.1 Not\t you\u001B[2J\n550 5.7.1 See our help');
  expect(explainFailure(failure, aServerWith(null))).toContain(
    'mail.example.com:587: the server answers MAIL FROM with: 550-5.7.1 Not you\uFFFD[2J 550 5.7.1 See our help',
  );
});
