import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { expect, onTestFinished, test } from 'vitest';
import { createOutboxMailer } from '../../src/deliver/outbox.ts';
import { aMail } from './builders.ts';

async function aFolder(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'rollcall-outbox-'));
  onTestFinished(() => rm(parent, { recursive: true }));
  return join(parent, 'data', 'outbox');
}

test('a mail becomes an .eml file that parses, its CSV byte for byte', async () => {
  const folder = await aFolder();
  const mail = aMail();

  const outcome = await createOutboxMailer({ folder }).send(mail);

  const [filename = ''] = await readdir(folder);
  const file = join(folder, filename);
  expect(outcome).toEqual({ outcome: 'sent', response: `written to ${file}`, file });
  expect(filename).toMatch(/^2026-08-14T020005Z-ops-bot-2-left-1-joined-[\da-f]{8}\.eml$/);
  const parsed = await simpleParser(await readFile(file));
  expect(parsed).toMatchObject({ subject: mail.subject, messageId: mail.messageId, text: mail.text });
  expect(parsed.attachments[0]?.content.toString()).toBe(mail.attachment?.csv);
});

test('a repeat of the same mail overwrites its file', async () => {
  const folder = await aFolder();
  const mailer = createOutboxMailer({ folder });
  await mailer.send(aMail());
  await mailer.send(aMail());
  expect(await readdir(folder)).toHaveLength(1);
});

test('the same report to two recipients is two files', async () => {
  const folder = await aFolder();
  const mailer = createOutboxMailer({ folder });
  await mailer.send(aMail({ to: 'a@example.com', messageId: '<report-7.a@rollcall.example.com>' }));
  await mailer.send(aMail({ to: 'b@example.com', messageId: '<report-7.b@rollcall.example.com>' }));
  expect(await readdir(folder)).toHaveLength(2);
});

test('a subject cannot lead a file out of the folder', async () => {
  const folder = await aFolder();
  await createOutboxMailer({ folder }).send(aMail({ subject: '../../../etc/passwd\0\n' }));
  expect(await readdir(folder)).toEqual([
    expect.stringMatching(/^2026-08-14T020005Z-etc-passwd-[\da-f]{8}\.eml$/),
  ]);
});

test('a recipient that is no address is refused, and no file is left', async () => {
  const folder = await aFolder();
  const mailer = createOutboxMailer({ folder });
  await mailer.verify();
  expect(await mailer.send(aMail({ to: 'nobody' }))).toMatchObject({ outcome: 'refused' });
  expect(await readdir(folder)).toEqual([]);
});

test('a folder that cannot be made is an outcome to retry, and verify says the remedy', async () => {
  const folder = await aFolder();
  await writeFile(join(folder, '..', '..', 'data'), 'a file in the way');
  const mailer = createOutboxMailer({ folder });
  expect(await mailer.send(aMail())).toMatchObject({ outcome: 'retry' });
  await expect(mailer.verify()).rejects.toMatchObject({
    code: 'delivery',
    message: expect.stringContaining('make the folder writable') as string,
  });
});
