import { hostname } from 'node:os';
import pLimit from 'p-limit';
import { type Config } from '../config.ts';
import { type Mail, type Mailer } from '../deliver/mailer.ts';
import { createMessageId, threadingOf } from '../deliver/message-id.ts';
import { planRecipients } from '../report/audience.ts';
import { markup } from '../domain/markup.ts';
import { type Check, ok } from './check.ts';
import { failure } from './failure.ts';
import { nameFolder } from './folder.ts';
import { unreachable } from './mail.ts';
import { formatMinute } from './minute.ts';
import { listRecipients } from './recipients.ts';

const subject = { check: 'test_mail' } as const;

const atOnce = 2;

/** Sends one mail to everybody who gets reports, each once. The ledger is for reports, and hears nothing of it. */
export async function sendTestMails(config: Config, mailer: Mailer, now: Date): Promise<Check[]> {
  const limit = pLimit(atOnce);
  const mails = listRecipients(config.audiences).map((to) => composeTestMail(config, to, now));
  return Promise.all(mails.map((mail) => limit(sendTestMail, mailer, mail)));
}

async function sendTestMail(mailer: Mailer, mail: Mail): Promise<Check> {
  const outcome = await mailer.send(mail);
  if (outcome.outcome === 'sent') {
    const how = outcome.file === undefined ? outcome.response : `written to ${nameFolder(outcome.file)}`;
    return ok(subject, `sent to ${mail.to}: ${how}`);
  }
  const remedies = {
    refused: 'Correct the address in MAIL_TO, or in reports in rollcall.yaml.',
    retry: unreachable,
    unknown: 'Look whether it arrived.',
  };
  const failed = failure(subject, outcome.error, remedies[outcome.outcome]);
  return { ...failed, found: `not sent to ${mail.to}: ${failed.found}` };
}

function composeTestMail({ principals, audiences, mailFrom, command }: Config, to: string, now: Date): Mail {
  const heard = principals
    .map(({ name }) => name)
    .filter((name) => planRecipients(name, audiences).some((one) => one.toLowerCase() === to.toLowerCase()));
  const what = `This is a test, not a report: \`${command} check --send-test-mail\` sent it from ${hostname()} at ${formatMinute(now)} UTC.`;
  const next = `Nothing is to be done. Reports come here about: ${heard.join(', ')}.`;
  const messageId = createMessageId(mailFrom);
  return {
    from: mailFrom,
    to,
    messageId,
    ...threadingOf(messageId),
    kind: 'changes',
    principal: heard[0] ?? null,
    runId: null,
    isImportant: false,
    subject: '[rollcall] Test mail, not a report',
    text: `${what}\n\n${next}\n`,
    html: markup`<p>${what}</p><p>${next}</p>`.source,
    attachment: null,
    date: now,
  };
}
