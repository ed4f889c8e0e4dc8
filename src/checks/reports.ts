import { type Check, ok, warn } from './check.ts';
import { type OwedMail } from './history.ts';

const subject = { check: 'reports' } as const;

/** Whether every report has reached those it is for. */
export function judgeReports({ owed, undelivered }: OwedMail): Check {
  if (owed + undelivered === 0) return ok(subject, 'none owed');
  const found = [
    ...(owed === 0 ? [] : [`${owed} owed, which the next run or the worker sends`]),
    ...(undelivered === 0 ? [] : [`${undelivered} not delivered in the last 30 days`]),
  ].join('; ');
  return warn(subject, found, '`rollcall reports` lists them, and `rollcall reports show ID` tells why.');
}
