import { type ReportedRun } from './told.ts';
import { formatMinute } from './time.ts';

/** What a reader has to know of a run besides its changes: nothing, on most nights. */
export function remarksOn(
  { identityChecked, missedRuns, aheadUntil, releasedRunIds }: ReportedRun,
  timezone: string,
): string[] {
  return [
    ...(identityChecked
      ? []
      : [
          'Identity was not checked: the credentials may not read GET /user, so Cloudflare did not say which user answered.',
        ]),
    ...(missedRuns === 0
      ? []
      : [
          missedRuns === 1
            ? 'One run in between did not complete, so the window is wider than usual.'
            : `${missedRuns} runs in between did not complete, so the window is wider than usual.`,
        ]),
    ...(aheadUntil === null ? [] : [describeClockAhead(aheadUntil, timezone)]),
    ...releasedRunIds.map(
      (id) =>
        `Run ${id} was held for losing too much. This one is within the thresholds: the hold is released.`,
    ),
  ];
}

/** Of a time that is still to come. */
export const clockWasAhead =
  'That time is still to come: the clock of the machine was ahead when it was noted. See that every machine that runs rollcall keeps time (NTP).';

/** What a past that is still to come does to history, which only runs forward. */
export function describeClockAhead(until: Date, timezone: string): string {
  return `An earlier run ended at ${formatMinute(until, timezone)} (${timezone}) by a clock that was ahead. Until then runs and changes are stored with that time or a later one, so their times and windows are wrong. See that every machine that runs rollcall keeps time (NTP).`;
}
