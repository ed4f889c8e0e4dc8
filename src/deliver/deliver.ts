import { type Database } from '../database/database.ts';
import { type LeasedDelivery, leaseDelivery, recordOutcome } from './ledger.ts';
import { type Mailer, type SendOutcome } from './mailer.ts';

export interface DeliverOptions {
  db: Database;
  mailer: Mailer;
  mailFrom: string;
  now: () => Date;
  /** Whether to send now what a backoff would have wait. Default: no. */
  regardlessOfBackoff?: boolean;
  /** Ends the round before the next delivery. */
  signal?: AbortSignal;
}

/** What became of one delivery in this round. */
export interface Attempt {
  deliveryId: number;
  recipient: string;
  subject: string;
  outcome: SendOutcome;
}

/** Longer than a send, which has a deadline of one minute, can last. */
const leaseSeconds = 120;

/** Attempts every delivery that is owed, each once, and records what became of it. One failure stops no other. */
export async function deliverOwed(options: DeliverOptions): Promise<Attempt[]> {
  const { db, mailer, mailFrom, now, regardlessOfBackoff = false, signal } = options;
  const attempts: Attempt[] = [];
  while (signal?.aborted !== true) {
    const except = attempts.map(({ deliveryId }) => deliveryId);
    const delivery = await leaseDelivery(db, {
      mailFrom,
      now: now(),
      regardlessOfBackoff,
      except,
      leaseSeconds,
    });
    if (delivery === null) break;
    const outcome = await mailer.send(delivery.mail);
    await recordOutcome(db, delivery, {
      outcome,
      now: now(),
      nextAttemptAt: planNextAttempt(delivery, now()),
    });
    attempts.push({
      deliveryId: delivery.id,
      recipient: delivery.recipient,
      subject: delivery.mail.subject,
      outcome,
    });
  }
  return attempts;
}

const minuteMs = 60_000;

/** A minute after the first attempt, doubled after each further one, an hour at most. */
export function planNextAttempt({ attempts }: Pick<LeasedDelivery, 'attempts'>, now: Date): Date {
  return new Date(now.getTime() + Math.min(minuteMs * 2 ** (attempts - 1), 60 * minuteMs));
}
