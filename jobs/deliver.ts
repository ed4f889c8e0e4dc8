import { type Context } from '../src/context.ts';
import { type Attempt, deliverOwed } from '../src/deliver/deliver.ts';
import { type Job } from './job.ts';

/** At start and every minute: sends what is owed and has waited out its backoff. */
export const deliverJob: Job = {
  name: 'deliver',
  schedule: () => ({ expression: '* * * * *', timezone: 'UTC' }),
  atStart: true,
  async run(context) {
    logAttempts(context, await deliverOwed({ ...context, mailFrom: context.config.mailFrom }));
  },
};

/** One line for each mail: sent, or why not. */
export function logAttempts({ log }: Context, attempts: readonly Attempt[]): void {
  for (const { deliveryId, recipient, subject, outcome } of attempts) {
    const about = { delivery: deliveryId, recipient, subject };
    if (outcome.outcome === 'sent') log.info({ ...about, response: outcome.response }, 'report sent');
    else log.warn({ ...about, outcome: outcome.outcome, error: outcome.error }, 'report not sent');
  }
}
