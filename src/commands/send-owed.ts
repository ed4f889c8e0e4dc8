import { type Context } from '../context.ts';
import { type Attempt, deliverOwed } from '../deliver/deliver.ts';
import { type Terminal } from './terminal.ts';

/** Attempts all mail that is owed now, whatever has yet to wait out a backoff. */
export function sendOwed({ db, mailer, config, now, signal }: Context): Promise<Attempt[]> {
  return deliverOwed({ db, mailer, mailFrom: config.mailFrom, now, signal, regardlessOfBackoff: true });
}

/** One line for a mail: a result when it was sent, a warning when it was not. */
export function describeAttempt(
  terminal: Pick<Terminal, 'print' | 'warn'>,
  { recipient, subject, outcome }: Attempt,
): void {
  if (outcome.outcome === 'sent') terminal.print(`sent to ${recipient}: ${subject} (${outcome.response})`);
  else terminal.warn(`report to ${recipient} not sent (${outcome.outcome}): ${outcome.error}`);
}
