import { type RunState } from './run.ts';

/** As much of a run as tells whether and when it observed. */
export interface ObservingRun {
  id: number;
  state: RunState;
  startedAt: Date;
  finishedAt: Date | null;
  error: string | null;
}

/** A stretch in which a principal's roll should have been seen, and was not. */
export interface Gap<Run extends ObservingRun = ObservingRun> {
  /** The end of the complete run before it. */
  from: Date;
  /** The start of the complete run after it; `null` while there is none. */
  to: Date | null;
  /** Runs in it, which all ended without a snapshot; none where none was begun. */
  runs: readonly Run[];
}

/** By how much more than the usual distance from one complete run to the next makes a gap by itself. */
const unusual = 1.5;

/**
 * The gaps of one principal, of its runs in the order of their ids: where runs between two complete ones ended without a
 * snapshot, or where the distance between two complete ones is more than one and a half times the usual one (the median),
 * as it is when a night is missing. The last one is open where the newest complete run is as long ago at `end`. What was
 * before the first complete run is no gap: nobody looked.
 */
export function findGaps<Run extends ObservingRun>(runs: readonly Run[], end: Date): Gap<Run>[] {
  const complete = runs.filter(({ state }) => state === 'complete');
  const distances = complete.slice(1).map((run, index) => distanceMs(complete[index], run.startedAt));
  const longest = unusual * medianOf(distances);
  return complete.flatMap((before, index) => {
    const after = complete[index + 1];
    const short = runs.filter(
      ({ id, state }) => id > before.id && id < (after?.id ?? Infinity) && state !== 'running',
    );
    const isLong = distanceMs(before, after?.startedAt ?? end) > longest;
    if (before.finishedAt === null || (short.length === 0 && !isLong)) return [];
    return [{ from: before.finishedAt, to: after?.startedAt ?? null, runs: short }];
  });
}

function distanceMs(before: ObservingRun | undefined, after: Date): number {
  return before === undefined ? 0 : after.getTime() - before.startedAt.getTime();
}

/** Infinite where there is nothing to take it of: then nothing is unusual. */
function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Infinity;
}
