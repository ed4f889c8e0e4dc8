import { type RunState } from './run.ts';

/** A run that ended without a snapshot that counts. */
export interface ShortRun {
  id: number;
  state: RunState;
  /** Started by hand, and so for no slot. */
  isByHand: boolean;
}

/** What lies between two complete runs of a principal in a row, or between its newest one and now. */
export interface Stretch {
  /** When the first of the two ended. */
  from: Date;
  /** When the second one ended; `null` where there is none yet. */
  to: Date | null;
  /** Whether the complete runs, both where there are two, took their slots. */
  isScheduled: boolean;
  /** Runs between them, without those whose process died: another took their place, or nobody did. */
  shortRuns: readonly ShortRun[];
  /** Milliseconds between two complete runs at that time, in the median; `null` where there were no others. */
  usualMs: number | null;
}

const dayMs = 24 * 3_600_000;

/** How many times further apart than usual two complete runs are for a night to be missing between them. */
const farTimes = 1.5;

/** Milliseconds up to which two complete runs are near each other, whatever is usual. */
export const nearMs = farTimes * dayMs;

/**
 * Whether a stretch is a gap, in which nobody observed the principal though somebody was to: a run in it ended short, or it
 * is more than one and a half times as long as is usual, which is a day at least. An attempt by hand that failed between two
 * nights of the schedule makes none.
 */
export function isGap({ from, to, isScheduled, shortRuns, usualMs }: Stretch, now: Date): boolean {
  if (shortRuns.some(({ isByHand }) => !(isScheduled && isByHand))) return true;
  const longMs = (to ?? now).getTime() - from.getTime();
  return longMs > farTimes * Math.max(usualMs ?? 0, dayMs);
}

/** A stretch in which a principal was not observed. */
export interface Gap {
  principal: string;
  from: Date;
  /** `null` where it lasts. */
  to: Date | null;
  /** The complete run that ended it; `null` where it lasts. */
  endedRunId: number | null;
  shortRuns: readonly ShortRun[];
  /** Since when nobody is to observe it, where the gap lasts for that. */
  retiredAt: Date | null;
}
