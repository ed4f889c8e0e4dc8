import { lstat, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
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

async function modeOf(file: string): Promise<string> {
  return ((await stat(file)).mode & 0o777).toString(8);
}

test.each([0o022, 0o000, 0o077])(
  'a mail and its folder are for this user alone, under any umask: %o',
  async (mask) => {
    const folder = await aFolder();
    const before = process.umask(mask);
    onTestFinished(() => void process.umask(before));
    const mailer = createOutboxMailer({ folder });
    await mailer.send(aMail());
    await mailer.send(aMail());

    const [filename = ''] = await readdir(folder);
    expect(await modeOf(folder)).toBe('700');
    expect(await modeOf(join(folder, filename))).toBe('600');
  },
);

test('a mail that others could read is for this user alone once it is written again', async () => {
  const folder = await aFolder();
  const mailer = createOutboxMailer({ folder });
  const outcome = await mailer.send(aMail());
  const file = outcome.outcome === 'sent' ? (outcome.file ?? '') : '';
  await rm(file);
  await writeFile(file, 'as it was', { mode: 0o644 });
  await mailer.send(aMail());
  expect(await modeOf(file)).toBe('600');
});

test('what a process that died left half written is not in the way, and a link there is not followed', async () => {
  const folder = await aFolder();
  const mailer = createOutboxMailer({ folder });
  const outcome = await mailer.send(aMail());
  const file = outcome.outcome === 'sent' ? (outcome.file ?? '') : '';
  const elsewhere = join(folder, '..', 'elsewhere');
  await writeFile(elsewhere, 'untouched');
  for (const leave of [
    () => writeFile(`${file}.partial`, 'half'),
    () => symlink(elsewhere, `${file}.partial`),
    () => symlink(join(folder, 'nowhere'), `${file}.partial`),
  ]) {
    await leave();
    expect(await mailer.send(aMail())).toMatchObject({ outcome: 'sent' });
  }
  expect(await readdir(folder)).toHaveLength(1);
  expect(await readFile(elsewhere, 'utf8')).toBe('untouched');
});

test('a mail is for its owner alone, and a link that somebody put in its place is not followed', async () => {
  const folder = await aFolder();
  const mailer = createOutboxMailer({ folder });
  await mailer.send(aMail());
  const [name = ''] = await readdir(folder);
  const victim = join(folder, '..', 'victim');
  await writeFile(victim, 'kept');
  await rm(join(folder, name));
  for (const planted of [name, `${name}.partial`]) await symlink(victim, join(folder, planted));

  expect(await mailer.send(aMail())).toMatchObject({ outcome: 'sent' });

  expect(await readFile(victim, 'utf8')).toBe('kept');
  expect(await readdir(folder)).toEqual([name]);
  const written = await lstat(join(folder, name));
  expect([written.isFile(), written.mode & 0o777]).toEqual([true, 0o600]);
  expect((await lstat(folder)).mode & 0o777).toBe(0o700);
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
