import { type ErrorCode } from '../domain/errors.ts';
import { type Membership } from '../domain/membership.ts';
import { type RunSource } from '../domain/run.ts';
import { type SourceChange } from '../domain/source-change.ts';
import { type Scope } from './scope.ts';
import { type Night } from '../domain/nights.ts';

/** What a report says of the run that it is about: one that saw a snapshot, believed or held. */
export interface ReportedRun {
  runId: number;
  principal: string;
  /** The run of the baseline; `null` when this run is the principal's first. */
  baselineRunId: number | null;
  finishedAt: Date;
  /** From the last complete run before this one to this one; `null` at the principal's first. */
  window: { notBefore: Date; notAfter: Date } | null;
  /** Memberships of the snapshot with status `member`. */
  members: number;
  invited: number;
  /** Memberships with any other status, or none. */
  other: number;
  /** The head of the hash chain, in hex: after this run, or of the baseline while the run is held. */
  chain: string;
  /** In words: what the snapshot rests on. */
  conclusion: string;
  /** Whether Cloudflare said that the user is the same as before. */
  identityChecked: boolean;
  /** Runs between the baseline and this one that stored nothing: the window is wider for them. */
  missedRuns: number;
  /** When the baseline ended, where that is after this run began: by a clock that was ahead; else `null`. */
  aheadUntil: Date | null;
  /** Held runs that this one made pointless. */
  releasedRunIds: readonly number[];
  /** That it was read from another source than its baseline; `null` where it was not, or its reader is not to hear of it. */
  sourceChange: SourceChangeTold | null;
  /** The last nights of its principal, this one the last. Default: none, which tells of none. */
  nights?: readonly Night[];
}

/** A change of source, and what a reader has to know who looks for Super Administrators. */
export interface SourceChangeTold extends SourceChange {
  /** Where Super Administrator is held by a policy alone: as one of the two sources tells it, and the other does not. */
  heldByPolicy: readonly Pick<Membership, 'organizationId' | 'organizationName'>[];
}

/** What a report says of a run that is held. */
export interface HeldRunTold extends ReportedRun {
  reason: string;
  /** Whether it is held since its ids may be others than those of its baseline's source. Default: it is not. */
  mayHaveOtherIds?: boolean;
  /** The first of the runs in a row that were held for the same suspects: its number decides all of them. */
  firstRunId: number;
  /** What the suspects were narrowed to; everything when left out. */
  scope?: Scope | undefined;
}

/** A complete run that a report refers to. */
export interface CompleteRun {
  runId: number;
  finishedAt: Date;
  chain: string;
}

/** What a report says of a run that ended without a snapshot. */
export interface FailedRun {
  runId: number;
  principal: string;
  /** Which endpoint its listing was to be read from. */
  source: RunSource;
  state: 'incomplete' | 'failed' | 'timed_out';
  error: string;
  /** What kind of error it was; `null` for one that is not ours. */
  code: ErrorCode | null;
  /** Requests that it made. */
  requests: number;
  finishedAt: Date;
  /** The newest complete run; `null` when there has been none. */
  lastComplete: CompleteRun | null;
  /** The last nights of its principal, this one the last. Default: none, which tells of none. */
  nights?: readonly Night[];
}
