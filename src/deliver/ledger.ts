import { and, asc, eq, inArray, isNotNull, isNull, lt, lte, ne, or, sql } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { deliveries, principals, reports } from '../database/schema.ts';
import { type OwedReport } from '../domain/report.ts';
import { type Mail, type SendOutcome } from './mailer.ts';
import { createMessageId, threadIdOf } from './message-id.ts';

/** Stores a report and a delivery owed to each recipient. Call it within the transaction that stores its run. */
export async function oweReport(tx: Database, report: OwedReport, mailFrom: string): Promise<void> {
  const { recipients, csv, ...told } = report;
  const [stored] = await tx
    .insert(reports)
    .values({
      ...told,
      csv: csv?.content ?? null,
      csvSha256: csv?.sha256 ?? null,
      csvFilename: csv?.filename ?? null,
    })
    .returning({ id: reports.id });
  if (stored === undefined) throw new Error('A report vanished while it was stored.');
  await tx.insert(deliveries).values(
    recipients.map((recipient) => ({
      reportId: stored.id,
      recipient,
      messageId: createMessageId(mailFrom),
      nextAttemptAt: report.createdAt,
      createdAt: report.createdAt,
    })),
  );
}

/** A delivery that is ours to attempt, for as long as the lease lasts. */
export interface LeasedDelivery {
  id: number;
  recipient: string;
  attempts: number;
  mail: Mail;
}

export interface LeaseOptions {
  mailFrom: string;
  now: Date;
  /** Whether to send now what a backoff would have wait. */
  regardlessOfBackoff: boolean;
  /** Deliveries already attempted in this round. */
  except: readonly number[];
  /** Seconds for which nobody else takes it; longer than a send can last. */
  leaseSeconds: number;
}

/**
 * Leases the oldest delivery owed and counts the attempt before it is made; `null` when nothing is owed. It stands
 * as `unknown` until its outcome is recorded: should this process die while it sends, that is the truth.
 */
export async function leaseDelivery(db: Database, options: LeaseOptions): Promise<LeasedDelivery | null> {
  const [leased] = await db
    .update(deliveries)
    .set({
      state: 'unknown',
      attempts: sql`${deliveries.attempts} + 1`,
      leasedUntil: sql`now() + make_interval(secs => ${options.leaseSeconds})`,
      lastError: 'the attempt was begun, and its outcome never recorded',
    })
    .where(eq(deliveries.id, oldestOwed(db, options)))
    .returning({ id: deliveries.id });
  return leased === undefined ? null : readDelivery(db, leased.id, options.mailFrom);
}

function oldestOwed(db: Database, { now, regardlessOfBackoff, except }: LeaseOptions) {
  return sql`(${db
    .select({ id: deliveries.id })
    .from(deliveries)
    .where(
      and(
        inArray(deliveries.state, ['pending', 'unknown']),
        or(isNull(deliveries.leasedUntil), lt(deliveries.leasedUntil, sql`now()`)),
        regardlessOfBackoff ? undefined : lte(deliveries.nextAttemptAt, now),
        except.length === 0
          ? undefined
          : sql`${deliveries.id} <> all (${sql.param(`{${except.join()}}`)}::bigint[])`,
      ),
    )
    .orderBy(asc(deliveries.id))
    .limit(1)
    .for('update', { skipLocked: true })})`;
}

async function readDelivery(db: Database, id: number, mailFrom: string): Promise<LeasedDelivery> {
  const [row] = await db
    .select({ delivery: deliveries, report: reports, principal: principals.name })
    .from(deliveries)
    .innerJoin(reports, eq(reports.id, deliveries.reportId))
    .leftJoin(principals, eq(principals.id, reports.principalId))
    .where(eq(deliveries.id, id));
  if (row === undefined) throw new Error(`Delivery ${id} vanished after it was leased.`);
  const { delivery, report, principal } = row;
  const mail: Mail = {
    from: mailFrom,
    to: delivery.recipient,
    messageId: delivery.messageId,
    threadId: threadIdOf(principal ?? 'digest', mailFrom),
    runId: report.runId,
    subject: report.subject,
    text: report.text,
    html: report.html,
    attachment:
      report.csv === null || report.csvFilename === null
        ? null
        : { filename: report.csvFilename, csv: report.csv },
    date: report.createdAt,
  };
  return { id, recipient: delivery.recipient, attempts: delivery.attempts, mail };
}

/**
 * Records what became of an attempt and ends its lease; what is still owed waits until `nextAttemptAt`.
 *
 * An attempt that outlasted its lease may find that another took over: that one's outcome counts, except that what
 * was sent by either is sent.
 */
export async function recordOutcome(
  db: Database,
  delivery: LeasedDelivery,
  { outcome, now, nextAttemptAt }: { outcome: SendOutcome; now: Date; nextAttemptAt: Date },
): Promise<void> {
  const states = { sent: 'sent', refused: 'failed', retry: 'pending', unknown: 'unknown' } as const;
  await db
    .update(deliveries)
    .set({
      state: states[outcome.outcome],
      sentAt: outcome.outcome === 'sent' ? now : null,
      lastError: outcome.outcome === 'sent' ? null : outcome.error,
      leasedUntil: null,
      nextAttemptAt,
    })
    .where(
      and(
        eq(deliveries.id, delivery.id),
        ne(deliveries.state, 'sent'),
        outcome.outcome === 'sent' ? undefined : eq(deliveries.attempts, delivery.attempts),
      ),
    );
}

/** Gives back what was being sent. Only for a process that has the database to itself and has just opened it. */
export async function releaseAllLeases(db: Database): Promise<void> {
  await db.update(deliveries).set({ leasedUntil: null }).where(isNotNull(deliveries.leasedUntil));
}
