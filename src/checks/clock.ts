import { clockToleranceMs, nameSpan } from '../domain/clock-ahead.ts';
import { type Check, ok, warn } from './check.ts';
import { type Server } from './server.ts';

const subject = { check: 'clock' } as const;

/** Whether this machine and its database agree on what time it is. */
export function judgeClock({ nowMs }: Pick<Server, 'nowMs'>, now: Date): Check {
  const aheadMs = now.getTime() - nowMs;
  if (Math.abs(aheadMs) <= clockToleranceMs) return ok(subject, "agrees with the database's");
  const way = aheadMs > 0 ? 'ahead of' : 'behind';
  return warn(
    subject,
    `this machine's is ${nameSpan(aheadMs)} ${way} the database's, by which runs are timed then`,
    'Set it right, and see that both keep time (NTP).',
  );
}
