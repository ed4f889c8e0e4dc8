import { type Context } from '../src/context.ts';
import { type Attempt } from '../src/deliver/attempt.ts';
import { listOwed } from '../src/deliver/owe.ts';
import { mailWay, type Way } from '../src/deliver/way.ts';
import { deliverQueued } from '../src/pipeline/deliver.ts';
import { type Job } from './job.ts';

/** Sends what is owed, as it comes into the queue and each time its backoff is over. */
export const deliverJob: Job = {
  name: 'deliver',
  work: {
    queue: 'deliver',
    atOnce: 2,
    async handle(context, data) {
      const attempt = await deliverQueued(context, data);
      if (attempt !== null) logAttempt(context, attempt);
      if (attempt?.awayWay != null) await putOffTheOthers(context, attempt.awayWay);
      return attempt?.isOwedStill === true ? 'later' : 'done';
    },
  },
};

/** As long as the first backoff: then one of them finds out whether the server is back. */
const putOffSeconds = 60;

/** Where there is no server to talk to, no other worker need find out by each delivery that waits to go there. */
async function putOffTheOthers({ db, queue, log, now }: Context, away: Way): Promise<void> {
  const others = (await listOwed(db, now())).filter(({ way }) => way === away);
  const keys = others.map(({ id }) => String(id));
  const deliveries = await queue.putOff('deliver', keys, putOffSeconds);
  const server = away === mailWay ? 'mail server' : away;
  if (deliveries > 0)
    log.warn({ server, deliveries, seconds: putOffSeconds }, 'server away, deliveries put off');
}

/** One line for each mail: sent, or why not. */
function logAttempt({ log }: Context, attempt: Attempt): void {
  const { deliveryId, recipient, subject, outcome, isOwedStill } = attempt;
  const about = { delivery: deliveryId, recipient, subject };
  if (outcome.outcome === 'sent') {
    const { response, withoutFile } = outcome;
    log.info({ ...about, response, ...(withoutFile !== undefined && { withoutFile }) }, 'report sent');
    return;
  }
  const { error } = outcome;
  const message = isOwedStill ? 'report not sent, to be tried again' : 'report not sent, and given up';
  log.warn({ ...about, outcome: outcome.outcome, error }, message);
}
