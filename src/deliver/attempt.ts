import { and, eq, inArray, ne, sql } from 'drizzle-orm';
import { type Database } from '../database/database.ts';
import { deliveries, principals, reports } from '../database/schema.ts';
import { mailedCsv } from '../domain/csv-file.ts';
import { type Carrier } from '../domain/report.ts';
import { visible } from '../domain/visible.ts';
import { isImportant } from './importance.ts';
import { type Mail, type Mailer, type SendOutcome } from './mailer.ts';
import { threadingOf } from './message-id.ts';
import { tryAgainForMs } from './owe.ts';
import { type Way, wayOf } from './way.ts';
import { type WebhookCall, type Webhooks } from './webhook/webhooks.ts';
import { sendAsItFits, withoutUnwantedFile } from './without-file.ts';

/** The ledger, what sends, and what to send by: the sender, how a mail writes a command, and the clock. */
export interface DeliverOptions {
  db: Database;
  mailer: Mailer;
  webhooks: Webhooks;
  mailFrom: string;
  /** What is typed in place of `rollcall`. */
  command: string;
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
  carrier: Carrier;
  /**
   * The way by which nothing else would do better just now, as its server is away, or lets nobody in; `null` where others
   * may.
   */
  awayWay: Way | null;
}

/**
 * Attempts one delivery, and records what became of it; `null` when it is not owed any more. Ends within its carrier's
 * deadline, or twice that where a mail has to go without its file.
 */
export async function attemptDelivery(options: DeliverOptions, deliveryId: number): Promise<Attempt | null> {
  const { db, mailFrom, now } = options;
  const delivery = await beginAttempt(db, deliveryId, mailFrom);
  if (delivery === null) return null;
  const outcome = asTold(await send(options, delivery));
  const isLast = planLast(delivery, outcome, now());
  await recordOutcome(db, delivery, { outcome, now: now(), isLast });
  const { reportId, recipient, carrier, mail } = delivery;
  const isAway = 'isServerAway' in outcome && outcome.isServerAway;
  const awayWay = isAway ? wayOf(delivery) : null;
  return {
    deliveryId,
    reportId,
    recipient,
    subject: mail.subject,
    outcome,
    isOwedStill: !isLast,
    carrier,
    awayWay,
  };
}

function send({ mailer, webhooks, command }: DeliverOptions, delivery: BegunDelivery): Promise<SendOutcome> {
  const { carrier, call, mail, reportId, withFile } = delivery;
  if (carrier === 'webhook') return webhooks.send(call);
  const printing = `${command} reports show ${reportId} --csv`;
  return sendAsItFits(mailer, withFile ? mail : withoutUnwantedFile(mail, printing), printing);
}

/** Characters of what a server or a disk said. */
const longestWords = 1_000;

/** An outcome as it can be stored and printed, whatever a server said. */
function asTold(outcome: SendOutcome): SendOutcome {
  return outcome.outcome === 'sent'
    ? { ...outcome, response: visible(outcome.response, longestWords) }
    : { ...outcome, error: visible(outcome.error, longestWords) };
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

/** A delivery that is being attempted. */
export interface BegunDelivery {
  id: number;
  reportId: number;
  recipient: string;
  /** This one included. */
  attempts: number;
  owedSince: Date;
  /** Whether it is to have its file with it. */
  withFile: boolean;
  carrier: Carrier;
  /** What goes by mail. */
  mail: Mail;
  /** What goes by webhook. */
  call: WebhookCall;
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
    ...threadingOf(delivery.messageId),
    kind: report.kind,
    principal,
    runId: report.runId,
    isImportant: isImportant(report),
    subject: report.subject,
    text: report.text,
    html: report.html,
    attachment:
      report.csv === null || report.csvFilename === null
        ? null
        : { filename: report.csvFilename, csv: mailedCsv(report.csv, report.csvSha256) },
    date: report.createdAt,
  };
  const { reportId, recipient, attempts, owedSince, withFile, carrier } = delivery;
  const call = { to: recipient, id: delivery.messageId, json: report.json };
  return { id, reportId, recipient, attempts, owedSince, withFile, carrier, mail, call };
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
      lastError: describeOutcome(outcome, isLast),
    })
    .where(
      and(
        eq(deliveries.id, delivery.id),
        ne(deliveries.state, 'sent'),
        outcome.outcome === 'sent' ? undefined : eq(deliveries.attempts, delivery.attempts),
      ),
    );
}

function describeOutcome(outcome: SendOutcome, isLast: boolean): string | null {
  if (outcome.outcome === 'sent') {
    return outcome.withoutFile === undefined
      ? null
      : visible(`sent without its file: ${outcome.withoutFile}`, longestWords);
  }
  return outcome.error + (isLast && outcome.outcome !== 'refused' ? '; given up after three days' : '');
}
