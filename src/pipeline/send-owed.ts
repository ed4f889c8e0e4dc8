import { type Context } from '../context.ts';
import { type Attempt } from '../deliver/attempt.ts';
import { enqueueOwed, listOwed, type OwedDelivery } from '../deliver/owe.ts';
import { awayIn, deliverAll, deliverEach } from './deliver.ts';
import { drainDigest, enqueueMissedDigest } from './digest.ts';
import { pause, pauseMs } from './pause.ts';

/** What became of all that was owed. */
export interface Sending {
  attempts: readonly Attempt[];
  /** Deliveries that are still owed and that this process could not attempt: another has them in hand. */
  inOtherHands: number;
  /** Deliveries that are still owed and that this process did not attempt, for the server that they go to is away. */
  notAttempted: number;
}

/** What to send besides reports, and how long to wait for other processes. */
export interface SendingOptions {
  /** Whether the digest that is due is made too. */
  withDigest: boolean;
  /** How long to wait for what another process has in hand, be it alive or dead. */
  waitSeconds: number;
  /** Told that it waits, for people who do too. */
  onWaiting: (line: string) => void;
}

/** Sends what a worker would: the reports of these runs and of earlier ones, and the digest that is due. */
export async function sendWhatIsOwed(
  context: Context,
  { withDigest, waitSeconds, onWaiting }: SendingOptions,
): Promise<Sending> {
  const { db, queue, signal } = context;
  await queue.takeBackFromTheDead();
  await enqueueOwed(db, queue, context.now());
  if (withDigest) {
    await enqueueMissedDigest(context, context.now());
    await drainDigest(context);
  }
  const attempts = await deliverAll(context);
  for (let waitedMs = 0; ; waitedMs += pauseMs) {
    const away = awayIn(attempts);
    const left = await findNotAttempted(context, attempts);
    const others = left.filter(({ way }) => !away.has(way));
    const isOver = signal.aborted || waitedMs >= waitSeconds * 1000;
    if (others.length === 0 || isOver)
      return { attempts, inOtherHands: others.length, notAttempted: left.length - others.length };
    // Not at once: a worker that is alive is about to be done.
    if (waitedMs === pauseMs) onWaiting(describeWait(others.length, waitSeconds));
    await pause(signal);
    await queue.takeBackFromTheDead();
    attempts.push(...(await deliverThese(context, others)));
  }
}

/** What stands in the way of an exit status of 0, on one line. */
export function describeInOtherHands(count: number): string {
  const are = count === 1 ? '1 delivery is' : `${count} deliveries are`;
  return `${are} still owed, and in the hands of another process, which may have died: the next run, or a worker, sends what it does not. \`rollcall reports\` tells what becomes of it.`;
}

/** What stands in the way of an exit status of 0 besides an attempt that failed, on one line. */
export function describeNotAttempted(count: number): string {
  const are = count === 1 ? '1 other delivery was' : `${count} other deliveries were`;
  return `${are} not attempted, for the server would not have them either. They stay owed: the next run, or the worker, tries again.`;
}

function describeWait(count: number, seconds: number): string {
  const what = count === 1 ? 'a delivery' : `${count} deliveries`;
  return `Another process has ${what} in hand; waiting up to ${seconds} seconds for it…`;
}

async function findNotAttempted({ db, now }: Context, attempts: readonly Attempt[]): Promise<OwedDelivery[]> {
  const attempted = new Set(attempts.map(({ deliveryId }) => deliveryId));
  return (await listOwed(db, now())).filter(({ id }) => !attempted.has(id));
}

/** Those of them that the queue has back; the rest stays where it is. */
async function deliverThese(context: Context, owed: readonly OwedDelivery[]): Promise<Attempt[]> {
  const { db, queue } = context;
  const keys = owed.map(({ id }) => String(id));
  return deliverEach(context, await queue.reserve(db, 'deliver', keys));
}
