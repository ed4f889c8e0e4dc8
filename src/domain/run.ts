/** Why a run was started: its slot came, its slot was missed and is caught up, or by hand. */
export const runTriggers = ['schedule', 'catch_up', 'manual'] as const;

/** Why a run was started, as `runs.trigger` says it. */
export type RunTrigger = (typeof runTriggers)[number];

/** The endpoint that a listing is read from: `/user/organizations` or `/memberships`. */
export const runSources = ['organizations', 'memberships'] as const;

/** Which endpoint a listing is read from, as `runs.source` says it. */
export type RunSource = (typeof runSources)[number];

/** Which endpoint is read where nothing else is said. */
export const defaultSource: RunSource = 'organizations';

/** Where each endpoint is, below the base URL. */
export const sourcePaths: Readonly<Record<RunSource, string>> = {
  organizations: '/user/organizations',
  memberships: '/memberships',
};

/** The one of the two that this is not. */
export function otherSource(source: RunSource): RunSource {
  return source === 'organizations' ? 'memberships' : 'organizations';
}

/** `running` ends as any of the others; `held` ends as `complete` (approved), `rejected` or `superseded`. */
export const runStates = [
  'running',
  'complete',
  'incomplete',
  'failed',
  'timed_out',
  'held',
  'rejected',
  'superseded',
] as const;

/** How a run stands, as `runs.state` says it. */
export type RunState = (typeof runStates)[number];

/** How a run in each state stands, for people: `run 7 is held`. */
export const runStanding: Readonly<Record<RunState, string>> = {
  running: 'is running',
  complete: 'is complete',
  incomplete: 'is incomplete',
  failed: 'failed',
  timed_out: 'timed out',
  held: 'is held',
  rejected: 'was rejected',
  superseded: 'was superseded',
};

/** A run that is ours to do. */
export interface ClaimedRun {
  id: number;
  principalId: number;
  principal: string;
  trigger: RunTrigger;
  /** Which endpoint its listing is read from. */
  source: RunSource;
  /** The instant at which it was due; `null` when started by hand. */
  slot: Date | null;
  startedAt: Date;
}

/** Twice what a run may take. */
const longestRunMs = 3_600_000;

/**
 * Milliseconds that a run took; `null` while it is under way. Where an earlier run ended in a time that is still to come,
 * this one was given an end after that: then its last sign of life will do, which the database's clock tells.
 */
export function durationOf(run: {
  startedAt: Date;
  finishedAt: Date | null;
  heartbeatAt: Date;
}): number | null {
  const { startedAt, finishedAt, heartbeatAt } = run;
  if (finishedAt === null) return null;
  const aliveMs = heartbeatAt.getTime() - startedAt.getTime();
  const tookMs = finishedAt.getTime() - startedAt.getTime();
  return aliveMs >= 0 && tookMs - aliveMs > longestRunMs ? aliveMs : tookMs;
}

/** What a run took; kept with it, however it ended. */
export interface Evidence {
  requests: number;
  retries: number;
  /** Readings of the listing that were begun. */
  listings: number;
  /** Pages of the complete ones among them. */
  pages: number;
  proof: readonly ListingProof[];
}

/** One reading of the listing: what proves it complete, or what did not add up. */
export interface ListingProof {
  pages: number | null;
  perPage: number | null;
  /** `null` when no page said how many there are. */
  totalCount: number | null;
  /** Distinct organization ids. */
  organizations: number | null;
  /** `null` for a complete one. */
  problem: string | null;
}
