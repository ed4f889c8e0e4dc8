import path from 'node:path';
import { type Context } from '../context.ts';
import { type Attempt, deliverOwed } from '../deliver/deliver.ts';
import { type Terminal } from './terminal.ts';

/** Attempts all mail that is owed now, whatever has yet to wait out a backoff. */
export function sendOwed({ db, mailer, config, now, signal }: Context): Promise<Attempt[]> {
  return deliverOwed({ db, mailer, mailFrom: config.mailFrom, now, signal, regardlessOfBackoff: true });
}

/** What became of a mail: a result when it was sent, a warning when it was not. */
export function describeAttempt(
  terminal: Pick<Terminal, 'print' | 'warn'>,
  { recipient, subject, outcome }: Attempt,
): void {
  if (outcome.outcome === 'sent') {
    const how = outcome.file === undefined ? outcome.response : path.relative('.', outcome.file);
    terminal.print(`sent to ${recipient}: ${subject}\n  ${how}`);
    return;
  }
  const next = {
    refused: 'It was refused for good, and will not be tried again.',
    retry: 'It stays owed: the next run, or the worker, tries again.',
    unknown: 'Nobody can say whether it arrived: it will be sent again under the same Message-ID.',
  };
  terminal.warn(`report to ${recipient} not sent: ${outcome.error}. ${next[outcome.outcome]}`);
}
