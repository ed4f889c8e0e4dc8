import { type Change } from './change.ts';
import { type Gap } from './gap.ts';
import { type Membership } from './membership.ts';
import { type RunSource } from './run.ts';

/** A time in which a membership stayed as it was, by the ends of the runs that saw it so. */
export interface Interval {
  /** `null` while it was absent. */
  membership: Membership | null;
  from: Date;
  /** When it was first seen otherwise; `null` while it is so. */
  to: Date | null;
  firstRunId: number;
  endedRunId: number | null;
  /** Which endpoint its first run was read from; `null` while it was absent. */
  source: RunSource | null;
  /** Whether the complete run before that one was read from another: then what is otherwise may be no change. */
  isOtherSource: boolean;
}

/** One thing that a story tells. */
export type Episode =
  | { event: 'interval'; interval: Interval; isFromTheFirst: boolean }
  | { event: 'change'; change: Change }
  | { event: 'gap'; gap: Gap };

/** The complete run that a principal was first seen by, or seen by last. */
export interface Sighting {
  runId: number;
  at: Date;
}

/** From when on and until when a principal was observed. */
export interface Observed {
  first: Sighting;
  newest: Sighting;
}

/** What is known of one principal and one organization. */
export interface Known {
  observed: Observed;
  /** Oldest first, without the times of absence. */
  intervals: readonly Interval[];
  /** Oldest first. */
  changes: readonly Change[];
  /** Of the principal, oldest first. */
  gaps: readonly Gap[];
}

/**
 * The story of one principal in one organization from the first time that anybody looked, in order of time: how it was, the
 * times of absence among it, each change as it was seen, and when nobody looked.
 */
export function tellStory({ observed, intervals, changes, gaps }: Known): Episode[] {
  const told = [
    ...withAbsences(intervals, observed.first).map((interval) => ({
      at: interval.from,
      place: places.interval,
      episode: {
        event: 'interval' as const,
        interval,
        isFromTheFirst: interval.firstRunId <= observed.first.runId,
      },
    })),
    ...changes.map((change) => ({
      at: change.notAfter,
      place: places.change,
      episode: { event: 'change' as const, change },
    })),
    ...gaps.map((gap) => ({ at: gap.from, place: places.gap, episode: { event: 'gap' as const, gap } })),
  ];
  return told
    .sort((left, right) => left.at.getTime() - right.at.getTime() || left.place - right.place)
    .map(({ episode }) => episode);
}

/** What is told first of what is of one instant: that it changed, how it is since then, and that nobody looked from then on. */
const places = { change: 0, interval: 1, gap: 2 };

/** The intervals, and those between, before and after them in which there was no membership. */
function withAbsences(intervals: readonly Interval[], first: Sighting): Interval[] {
  const absent = (from: Sighting, until: Interval | undefined): Interval => ({
    membership: null,
    from: from.at,
    to: until?.from ?? null,
    firstRunId: from.runId,
    endedRunId: until?.firstRunId ?? null,
    source: null,
    isOtherSource: false,
  });
  const [earliest] = intervals;
  const isLate = earliest === undefined || earliest.firstRunId > first.runId;
  return [
    ...(isLate ? [absent(first, earliest)] : []),
    ...intervals.flatMap((interval, index) => {
      const { to, endedRunId } = interval;
      const next = intervals[index + 1];
      if (to === null || endedRunId === null || next?.firstRunId === endedRunId) return [interval];
      return [interval, absent({ runId: endedRunId, at: to }, next)];
    }),
  ];
}
