import { createHash } from 'node:crypto';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { readCommandLine } from '../../src/cli/program.ts';
import { type Database } from '../../src/database/database.ts';
import { beginAttempt } from '../../src/deliver/attempt.ts';
import { oweReport } from '../../src/deliver/owe.ts';
import { type Mail } from '../../src/deliver/mailer.ts';
import { composeSample } from '../../src/report/sample.ts';
import { applyNight } from '../../src/simulator/night.ts';
import { aReportAbout, mailFrom } from '../deliver/owed.ts';
import { databaseEnvironment, lookInto } from '../support/database-environment.ts';
import { deploy, type Deployment } from '../support/deployment.ts';
import { takeNight } from '../support/nights.ts';
import { onPaper } from '../support/paper.ts';

const sha256 = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');

/** Two nights with a report of changes, number 2, to two recipients; the server refuses audit@example.com until it is mended. */
async function refuseAudit(): Promise<Deployment & { mend: () => void }> {
  let isMended = false;
  const deployment = await deploy({
    mailServer: {
      onRcptTo: ({ address }, _session, done) => {
        const isRefused = address === 'audit@example.com' && !isMended;
        done(isRefused ? Object.assign(new Error('nobody of that name here'), { responseCode: 550 }) : null);
      },
    },
  });
  deployment.variables['MAIL_TO'] = 'security@example.com, audit@example.com';
  await deployment.rollcall(['run']);
  applyNight(deployment.simulator.world);
  expect(await deployment.rollcall(['run'])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('mend it, then `rollcall reports resend 2`') as string,
  });
  return { ...deployment, mend: () => void (isMended = true) };
}

describe('the ledger of mail', () => {
  it('tells who has not had a report and why, and sends it there once the cause is mended', async () => {
    const { rollcall, mailServer, mend, readMails } = await refuseAudit();
    const listed = await rollcall(['reports', '--state', 'failed', '--kind', 'changes', '--json']);
    expect(JSON.parse(listed.stdout)).toMatchObject([
      { report_id: 2, run_id: 2, principal: 'default', deliveries: '1 sent, 1 failed', sent: 1, failed: 1 },
    ]);
    const shown = await rollcall(['reports', 'show', '2']);
    expect(shown.stdout).toContain('550 nobody of that name here');
    const { deliveries, csv_sha256, text } = JSON.parse(
      (await rollcall(['reports', 'show', '2', '--json'])).stdout,
    ) as { deliveries: { message_id: string; state: string }[]; csv_sha256: string; text: string };
    expect(shown.stdout.startsWith(text)).toBe(true);

    mend();
    mailServer.messages.length = 0;
    const resent = await rollcall(['reports', 'resend', '2']);
    expect(resent).toMatchObject({ status: 0, stderr: '' });
    expect(resent.stdout).toMatch(/^sent to audit@example\.com: \[rollcall\] default: /);
    const mails = await readMails();
    const failed = deliveries.find(({ state }) => state === 'failed');
    expect(mails.map(({ messageId }) => messageId)).toEqual([failed?.message_id]);

    const csv = await rollcall(['reports', 'show', '2', '--csv']);
    expect(sha256(csv.stdout)).toBe(csv_sha256);
    expect(mails[0]?.text).toContain(csv_sha256);
    expect(csv.stdout).toBe(mails[0]?.attachments[0]?.content.toString('utf8'));
  });

  it('sends nothing twice unless its recipient is named, and then under the same Message-ID', async () => {
    const { rollcall, mailServer, readMails, readHistory } = await deploy();
    await rollcall(['run']);
    const again = ['reports', 'resend', '1', '--to', 'Security@example.com'];
    expect(await rollcall(['reports', 'resend', '1'])).toMatchObject({
      status: 0,
      stdout:
        'Report 1 has been sent to all it is for; to send it again: rollcall reports resend 1 --to security@example.com\n',
    });
    expect(mailServer.messages).toHaveLength(1);
    const down = await rollcall(again, { SMTP_URL: 'smtp://127.0.0.1:1' });
    expect(down).toMatchObject({ status: 1, stdout: '' });
    expect(down.stderr).toMatch(/report to security@example\.com not sent: .* It stays owed/);
    expect((await readHistory()).deliveries).toMatchObject([{ state: 'pending', sentAt: null, attempts: 2 }]);
    expect(await rollcall(again)).toMatchObject({ status: 0, stderr: '' });
    const [first, second, ...more] = await readMails();
    expect(more).toEqual([]);
    expect(second?.messageId).toBe(first?.messageId);
    expect((await readHistory()).deliveries).toMatchObject([{ state: 'sent', attempts: 3 }]);
  });

  it('does nothing for a report or a recipient that is not there, and exits with 2', async () => {
    const { simulator, rollcall } = await deploy();
    simulator.world.principal().tokenMay.list = false;
    await rollcall(['run']);
    expect(await rollcall(['reports', 'resend', '9'])).toMatchObject({
      status: 2,
      stderr: 'rollcall: There is no report 9.\n',
    });
    expect(await rollcall(['reports', 'show', '1', '--csv'])).toMatchObject({
      status: 2,
      stdout: '',
      stderr: 'rollcall: Report 1 has no CSV: it lists neither changes nor a roll.\n',
    });
    expect(await rollcall(['reports', 'resend', '1', '--to', 'thief@example.com'])).toMatchObject({
      status: 2,
      stderr: 'rollcall: Report 1 is not for thief@example.com; it is for security@example.com.\n',
    });
  });
});

const withCsv = composeSample('ops-bot', { command: 'rollcall', timezone: 'UTC' }).filter(
  ({ csv }) => csv !== null,
);

/** Owes one of each, and returns their mails, by the numbers of their reports. */
async function oweEach(db: Database): Promise<Map<number, Mail>> {
  const { run } = await takeNight(db, []);
  const queue = { enqueue: () => Promise.resolve() };
  const mails = new Map<number, Mail>();
  for (const { kind, subject, text, html, csv } of withCsv) {
    const report = { ...aReportAbout(run), kind, subject, text, html, csv };
    await db.transaction((tx) => oweReport(tx, report, { queue, mailFrom }));
    const begun = await beginAttempt(db, mails.size + 1, mailFrom);
    if (begun !== null) mails.set(begun.reportId, begun.mail);
  }
  return mails;
}

it('the CSV of a report of any kind is printed as it was mailed, byte for byte, under the hash that its mail names', async () => {
  const database = await databaseEnvironment();
  const mails = await lookInto(database, oweEach);
  expect(new Set(withCsv.map(({ kind }) => kind))).toContain('held');
  expect(mails.size).toBe(withCsv.length);
  for (const [name, value] of Object.entries(database)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const [id, mail] of mails) {
    const paper = onPaper();
    expect(await readCommandLine(['reports', 'show', String(id), '--csv'], paper.terminal)).toBe(0);
    expect(paper.printed()).toBe(mail.attachment?.csv);
    expect(paper.printed()).toMatch(/^\uFEFF/);
    expect(mail.text).toContain(sha256(paper.printed()));
  }
});
