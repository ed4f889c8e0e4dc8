import path from 'node:path';
import { type Attempt } from '../deliver/attempt.ts';
import { type Terminal } from './terminal.ts';

/** What became of a mail, or of a webhook: a result when it was sent, a warning when it was not. */
export function describeAttempt(
  terminal: Pick<Terminal, 'print' | 'warn'>,
  { reportId, recipient, carrier, subject, outcome, isOwedStill }: Attempt,
): void {
  if (outcome.outcome === 'sent') {
    const how = outcome.file === undefined ? outcome.response : path.relative('.', outcome.file);
    terminal.print(`sent to ${recipient}: ${subject}\n  ${how}`);
    if (outcome.withoutFile !== undefined) terminal.warn(describeMissingFile(recipient, reportId));
    return;
  }
  const next = {
    refused: 'It was refused for good, and will not be tried again',
    retry: isOwedStill ? 'It stays owed: the next run, or the worker, tries again' : 'It is given up',
    unknown: isOwedStill
      ? `Nobody can say whether it arrived: it will be sent again under the same ${carrier === 'mail' ? 'Message-ID' : 'webhook-id'}`
      : 'Nobody can say whether it arrived, and it is given up',
  };
  const mend = isOwedStill ? '' : `: mend it, then \`rollcall reports resend ${reportId}\``;
  terminal.warn(`report to ${recipient} not sent: ${outcome.error}. ${next[outcome.outcome]}${mend}.`);
}

function describeMissingFile(recipient: string, reportId: number): string {
  return `The CSV is not in the mail to ${recipient}: with it, it is too large for the mail server. \`rollcall reports show ${reportId} --csv\` prints it.`;
}
