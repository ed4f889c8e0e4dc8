import * as z from 'zod';
import { type Context } from '../context.ts';
import { type Attempt, attemptDelivery } from '../deliver/attempt.ts';
import { type Drain } from '../queue/queue.ts';

const payload = z.object({ deliveryId: z.int() });

/** Attempts the delivery that a job of the queue names; `null` when it is not owed any more. */
export function deliverQueued({ db, mailer, config, now }: Context, data: unknown): Promise<Attempt | null> {
  const { deliveryId } = payload.parse(data);
  const { mailFrom, command } = config;
  return attemptDelivery({ db, mailer, mailFrom, command, now }, deliveryId);
}

/**
 * Sends every delivery that is owed, each once, without waiting for its backoff, and tells of each attempt. Ends with the
 * first for which there is no mail server: the others would meet the same, one after the other.
 */
export function deliverAll(context: Context): Promise<Attempt[]> {
  return deliverEach(context, (handle, signal) => context.queue.drain('deliver', handle, signal));
}

/** Sends the deliveries that `drain` hands out, as far as they are owed, and tells of each attempt; ends as `deliverAll` does. */
export async function deliverEach(context: Context, drain: Drain): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  const round = new AbortController();
  const handle = async (data: unknown) => {
    const attempt = await deliverQueued(context, data);
    if (attempt !== null) attempts.push(attempt);
    if (attempt?.endsRound === true) round.abort();
    return attempt?.isOwedStill === true ? ('later' as const) : ('done' as const);
  };
  await drain(handle, AbortSignal.any([context.signal, round.signal]));
  return attempts;
}

/** Whether a round ended because there was no mail server to talk to: what it did not attempt is still owed. */
export function hasEndedEarly(attempts: readonly Attempt[]): boolean {
  return attempts.some(({ endsRound }) => endsRound);
}
