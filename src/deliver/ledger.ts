import { and, eq, gt, inArray, ne, or, sql } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { deliveries, principals, reports } from '../database/schema.ts';
import { type OwedReport } from '../domain/report.ts';
import { type Queue } from '../queue/queue.ts';
import { type Mail, type SendOutcome } from './mailer.ts';
import { createMessageId, threadIdOf } from './message-id.ts';

/** What owing a report takes besides the report. */
export interface Owing {
  queue: Pick<Queue, 'enqueue'>;
  mailFrom: string;
}

/** Stores a report and a delivery owed to each recipient. Call it within the transaction that stores its run. */
export async function oweReport(tx: Database, report: OwedReport, { queue, mailFrom }: Owing): Promise<void> {
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
  const owed = await tx
    .insert(deliveries)
    .values(
      recipients.map((recipient) => ({
        reportId: stored.id,
        recipient,
        messageId: createMessageId(mailFrom),
        owedSince: report.createdAt,
        createdAt: report.createdAt,
      })),
    )
    .returning({ id: deliveries.id });
  await enqueueDeliveries(tx, queue, owed);
}

/** How long a delivery is tried again. One that nobody tried for that long is still tried once. */
export const tryAgainForMs = 3 * 24 * 3_600_000;

/**
 * Sees to it that every delivery that is owed waits in the queue, and returns how many are owed: for those of a version
 * without the queue, and should the queue have lost one.
 */
export async function enqueueOwed(db: Database, queue: Pick<Queue, 'enqueue'>, now: Date): Promise<number> {
  const owed = await listOwed(db, now);
  await enqueueDeliveries(
    db,
    queue,
    owed.map((id) => ({ id })),
  );
  return owed.length;
}

/** The deliveries that are owed and not given up, be they in somebody's hands or not. */
export async function listOwed(db: Database, now: Date): Promise<number[]> {
  const givenUpBefore = new Date(now.getTime() - tryAgainForMs);
  const owed = await db
    .select({ id: deliveries.id })
    .from(deliveries)
    .where(
      and(
        inArray(deliveries.state, ['pending', 'unknown']),
        or(gt(deliveries.owedSince, givenUpBefore), eq(deliveries.attempts, 0)),
      ),
    );
  return owed.map(({ id }) => id);
}

/** Owes deliveries again that were refused, given up or sent already; each keeps its Message-ID. */
export async function oweAgain(
  tx: Database,
  queue: Pick<Queue, 'enqueue'>,
  { ids, now }: { ids: readonly number[]; now: Date },
): Promise<void> {
  const owed = await tx
    .update(deliveries)
    .set({ state: 'pending', sentAt: null, owedSince: now })
    .where(inArray(deliveries.id, [...ids]))
    .returning({ id: deliveries.id });
  await enqueueDeliveries(tx, queue, owed);
}

function enqueueDeliveries(
  tx: Database,
  queue: Pick<Queue, 'enqueue'>,
  owed: readonly { id: number }[],
): Promise<void> {
  const jobs = owed.map(({ id }) => ({ key: String(id), data: { deliveryId: id } }));
  return queue.enqueue(tx, 'deliver', jobs);
}

/** A delivery that is being attempted. */
export interface BegunDelivery {
  id: number;
  reportId: number;
  recipient: string;
  /** This one included. */
  attempts: number;
  owedSince: Date;
  mail: Mail;
}

/**
 * Counts an attempt before it is made; `null` when the delivery is not owed any more. It stands as `unknown` until its
 * outcome is recorded: should this process die while it sends, that is the truth.
 */
export async function beginAttempt(
  db: Database,
  id: number,
  mailFrom: string,
): Promise<BegunDelivery | null> {
  const [begun] = await db
    .update(deliveries)
    .set({
      state: 'unknown',
      attempts: sql`${deliveries.attempts} + 1`,
      lastError: 'the attempt was begun, and its outcome never recorded',
    })
    .where(and(eq(deliveries.id, id), inArray(deliveries.state, ['pending', 'unknown'])))
    .returning({ id: deliveries.id });
  return begun === undefined ? null : readDelivery(db, id, mailFrom);
}

async function readDelivery(db: Database, id: number, mailFrom: string): Promise<BegunDelivery> {
  const [row] = await db
    .select({ delivery: deliveries, report: reports, principal: principals.name })
    .from(deliveries)
    .innerJoin(reports, eq(reports.id, deliveries.reportId))
    .leftJoin(principals, eq(principals.id, reports.principalId))
    .where(eq(deliveries.id, id));
  if (row === undefined) throw new Error(`Delivery ${id} vanished while it was attempted.`);
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
  const { reportId, recipient, attempts, owedSince } = delivery;
  return { id, reportId, recipient, attempts, owedSince, mail };
}

/** An attempt's outcome, and whether it was the last. */
export interface Conclusion {
  outcome: SendOutcome;
  now: Date;
  /** Whether it is not tried again, even if it is still owed. */
  isLast: boolean;
}

/**
 * Records what became of an attempt. What was certainly not taken by the last one ends as `failed`; what may have been
 * taken stays `unknown`.
 *
 * An attempt that the queue gave up for dead may find that another took over: that one's outcome counts, except that
 * what was sent by either is sent.
 */
export async function recordOutcome(
  db: Database,
  delivery: Pick<BegunDelivery, 'id' | 'attempts'>,
  { outcome, now, isLast }: Conclusion,
): Promise<void> {
  const states = {
    sent: 'sent',
    refused: 'failed',
    retry: isLast ? 'failed' : 'pending',
    unknown: 'unknown',
  } as const;
  await db
    .update(deliveries)
    .set({
      state: states[outcome.outcome],
      sentAt: outcome.outcome === 'sent' ? now : null,
      lastError:
        outcome.outcome === 'sent'
          ? null
          : outcome.error + (isLast && outcome.outcome !== 'refused' ? '; given up after three days' : ''),
    })
    .where(
      and(
        eq(deliveries.id, delivery.id),
        ne(deliveries.state, 'sent'),
        outcome.outcome === 'sent' ? undefined : eq(deliveries.attempts, delivery.attempts),
      ),
    );
}
