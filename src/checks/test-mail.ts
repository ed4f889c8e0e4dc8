import { hostname } from 'node:os';
import pLimit from 'p-limit';
import { type Config } from '../config.ts';
import { isImportant } from '../deliver/importance.ts';
import { type Mail, type Mailer } from '../deliver/mailer.ts';
import { createMessageId, threadingOf } from '../deliver/message-id.ts';
import { withNote } from '../deliver/note.ts';
import { storedCsv } from '../domain/csv-file.ts';
import { planRecipients } from '../report/audience.ts';
import { composeSample } from '../report/sample.ts';
import { markup } from '../domain/markup.ts';
import { type Check, ok } from './check.ts';
import { failure } from './failure.ts';
import { nameFolder } from './folder.ts';
import { unreachable } from './mail.ts';
import { formatMinute } from './minute.ts';

const subject = { check: 'test_mail' } as const;

const atOnce = 2;

/**
 * Sends each of them a sample of a report with its file, marked as a test, under the headers of a report. The ledger is for
 * reports, and hears nothing of it.
 */
export async function sendTestMails(
  mailer: Mailer,
  recipients: readonly string[],
  { config, now }: { config: Config; now: Date },
): Promise<Check[]> {
  const limit = pLimit(atOnce);
  const mails = recipients.map((to) => composeTestMail(config, to, now));
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

function composeTestMail(config: Config, to: string, now: Date): Mail {
  const { mailFrom, command, schedule } = config;
  const heard = listHeard(config, to);
  const principal = heard[0] ?? 'ops-bot';
  const voice = { command, timezone: schedule.timezone };
  const sample = composeSample(principal, voice).find(({ title }) => title === 'changes');
  if (sample === undefined) throw new Error('expected a sample of changes');
  const { kind, subject, text, html, csv } = sample;
  const messageId = createMessageId(mailFrom);
  const mail: Mail = {
    from: mailFrom,
    to,
    messageId,
    ...threadingOf(messageId),
    kind,
    principal,
    runId: null,
    isImportant: isImportant({ kind, csv: csv === null ? null : storedCsv(csv.content) }),
    subject: `[rollcall] Test mail, not a report: ${subject.replace('[rollcall] ', '')}`,
    text,
    html,
    attachment: csv === null ? null : { filename: csv.filename, csv: csv.content },
    date: now,
  };
  const what = `This is a test, not a report: \`${command} check --send-test-mail\` sent it from ${hostname()} at ${formatMinute(now)} UTC.`;
  const next = `Nothing below has happened, and nothing is to be done. Reports come here about: ${heard.join(', ')}.`;
  return withNote(mail, {
    text: `${what}\n\n${next}`,
    html: markup`<strong>${what}</strong><br><br>${next}`.source,
  });
}

/** The principals of whom reports come to that address. */
function listHeard({ principals, audiences }: Config, to: string): string[] {
  return principals
    .map(({ name }) => name)
    .filter((name) => planRecipients(name, audiences).some((one) => one.toLowerCase() === to.toLowerCase()));
}
