import { expect, it, onTestFinished } from 'vitest';
import { openSmtpMailer } from '../../../src/deliver/smtp/current-mailer.ts';
import { createSmtpMailer } from '../../../src/deliver/smtp/smtp-mailer.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { aMail } from '../builders.ts';
import { startMailServer } from '../mail-server.ts';

it('a password that is replaced under a mailer is the next mail’s, and one that is gone leaves the mail owed', async () => {
  const server = await startMailServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) => {
      if (password === 'second') done(null, { user: username });
      else done(Object.assign(new Error('no'), { responseCode: 535 }));
    },
  });
  onTestFinished(() => server[Symbol.asyncDispose]());
  let password: string | null = 'first';
  const read = () => {
    if (password === null) throw new Error('SMTP_URL_FILE: expected a readable file');
    return new Secret(`smtp://ops:${password}@127.0.0.1:${server.port}`);
  };
  const mailer = openSmtpMailer(read, (url) =>
    createSmtpMailer({ url, mailFrom: 'rollcall@example.com', sendTimeoutMs: 10_000 }),
  );
  await expect(mailer.send(aMail())).resolves.toMatchObject({ outcome: 'retry' });
  password = null;
  await expect(mailer.send(aMail())).resolves.toEqual({
    outcome: 'retry',
    error: 'SMTP_URL_FILE: expected a readable file',
    isServerAway: true,
  });
  await expect(mailer.verify()).rejects.toThrow('SMTP_URL_FILE');
  password = 'second';
  await expect(mailer.send(aMail())).resolves.toMatchObject({ outcome: 'sent' });
  await mailer.verify();
  await mailer.close();
  expect(server.messages).toHaveLength(1);
});
