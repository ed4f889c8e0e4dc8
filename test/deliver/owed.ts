import { createHash } from 'node:crypto';
import { oweReport } from '../../src/deliver/owe.ts';
import { type Mail, type Mailer, type SendOutcome } from '../../src/deliver/mailer.ts';
import { type OwedReport, type ReportRecipient } from '../../src/domain/report.ts';
import { type TestDatabase } from '../support/database.ts';
import { night, takeNight } from '../support/nights.ts';

export const mailFrom = 'Rollcall <rollcall@example.com>';

/** Owes a report about a night of `ops-bot` to `security@example.com`, at the time of the night. */
export async function owe(
  { db, queue }: Pick<TestDatabase, 'db' | 'queue'>,
  {
    recipients,
    ...given
  }: Partial<Omit<OwedReport, 'recipients'>> & { recipients?: readonly (string | ReportRecipient)[] } = {},
): Promise<void> {
  const { run } = await takeNight(db, [], { at: given.createdAt ?? night(1) });
  const report = aReportAbout(run);
  const to = recipients?.map((one) => (typeof one === 'string' ? byMail(one) : one));
  await db.transaction((tx) =>
    oweReport(tx, { ...report, ...given, ...(to && { recipients: to }) }, { queue, mailFrom }),
  );
}

/** Somebody who gets all of a report by mail. */
export function byMail(name: string): ReportRecipient {
  return { carrier: 'mail', name, withFile: true };
}

/** A webhook, by its name. */
export function byWebhook(name: string): ReportRecipient {
  return { carrier: 'webhook', name, withFile: false };
}

export function aReportAbout({ id, principalId }: { id: number; principalId: number }): OwedReport {
  return {
    kind: 'changes',
    runId: id,
    principalId,
    slot: null,
    subject: '[rollcall] ops-bot: 1 left',
    text: 'ops-bot: 1 left\n',
    html: '<p>ops-bot: 1 left</p>',
    csv: {
      filename: 'rollcall-ops-bot-2026-08-01.csv',
      content: '\uFEFFchange_id\r\n1\r\n',
      sha256: createHash('sha256').update('\uFEFFchange_id\r\n1\r\n').digest('hex'),
    },
    json: null,
    recipients: [byMail('security@example.com')],
    createdAt: night(1),
  };
}

/** A way to send that comes to what it is told for each recipient, `sent` by default, and keeps what it was given. */
export function createPostbox(outcomes: Record<string, SendOutcome> = {}): Mailer & { mails: Mail[] } {
  const mails: Mail[] = [];
  return {
    describe: 'a postbox',
    mails,
    send: (mail) => {
      mails.push(mail);
      return Promise.resolve(outcomes[mail.to] ?? { outcome: 'sent', response: '250 OK' });
    },
    verify: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
