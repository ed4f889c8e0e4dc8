import { type Change } from './change.ts';
import { type Gap } from './gap.ts';
import { type Membership } from './membership.ts';
import { type RunSource, type RunState, type RunTrigger } from './run.ts';

/** What an audit is about; what is left out narrows nothing. */
export interface AuditScope {
  /** Changes first seen, and runs begun, at this instant or later. */
  since?: Date;
  /** As if nothing had been seen at this instant or later. */
  until?: Date;
  principal?: string;
}

/** The history of a scope, all of it as of one instant. */
export interface AuditedHistory {
  /** By name; the retired ones too. */
  principals: readonly AuditedPrincipal[];
  /** By principal and organization id, each membership's in the order of time. */
  intervals: readonly Interval[];
  /** Those of the period, oldest first. */
  changes: readonly Change[];
  /** Every change that gained or lost Super Administrator up to the end of the period, oldest first. */
  superAdministratorChanges: readonly Change[];
  /** What is known of invitations: the newest of each principal and organization. */
  invitations: readonly SentInvitation[];
  /** Those begun in the period, in the order of their ids. */
  runs: readonly AuditedRun[];
  /** Where the source changed, up to the end of the period, oldest first. */
  seams: readonly Seam[];
  /** What was not observed in the period, by when it began; one that the end of the period cuts lasts. */
  gaps: readonly Gap[];
}

/** Whom an audit is of, and up to which run. */
export interface AuditedPrincipal {
  principal: string;
  cloudflareUserId: string | null;
  retiredAt: Date | null;
  /** The end of its first complete run; `null` when there has been none. */
  observedSince: Date | null;
  /** The newest complete run, whose chain covers all before it; `null` when there has been none. */
  newest: { runId: number; finishedAt: Date; chain: string } | null;
}

/** A complete run that was read from another source than the one before: what was first known then is no change. */
export interface Seam {
  principal: string;
  runId: number;
  at: Date;
  source: RunSource;
}

/** A stretch in which a membership was seen without a change. */
export interface Interval extends Membership {
  principal: string;
  firstRunId: number;
  endedRunId: number | null;
  from: Date;
  /** `null` while it is open. */
  to: Date | null;
}

/** Who sent an invitation, when, and until when it holds; `null` where Cloudflare did not let one read it. */
export interface SentInvitation {
  principal: string;
  organizationId: string;
  invitedBy: string | null;
  invitedOn: Date | null;
  expiresOn: Date | null;
}

/** A run as an audit tells it. */
export interface AuditedRun {
  id: number;
  principal: string;
  state: RunState;
  trigger: RunTrigger;
  source: RunSource;
  slot: Date | null;
  startedAt: Date;
  finishedAt: Date | null;
  /** Memberships that it saw; `null` where it saw no snapshot. */
  organizations: number | null;
  changes: number | null;
  error: string | null;
  conclusion: string | null;
  chain: string | null;
}
