import { type Database } from '../database/database.ts';
import { type BegunDelivery, beginAttempt, recordOutcome, tryAgainForMs } from './ledger.ts';
import { type Mailer, type SendOutcome } from './mailer.ts';

export interface DeliverOptions {
  db: Database;
  mailer: Mailer;
  mailFrom: string;
  now: () => Date;
}

/** What became of one attempt to deliver. */
export interface Attempt {
  deliveryId: number;
  reportId: number;
  recipient: string;
  subject: string;
  outcome: SendOutcome;
  /** Whether it is to be tried again, after the queue's backoff. */
  isOwedStill: boolean;
}

/**
 * Attempts one delivery, and records what became of it; `null` when it is not owed any more. Ends within the mailer's
 * deadline.
 */
export async function attemptDelivery(
  { db, mailer, mailFrom, now }: DeliverOptions,
  deliveryId: number,
): Promise<Attempt | null> {
  const delivery = await beginAttempt(db, deliveryId, mailFrom);
  if (delivery === null) return null;
  const outcome = await mailer.send(delivery.mail);
  const isLast = planLast(delivery, outcome, now());
  await recordOutcome(db, delivery, { outcome, now: now(), isLast });
  const { reportId, recipient, mail } = delivery;
  return { deliveryId, reportId, recipient, subject: mail.subject, outcome, isOwedStill: !isLast };
}

/** Whether an attempt with this outcome is the last: sent, refused, or owed for three days. */
export function planLast(
  { owedSince }: Pick<BegunDelivery, 'owedSince'>,
  { outcome }: Pick<SendOutcome, 'outcome'>,
  now: Date,
): boolean {
  if (outcome === 'sent' || outcome === 'refused') return true;
  return now.getTime() - owedSince.getTime() >= tryAgainForMs;
}
