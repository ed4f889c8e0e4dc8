import { type ScheduleInForce } from '../schedule/in-force.ts';
import { isStale } from '../schedule/stale.ts';
import { liesAhead, nameSpan } from '../domain/clock-ahead.ts';
import { type Check, countOf, ok, type Subject, warn } from './check.ts';
import { type PrincipalHistory } from './history.ts';
import { formatMinute } from './minute.ts';

/** What a principal's runs are judged by: when they are due, and what time it is. */
export interface Occasion {
  schedules: readonly ScheduleInForce[];
  now: Date;
}

/** Whether complete runs of the principal come as they should. */
export function judgeRuns(
  principal: string,
  history: PrincipalHistory | undefined,
  { schedules, now }: Occasion,
): Check {
  const subject = { check: 'runs', principal } as const;
  if (history === undefined) return ok(subject, 'none yet; the first complete one becomes the baseline');
  const { lastComplete, lastCompleteAt, missedRuns, knownSince } = history;
  const since = lastCompleteAt ?? knownSince;
  const last =
    lastComplete === null
      ? `none complete since ${formatMinute(since)} UTC, when the principal was first heard of`
      : `the last complete one is run ${lastComplete.runId}, ended ${formatMinute(lastComplete.finishedAt)} UTC`;
  const newest = lastComplete?.finishedAt ?? knownSince;
  if (liesAhead(newest, now)) return judgeAhead(subject, last, newest.getTime() - now.getTime());
  if (missedRuns > 0) {
    const found = `${last}; ${countOf(missedRuns, 'run')} since then stored nothing`;
    return warn(subject, found, '`rollcall runs` tells why.');
  }
  if (!isStale(since, schedules, now)) return ok(subject, last);
  const hours = Math.floor((now.getTime() - since.getTime()) / 3_600_000);
  const remedy = 'See that a worker is running, or the cron job that starts rollcall.';
  return warn(subject, `${last}, ${hours} hours ago`, remedy);
}

/** What was noted by a clock that was ahead: history runs forward from there. */
function judgeAhead(subject: Subject, last: string, aheadMs: number): Check {
  return warn(
    subject,
    `${last}: that is ${nameSpan(aheadMs)} from now, for a clock was ahead; until then the times of runs and changes are wrong`,
    'See that every machine that runs rollcall keeps time (NTP).',
  );
}

/** A run that waits for a decision; `null` where none does. */
export function judgeHeld(principal: string, history: PrincipalHistory | undefined): Check | null {
  if (history?.held == null) return null;
  const { runId, startedAt, reason } = history.held;
  return warn(
    { check: 'held', principal },
    `run ${runId} of ${formatMinute(startedAt)} UTC waits for a decision: ${reason}`,
    `\`rollcall approve ${runId}\` believes it, \`rollcall reject ${runId}\` drops it.`,
  );
}
