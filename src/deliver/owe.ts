import { and, eq, gt, inArray, or } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { deliveries, reports } from '../database/schema.ts';
import { sealRows } from '../database/seals.ts';
import { storedCsv } from '../domain/csv-file.ts';
import { storableText } from '../domain/membership.ts';
import { type OwedReport } from '../domain/report.ts';
import { type Queue } from '../queue/queue.ts';
import { createMessageId } from './message-id.ts';
import { findThread } from './thread.ts';
import { type Way, wayOf } from './way.ts';
import { createWebhookId } from './webhook/webhook-id.ts';

/** What owing a report takes besides the report. */
export interface Owing {
  queue: Pick<Queue, 'enqueue'>;
  mailFrom: string;
}

/** Stores a report and a delivery owed to each recipient. Call it within the transaction that stores its run. */
export async function oweReport(tx: Database, report: OwedReport, { queue, mailFrom }: Owing): Promise<void> {
  const { recipients, csv, standsAlone: _standsAlone, ...told } = report;
  const thread = await findThread(tx, report);
  const [stored] = await tx
    .insert(reports)
    .values({
      ...told,
      subject: storableText(told.subject),
      text: storableText(told.text),
      html: storableText(told.html),
      csv: csv === null ? null : storedCsv(csv.content),
      csvSha256: csv?.sha256 ?? null,
      csvFilename: csv?.filename ?? null,
      json: told.json === null ? null : storableText(told.json),
    })
    .returning({ id: reports.id });
  if (stored === undefined) throw new Error('A report vanished while it was stored.');
  await sealRows(tx, 'reports', [stored.id]);
  const owed = await tx
    .insert(deliveries)
    .values(
      recipients.map(({ name, carrier, withFile }) => ({
        reportId: stored.id,
        recipient: name,
        carrier,
        withFile,
        messageId: carrier === 'webhook' ? createWebhookId() : createMessageId(mailFrom, thread),
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
  await enqueueDeliveries(db, queue, owed);
  return owed.length;
}

/** A delivery that is to be sent yet. */
export interface OwedDelivery {
  id: number;
  way: Way;
}

/** The deliveries that are owed and not given up, be they in somebody's hands or not. */
export async function listOwed(db: Database, now: Date): Promise<OwedDelivery[]> {
  const givenUpBefore = new Date(now.getTime() - tryAgainForMs);
  const owed = await db
    .select({ id: deliveries.id, carrier: deliveries.carrier, recipient: deliveries.recipient })
    .from(deliveries)
    .where(
      and(
        inArray(deliveries.state, ['pending', 'unknown']),
        or(gt(deliveries.owedSince, givenUpBefore), eq(deliveries.attempts, 0)),
      ),
    );
  return owed.map(({ id, ...delivery }) => ({ id, way: wayOf(delivery) }));
}

/** Owes deliveries again that were refused, given up or sent already; each keeps its Message-ID or webhook-id. */
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
