import { z } from 'zod';
import { type Context } from '../src/context.ts';
import { type Attempt, attemptDelivery } from '../src/deliver/deliver.ts';
import { type Drain } from '../src/queue/queue.ts';
import { type Job } from './job.ts';

const payload = z.object({ deliveryId: z.int() });

/** Sends what is owed, as it comes into the queue and each time its backoff is over. */
export const deliverJob: Job = {
  name: 'deliver',
  work: {
    queue: 'deliver',
    atOnce: 2,
    async handle(context, data) {
      const attempt = await deliver(context, data);
      if (attempt !== null) logAttempt(context, attempt);
      return attempt?.isOwedStill === true ? 'later' : 'done';
    },
  },
};

/** Sends every delivery that is owed, each once, without waiting for its backoff, and tells of each attempt. */
export function deliverAll(context: Context): Promise<Attempt[]> {
  return deliverEach(context, (handle, signal) => context.queue.drain('deliver', handle, signal));
}

/** Sends the deliveries that `drain` hands out, as far as they are owed, and tells of each attempt. */
export async function deliverEach(context: Context, drain: Drain): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  const handle = async (data: unknown) => {
    const attempt = await deliver(context, data);
    if (attempt !== null) attempts.push(attempt);
    return attempt?.isOwedStill === true ? ('later' as const) : ('done' as const);
  };
  await drain(handle, context.signal);
  return attempts;
}

function deliver({ db, mailer, config, now }: Context, data: unknown): Promise<Attempt | null> {
  const { deliveryId } = payload.parse(data);
  return attemptDelivery({ db, mailer, mailFrom: config.mailFrom, now }, deliveryId);
}

/** One line for each mail: sent, or why not. */
function logAttempt({ log }: Context, attempt: Attempt): void {
  const { deliveryId, recipient, subject, outcome, isOwedStill } = attempt;
  const about = { delivery: deliveryId, recipient, subject };
  if (outcome.outcome === 'sent') {
    log.info({ ...about, response: outcome.response }, 'report sent');
    return;
  }
  const { error } = outcome;
  const message = isOwedStill ? 'report not sent, to be tried again' : 'report not sent, and given up';
  log.warn({ ...about, outcome: outcome.outcome, error }, message);
}
