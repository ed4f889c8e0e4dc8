/** Why a run was started: its slot came, its slot was missed and is caught up, or by hand. */
export type RunTrigger = 'schedule' | 'catch_up' | 'manual';

/** `running` ends as any of the others; `held` ends as `complete` (approved) or `rejected`. */
export const runStates = [
  'running',
  'complete',
  'incomplete',
  'failed',
  'timed_out',
  'held',
  'rejected',
] as const;
export type RunState = (typeof runStates)[number];

/** A run that is ours to do. */
export interface ClaimedRun {
  id: number;
  principalId: number;
  principal: string;
  startedAt: Date;
}

/** What a run took; kept with it, however it ended. */
export interface Evidence {
  requests: number;
  retries: number;
  listings: number;
  pages: number;
}
