import { asc, eq } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { deliveries } from '../database/schema.ts';
import { RollcallError } from '../domain/errors.ts';
import { type Drain, type Queue } from '../queue/queue.ts';
import { oweAgain } from './owe.ts';

/** Which report to send again, and to whom. */
export interface ResendOrder {
  reportId: number;
  /** Recipients, to whom it may have been sent already. When left out: all to whom it has not been sent. */
  to?: readonly string[] | undefined;
  now: Date;
}

/** What is owed again, and what hands out just that. */
export interface Resend {
  recipients: readonly Recipient[];
  drain: Drain;
}

/** A delivery, and the address that it is for. */
export interface Recipient {
  deliveryId: number;
  recipient: string;
}

/**
 * Owes a report again, and sets its deliveries aside for the caller to attempt. Should it not come to that, they are
 * owed like any other. Throws `usage` when there is no such report, or when it is not for somebody who is named.
 */
export async function resendReport(
  db: Database,
  queue: Pick<Queue, 'enqueue' | 'reserve'>,
  order: ResendOrder,
): Promise<Resend> {
  return db.transaction(async (tx) => {
    const recipients = chooseRecipients(await lockDeliveries(tx, order.reportId), order);
    const ids = recipients.map(({ deliveryId }) => deliveryId);
    await oweAgain(tx, queue, { ids, now: order.now });
    return { recipients, drain: await queue.reserve(tx, 'deliver', ids.map(String)) };
  });
}

type Delivery = Recipient & Pick<typeof deliveries.$inferSelect, 'state'>;

/** Locked, so that what another process sends meanwhile is not taken for unsent. */
async function lockDeliveries(tx: Database, reportId: number): Promise<Delivery[]> {
  return tx
    .select({ deliveryId: deliveries.id, recipient: deliveries.recipient, state: deliveries.state })
    .from(deliveries)
    .where(eq(deliveries.reportId, reportId))
    .orderBy(asc(deliveries.id))
    .for('update');
}

function chooseRecipients(all: readonly Delivery[], { reportId, to }: ResendOrder): Delivery[] {
  // Every report is owed to somebody.
  if (all.length === 0) throw new RollcallError('usage', `There is no report ${reportId}.`);
  if (to === undefined) return all.filter(({ state }) => state !== 'sent');
  const stranger = to.find((address) => !all.some((delivery) => isTo(delivery, address)));
  if (stranger !== undefined) {
    const owedTo = all.map(({ recipient }) => recipient).join(', ');
    throw new RollcallError('usage', `Report ${reportId} is not for ${stranger}; it is for ${owedTo}.`);
  }
  return all.filter((delivery) => to.some((address) => isTo(delivery, address)));
}

function isTo({ recipient }: Recipient, address: string): boolean {
  return recipient.toLowerCase() === address.trim().toLowerCase();
}
