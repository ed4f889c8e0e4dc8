import { type Change } from './change.ts';

/**
 * What a night came to: `quiet` is complete without a change, `changes` complete with some, `failed` without a complete run,
 * `held` with one that waited for a decision, or waits, and none complete, `missed` without any run.
 */
export const nightStates = ['quiet', 'changes', 'held', 'failed', 'missed'] as const;

/** What a night came to. */
export type NightState = (typeof nightStates)[number];

/** What became of one slot of a principal: of its own run, or of those by hand before the next slot. */
export interface Night {
  due: Date;
  /** `null` where there is nothing to tell: the principal was first heard of later, or its run is under way. */
  state: NightState | null;
  /** The memberships that its complete run saw; `null` where none did, for what nobody saw may be another by then. */
  roll: number | null;
}

/** How many nights are told of one by one. */
export const nightsTold = 30;

/** Equal changes, counted. */
export interface CountedChange extends Pick<
  Change,
  'kind' | 'category' | 'added' | 'removed' | 'offered' | 'superAdministrator'
> {
  count: number;
}

/** Equal changes of one night, counted. */
export interface NightChange extends CountedChange {
  due: Date;
}

/** What a principal's nights came to, and where it stands now. */
export interface PrincipalNights {
  principal: string;
  /** Nights of the period with a complete run: the slot's own, or one by hand before the next slot. */
  complete: number;
  /** Nights of the period with a run that was held, and none complete. */
  held: number;
  /** Nights of the period with runs, none of them complete or held. */
  failed: number;
  /** Nights of the period without any run since the principal was first heard of. */
  missed: number;
  /** Those of the period. */
  changes: readonly CountedChange[];
  /** The last ones up to the end of the period, be they in it or not, oldest first. */
  nights: readonly Night[];
  /** The changes of {@link nights}. */
  nightChanges: readonly NightChange[];
  /** `null` where the reader is not to hear of it, as the counts below. */
  members: number | null;
  invited: number | null;
  /** Memberships with any other status, or none. */
  other: number | null;
  /** Memberships with the role Super Administrator, in any of its spellings: held, not offered. */
  superAdministrators: number | null;
  /** Since when the oldest invitation is there that still is; `null` where there is none. */
  oldestInvitation: Date | null;
  /** Invitations that are older than a week. */
  oldInvitations: number;
  /** When it was first heard of; `null` where that is still to come, by a clock that was ahead. */
  knownSince: Date | null;
  /** When the newest complete run ended, by a clock that can be believed; `null` before the first. */
  lastComplete: Date | null;
  /** The run that waits for a decision. */
  heldRun: { runId: number; at: Date } | null;
  /** Whether a history that is not the one that was recorded was reported in the period. */
  isMismatched: boolean;
  /** When its newest complete run ended, where that is still to come, by a clock that was ahead; else `null`. */
  aheadUntil: Date | null;
  /** The head of its hash chain; `null` before its first complete run. */
  chain: string | null;
}

/** Deliveries that came to nothing yet, by their carriers. */
export interface UnsentReports {
  mail: number;
  webhook: number;
  /** The states that they are in: as deliveries have them, without `sent`. */
  states: readonly string[];
}

/** What wants attention and is of no principal that is audited: for readers who hear of everything. */
export interface InnerMatters {
  /** Deliveries of the period that were refused or given up, or have been tried for a day. */
  unsent: UnsentReports;
  /** Principals that are current, and that nobody looks at, since they are not configured. */
  forgotten: readonly { principal: string; memberships: number; lastComplete: Date | null }[];
  /** Principals that are configured and of which nobody has heard. */
  unheard: readonly string[];
}
